"""Small secrets are sealed under a key beside the signing keys."""

import stat
from pathlib import Path

import pytest

from app.signing.private_files import KeyringError
from app.signing.vault import FILE, SealBroken, Vault


def test_what_is_sealed_is_read_again_by_whoever_has_the_key(tmp_path: Path) -> None:
    sealed = Vault.load_or_create(tmp_path).seal(b"secret", "stf_a")
    assert Vault.load_or_create(tmp_path).unseal(sealed, "stf_a") == b"secret"
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_the_same_secret_is_sealed_differently_each_time(tmp_path: Path) -> None:
    vault = Vault.load_or_create(tmp_path)
    assert vault.seal(b"secret", "stf_a") != vault.seal(b"secret", "stf_a")


def test_a_seal_is_of_one_key_about_one_person_and_unchanged(tmp_path: Path) -> None:
    vault, other = Vault.load_or_create(tmp_path), Vault(bytes(32))
    sealed = vault.seal(b"secret", "stf_a")
    for asked, text, about in (
        (vault, sealed, "stf_b"),
        (other, sealed, "stf_a"),
        (vault, sealed[:-4] + "AAA=", "stf_a"),
        (vault, "", "stf_a"),
        (vault, "x", "stf_a"),
    ):
        with pytest.raises(SealBroken):
            asked.unseal(text, about)


def test_a_key_that_others_may_read_or_that_is_damaged_is_refused(tmp_path: Path) -> None:
    Vault.load_or_create(tmp_path)
    (tmp_path / FILE).chmod(0o640)
    with pytest.raises(KeyringError, match="readable by others"):
        Vault.load_or_create(tmp_path)
    (tmp_path / FILE).chmod(0o600)
    (tmp_path / FILE).write_bytes(b"short")
    with pytest.raises(KeyringError, match="damaged"):
        Vault.load_or_create(tmp_path)
