"""The one-file verifier, attacked: by accident, and by people with and without the key."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from app.audit.chain import EntryText, Frontier, leaf_hash
from app.audit.checkpoint import Checkpoint, note_hash, sign_checkpoint
from app.audit.offline_verifier import (
    LedgerCheck,
    check_file,
    checkpoint_line,
    header_line,
    main,
)
from app.signing.keys import key_id

OURS = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NEXT = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
STRANGER = Ed25519PrivateKey.from_private_bytes(bytes(range(2, 34)))
OUR_KEY = OURS.public_key().public_bytes_raw()
NEXT_KEY = NEXT.public_key().public_bytes_raw()


def entry(number: int, word: str = "ok") -> EntryText:
    return EntryText(
        id=f"aud_{number:026d}",
        at="2026-11-21T02:00:00.000000Z",
        kind="ruling_given",
        actor_kind="staff",
        actor_id="stf_1",
        subject=f"psh_{number}",
        body=f'{{"reason":"{word}"}}',
    )


@dataclass(frozen=True)
class Ledger:
    """Lines of an export, as whoever writes it wants them."""

    lines: tuple[bytes, ...]
    notes: tuple[str, ...]

    def problems(self, *earlier: str, keys: Sequence[bytes] = (OUR_KEY,)) -> list[str]:
        return problems_of(b"".join(self.lines), earlier, keys)


def problems_of(
    data: bytes, earlier: Sequence[str] = (), keys: Sequence[bytes] = (OUR_KEY,), **more: bool
) -> list[str]:
    check = LedgerCheck(keys, holds=holds, **more)
    check_file(iter(data.splitlines(keepends=True)), check)
    check.finish(earlier)
    assert all(problem.zh for problem in check.problems)
    return [problem.en for problem in check.problems]


def holds(raw: bytes, signature: bytes, message: bytes) -> bool:
    """Stand in for the verifier's own arithmetic, which has its own tests and is slower."""
    try:
        Ed25519PublicKey.from_public_bytes(raw).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def ledger(
    batches: Sequence[Sequence[EntryText]],
    signers: Sequence[Ed25519PrivateKey] = (),
    claims: Ed25519PrivateKey | None = None,
) -> Ledger:
    """Write a ledger; `claims` is whose key the checkpoints name, if not the signer's."""
    lines: list[bytes] = []
    notes: list[str] = []
    tree, previous = Frontier(), None
    for number, batch in enumerate(batches):
        signer = signers[number] if signers else OURS
        raw = (claims or signer).public_key().public_bytes_raw()
        for index, one in enumerate(batch, start=tree.size):
            lines.append(entry_line(one, index))
        tree = tree.extended(one.digest() for one in batch)
        at = f"2026-11-21T02:00:0{number}.000000Z"
        checkpoint = Checkpoint("popgate/test", tree.size, tree.root(), previous, at, key_id(raw))
        note = sign_checkpoint(checkpoint, raw, signer.sign)
        lines.append(checkpoint_line(note, tree.nodes))
        notes.append(note)
        previous = note_hash(note)
    return Ledger((header_line(tree.size, len(notes)), *lines), tuple(notes))


def entry_line(one: EntryText, index: int, digest: bytes | None = None) -> bytes:
    stated = (digest or one.digest()).hex().encode()
    return b'{"digest":"%s","entry":%s,"leaf":%d}\n' % (stated, one.canonical(), index)


ENTRIES = [entry(number) for number in range(7)]
BATCHES = [ENTRIES[:3], ENTRIES[3:4], ENTRIES[4:]]
GOOD = ledger(BATCHES)
# Every kind of line in the fewest bytes, for what is tried at every one of them.
SMALL = b"".join(ledger([[entry(0), entry(1)], [entry(2)]]).lines)
# Lines: 0 header, 1-3 entries, 4 checkpoint, 5 entry, 6 checkpoint, 7-9 entries, 10 checkpoint.


def without(*dropped: int) -> Ledger:
    kept = [line for number, line in enumerate(GOOD.lines) if number not in dropped]
    return replace(GOOD, lines=tuple(kept))


def changed(number: int, *lines: bytes) -> Ledger:
    return replace(GOOD, lines=(*GOOD.lines[:number], *lines, *GOOD.lines[number + 1 :]))


def test_an_untouched_ledger_has_no_problem() -> None:
    assert GOOD.problems() == []
    assert GOOD.problems(*GOOD.notes) == []
    assert problems_of(b"".join(GOOD.lines), every=True) == []


@pytest.mark.uncounted
def test_every_single_flipped_bit_is_found() -> None:
    assert problems_of(SMALL) == []
    for position in range(len(SMALL)):
        for bit in range(8):
            flipped = bytearray(SMALL)
            flipped[position] ^= 1 << bit
            assert problems_of(bytes(flipped)), (position, bit)


@pytest.mark.uncounted
def test_every_removed_and_every_doubled_byte_is_found() -> None:
    data = SMALL
    for position in range(len(data)):
        assert problems_of(data[:position] + data[position + 1 :]), position
        assert problems_of(data[: position + 1] + data[position:]), position


@pytest.mark.uncounted
def test_every_cut_through_the_file_is_found() -> None:
    data = SMALL
    for position in range(len(data)):
        assert problems_of(data[:position]), position


@pytest.mark.uncounted
def test_no_space_may_stand_between_anything() -> None:
    data = SMALL
    for space in (b" ", b"\n"):
        for position in range(len(data) + 1):
            assert problems_of(data[:position] + space + data[position:]), position


def test_an_altered_entry_is_named() -> None:
    altered = entry_line(entry(1, "no"), 1, ENTRIES[1].digest())
    assert changed(2, altered).problems() == [f"entry {ENTRIES[1].id} (leaf 1) was altered"]


def test_an_altered_digest_is_named() -> None:
    altered = entry_line(ENTRIES[1], 1, leaf_hash(b"else"))
    assert changed(2, altered).problems() == [
        f"the digest of entry {ENTRIES[1].id} (leaf 1) was altered"
    ]


def test_an_altered_entry_with_a_fitting_digest_is_found_in_its_batch() -> None:
    found = changed(8, entry_line(entry(5, "no"), 5)).problems()
    assert len(found) == 1
    assert "leaves 4-6" in found[0]
    assert ENTRIES[5].id in found[0]


def test_two_changes_at_once_are_both_named() -> None:
    lines = list(GOOD.lines)
    lines[1] = entry_line(entry(0, "no"), 0, ENTRIES[0].digest())
    lines[9] = entry_line(entry(6, "no"), 6, ENTRIES[6].digest())
    found = replace(GOOD, lines=tuple(lines)).problems()
    assert found == [
        f"entry {ENTRIES[0].id} (leaf 0) was altered",
        f"entry {ENTRIES[6].id} (leaf 6) was altered",
    ]


@pytest.mark.parametrize("line", [1, 2, 3, 5, 7, 8, 9])
def test_a_removed_entry_is_found(line: int) -> None:
    assert without(line).problems()
    lower = without(line).lines[1:]
    assert Ledger((header_line(6, 3), *lower), ()).problems()


def test_a_removed_entry_is_named_by_its_place() -> None:
    lower = without(2).lines[1:]
    found = Ledger((header_line(6, 3), *lower), ()).problems()
    assert found == [f"entries were removed or moved: leaf 1 is missing before {ENTRIES[2].id}"]


def test_entries_that_changed_places_are_found_with_and_without_new_numbers() -> None:
    lines = list(GOOD.lines)
    lines[1], lines[2] = lines[2], lines[1]
    moved = replace(GOOD, lines=tuple(lines)).problems()
    assert (
        f"entry {ENTRIES[0].id} was inserted or moved: leaf 0 is repeated or out of order" in moved
    )
    lines[1], lines[2] = entry_line(ENTRIES[1], 0), entry_line(ENTRIES[0], 1)
    assert "leaves 0-2" in replace(GOOD, lines=tuple(lines)).problems()[0]


def test_an_inserted_entry_is_found_with_and_without_new_numbers() -> None:
    head = (header_line(8, 3), *GOOD.lines[1:3])
    forged = entry(99)
    plain = Ledger((*head, entry_line(forged, 2), *GOOD.lines[3:]), ()).problems()
    assert any(ENTRIES[2].id in problem or forged.id in problem for problem in plain)
    renumbered = [entry_line(ENTRIES[2], 3), GOOD.lines[4]]
    assert Ledger((*head, entry_line(forged, 2), *renumbered, *GOOD.lines[5:]), ()).problems()


def test_an_entry_put_behind_the_last_checkpoint_is_found() -> None:
    found = Ledger((header_line(8, 3), *GOOD.lines[1:], entry_line(entry(99), 7)), ()).problems()
    assert found == [f"no checkpoint seals the entries {entry(99).id} to {entry(99).id}"]


@pytest.mark.parametrize("line", [4, 6, 10])
def test_a_removed_checkpoint_is_found(line: int) -> None:
    lower = without(line).lines[1:]
    assert Ledger((header_line(7, 2), *lower), ()).problems()


def test_someone_with_the_database_but_no_key_cannot_write_history_anew() -> None:
    false = [[*ENTRIES[:2], entry(2, "no")], *BATCHES[1:]]
    forged = ledger(false, signers=[STRANGER] * 3, claims=OURS)
    assert forged.problems() == ["the signature of checkpoint 7 is false"]
    assert len(problems_of(b"".join(forged.lines), every=True)) == 3
    own = ledger(false, signers=[STRANGER] * 3)
    assert "which was not given" in own.problems()[0]


def test_old_signatures_do_not_cover_a_new_history() -> None:
    false = ledger([[entry(0, "no"), *ENTRIES[1:3]], *BATCHES[1:]], signers=[STRANGER] * 3)
    # The forger keeps the genuine last checkpoint on top of the forged ones.
    forged = Ledger((*false.lines[:10], GOOD.lines[10]), ())
    assert any("does not follow" in problem for problem in forged.problems())


def test_only_an_earlier_checkpoint_tells_that_a_ledger_was_cut_short() -> None:
    short = ledger(BATCHES[:2])
    assert short.problems() == []
    found = short.problems(GOOD.notes[2])
    assert len(found) == 1
    assert found[0].startswith("the ledger was cut short: an earlier checkpoint has 7 entries")


def test_only_an_earlier_checkpoint_tells_that_the_owner_rewrote_history() -> None:
    rewritten = ledger([[entry(0, "no"), *ENTRIES[1:3]], *BATCHES[1:]])
    assert rewritten.problems() == []
    found = rewritten.problems(GOOD.notes[0])
    assert found == ["history was rewritten: the ledger lacks the earlier checkpoint 3"]


def test_an_earlier_checkpoint_that_is_itself_false_is_not_believed() -> None:
    false = ledger(BATCHES, signers=[STRANGER] * 3, claims=OURS).notes[2]
    assert "checkpoint 7 that was put aside cannot be relied on" in GOOD.problems(false)
    assert GOOD.problems("nonsense\n") == ["a checkpoint that was put aside is damaged"]


def test_a_rotated_key_is_accepted_when_both_are_given() -> None:
    rotated = ledger(BATCHES, signers=[OURS, OURS, NEXT])
    assert rotated.problems(keys=(NEXT_KEY,)) == []
    assert "which was not given" in rotated.problems(keys=(OUR_KEY,))[0]
    data = b"".join(rotated.lines)
    assert problems_of(data, keys=(OUR_KEY, NEXT_KEY), every=True) == []
    assert len(problems_of(data, keys=(NEXT_KEY,), every=True)) == 2


def test_a_wrong_frontier_is_named_and_what_follows_is_still_checked() -> None:
    wrong = changed(4, checkpoint_line(GOOD.notes[0], [leaf_hash(b"a"), leaf_hash(b"b")]))
    assert wrong.problems() == ["the frontier of checkpoint 3 was altered"]


@pytest.mark.parametrize("lines", [(), (header_line(0, 0),), (b"{}\n",)])
def test_an_empty_ledger_proves_nothing(lines: tuple[bytes, ...]) -> None:
    assert "there is no checkpoint: this proves nothing" in Ledger(lines, ()).problems()


HOSTILE = (
    b'{"checkpoint":1,"frontier":[]}\n',
    b'{"checkpoint":"x","frontier":[1]}\n',
    b'{"checkpoint":"x","frontier":["zz"]}\n',
    b'{"checkpoint":"\\ud800","frontier":[]}\n',
    b"[" * 100_000 + b"\n",
    b"\xff\n",
    b"null\n",
    b"\n",
)


@pytest.mark.parametrize("line", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_line_is_reported_and_no_crash(line: bytes) -> None:
    assert changed(4, line).problems()


def test_the_program_says_what_it_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, earlier = tmp_path / "ledger.jsonl", tmp_path / "earlier.log"
    file.write_bytes(b"".join(GOOD.lines))
    earlier.write_text("".join(GOOD.notes))
    words = [str(file), "--key", OUR_KEY.hex(), "--checkpoint", str(earlier)]
    assert main(words) == 0
    assert "7 entries, 3 checkpoints" in capsys.readouterr().out
    file.write_bytes(b"".join(ledger(BATCHES[:2]).lines))
    assert main(words) == 1
    assert "the ledger was cut short" in capsys.readouterr().out


def test_a_key_may_be_given_as_it_is_published(tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    file.write_bytes(b"".join(GOOD.lines))
    published = base64.urlsafe_b64encode(OUR_KEY).decode().rstrip("=")
    assert main([str(file), "--key", published]) == 0
    assert main([str(file), "--key", published[:-2] + "AA"]) == 1


@pytest.mark.parametrize("key", ["", "abc", "zz" * 32, "ab" * 31])
def test_a_key_that_is_none_is_wrong_use(key: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["ledger.jsonl", "--key", key])
    assert caught.value.code == 2
    assert "--key" in capsys.readouterr().err


def test_a_file_without_any_checkpoint_is_wrong_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    with pytest.raises(SystemExit) as caught:
        main([str(empty), "--key", OUR_KEY.hex(), "--checkpoint", str(empty)])
    assert caught.value.code == 2
    assert "no checkpoint in it" in capsys.readouterr().err


def test_a_number_of_thousands_of_digits_is_a_damaged_line() -> None:
    line = GOOD.lines[1].replace(b'"leaf":0', b'"leaf":' + b"9" * 9999)
    assert "line 2 is damaged" in changed(1, line).problems()
