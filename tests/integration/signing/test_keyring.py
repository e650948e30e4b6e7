"""The keys on the disk: made once, private, rotated without a gap."""

import hashlib
import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app.signing.keyring import Keyring
from app.signing.keys import Purpose, public_key_from_json
from app.signing.private_files import KeyringError

START = datetime(2026, 1, 1, tzinfo=UTC)


class SteppingClock:
    """A clock that goes on by a second each time it is read."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at

    def monotonic(self) -> float:
        return (self.at - START).total_seconds()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
def keyring(folder: Path) -> Keyring:
    return Keyring.load_or_create(folder, SteppingClock())


def private_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.pem"))


def test_the_first_start_makes_one_private_key_for_each_purpose(
    keyring: Keyring, folder: Path
) -> None:
    assert [key.purpose for key in keyring.public_keys()] == [Purpose.ENVELOPE, Purpose.CHECKPOINT]
    assert len(private_files(folder)) == 2
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_second_start_uses_the_same_keys(keyring: Keyring, folder: Path) -> None:
    again = Keyring.load_or_create(folder, SteppingClock())
    assert again.public_keys() == keyring.public_keys()
    assert again.sign(Purpose.CHECKPOINT, b"x") == keyring.sign(Purpose.CHECKPOINT, b"x")


def test_processes_that_start_at_once_agree_on_the_keys(folder: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        rings = list(pool.map(lambda _: Keyring.load_or_create(folder, SteppingClock()), range(8)))
    assert len({ring.public_keys() for ring in rings}) == 1


def test_a_signature_names_its_key_and_holds(keyring: Keyring) -> None:
    signature = keyring.sign(Purpose.ENVELOPE, b"data")
    key = keyring.active(Purpose.ENVELOPE)
    assert signature.key_id == key.key_id == hashlib.sha256(key.raw).hexdigest()[:16]
    Ed25519PublicKey.from_public_bytes(key.raw).verify(signature.value, b"data")


def test_rotation_keeps_the_old_public_key_and_destroys_the_private_one(
    keyring: Keyring, folder: Path
) -> None:
    before = keyring.active(Purpose.CHECKPOINT)
    retired, new = keyring.rotate(Purpose.CHECKPOINT)
    assert retired.raw == before.raw
    assert retired.retired_at is not None
    assert keyring.active(Purpose.CHECKPOINT) == new
    assert keyring.public_keys(Purpose.CHECKPOINT) == (retired, new)
    assert len(private_files(folder)) == 2
    assert not any(before.key_id in path.name for path in private_files(folder))


def test_another_process_signs_with_the_new_key_at_once(keyring: Keyring, folder: Path) -> None:
    other = Keyring.load(folder, SteppingClock())
    _, new = keyring.rotate(Purpose.ENVELOPE)
    assert other.sign(Purpose.ENVELOPE, b"x").key_id == new.key_id
    assert other.public_keys() == keyring.public_keys()


def test_a_private_key_left_by_an_interrupted_rotation_is_destroyed(
    keyring: Keyring, folder: Path
) -> None:
    old_path = next(path for path in private_files(folder) if path.name.startswith("checkpoint"))
    old = old_path.read_bytes()
    keyring.rotate(Purpose.CHECKPOINT)
    old_path.write_bytes(old)
    Keyring.load(folder, SteppingClock())
    assert not old_path.exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601])
def test_a_private_key_open_to_others_is_refused(keyring: Keyring, folder: Path, mode: int) -> None:
    assert keyring.public_keys()
    private_files(folder)[0].chmod(mode)
    with pytest.raises(KeyringError, match="readable by others"):
        Keyring.load_or_create(folder, SteppingClock())


def test_a_folder_that_others_may_write_is_refused(keyring: Keyring, folder: Path) -> None:
    assert keyring.public_keys()
    folder.chmod(0o770)
    with pytest.raises(KeyringError, match="others may write"):
        Keyring.load(folder, SteppingClock())


def test_a_lost_private_key_is_named_and_never_replaced_in_silence(
    keyring: Keyring, folder: Path
) -> None:
    assert keyring.public_keys()
    private_files(folder)[0].unlink()
    with pytest.raises(KeyringError, match=private_files(folder)[0].parent.name):
        Keyring.load_or_create(folder, SteppingClock())


def test_a_swapped_private_key_is_refused(keyring: Keyring, folder: Path) -> None:
    assert keyring.public_keys()
    checkpoint, envelope = private_files(folder)
    checkpoint.write_bytes(envelope.read_bytes())
    with pytest.raises(KeyringError, match="does not belong"):
        Keyring.load(folder, SteppingClock())


@pytest.mark.parametrize(
    "damaged", ["", "{}", "[]", '{"keys":[{}]}', '{"keys":[{"key_id":1}]}', '{"keys":3}']
)
def test_a_damaged_manifest_is_refused(keyring: Keyring, folder: Path, damaged: str) -> None:
    assert keyring.public_keys()
    (folder / "keyring.json").write_text(damaged)
    with pytest.raises(KeyringError, match="damaged"):
        Keyring.load_or_create(folder, SteppingClock())


def test_an_empty_folder_has_no_keys_to_load(tmp_path: Path) -> None:
    with pytest.raises(KeyringError, match="no keys here"):
        Keyring.load(tmp_path, SteppingClock())


def test_a_public_key_reads_back_from_its_published_form(keyring: Keyring) -> None:
    keyring.rotate(Purpose.CHECKPOINT)
    for key in keyring.public_keys():
        shown = json.loads(json.dumps(key.as_json()))
        assert set(shown) == {
            "key_id",
            "purpose",
            "algorithm",
            "public_key",
            "created_at",
            "retired_at",
        }
        assert public_key_from_json(shown) == key
