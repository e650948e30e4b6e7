"""The checkpoint text: one form, every byte of which counts."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.audit.chain import leaf_hash
from app.audit.checkpoint import (
    LINES,
    Checkpoint,
    CheckpointError,
    key_hash,
    note_hash,
    parse_note,
    sign_checkpoint,
    split_notes,
)

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
RAW = PRIVATE.public_key().public_bytes_raw()
CHECKPOINT = Checkpoint(
    origin="popgate/ledger",
    size=1042,
    root=leaf_hash(b"root"),
    previous=leaf_hash(b"before"),
    at="2026-11-21T08:00:00.000000Z",
    key_id="0123456789abcdef",
)
NOTE = sign_checkpoint(CHECKPOINT, RAW, PRIVATE.sign)


def test_a_note_reads_back_and_its_signature_holds() -> None:
    note = parse_note(NOTE)
    assert note.checkpoint == CHECKPOINT
    assert note.text() == NOTE
    assert note.key_hash == key_hash("popgate/ledger", RAW)
    PRIVATE.public_key().verify(note.signature, note.checkpoint.text().encode())
    assert NOTE.count("\n") == LINES


def test_the_key_hash_is_that_of_the_go_checksum_database() -> None:
    # sum.golang.org's published verifier key carries its own key hash.
    name, shown = "sum.golang.org", "033de0ae"
    key = "Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
    assert key_hash(name, base64.b64decode(key)[1:]).hex() == shown


def test_every_changed_bit_of_a_note_is_another_note_or_none() -> None:
    data = NOTE.encode()
    for position in range(len(data)):
        for bit in range(8):
            changed = bytearray(data)
            changed[position] ^= 1 << bit
            try:
                note = parse_note(changed.decode())
            except (CheckpointError, UnicodeDecodeError):
                continue
            assert note != parse_note(NOTE)
            assert note_hash(changed.decode()) != note_hash(NOTE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        NOTE + "\n",
        NOTE[:-1],
        "\n" + NOTE,
        NOTE.replace("\n", "\r\n"),
        NOTE.replace("1042", "01042"),
        NOTE.replace("1042", "0"),
        NOTE.replace("1042", "１０４２"),
        NOTE.replace("— popgate/ledger", "— popgate/other"),
    ],
)
def test_a_text_in_any_other_form_is_refused(text: str) -> None:
    with pytest.raises(CheckpointError):
        parse_note(text)


def test_a_file_of_notes_is_cut_without_a_frame() -> None:
    assert split_notes(NOTE * 3) == ([NOTE] * 3, "")
    assert split_notes(NOTE + NOTE[:40]) == ([NOTE], NOTE[:40])
    assert split_notes("") == ([], "")


def test_an_origin_that_would_break_the_form_is_never_signed() -> None:
    broken = Checkpoint("two words", 1, bytes(32), None, CHECKPOINT.at, CHECKPOINT.key_id)
    with pytest.raises(CheckpointError):
        sign_checkpoint(broken, RAW, PRIVATE.sign)
