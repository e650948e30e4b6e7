"""The signed checkpoint: one text that fixes every entry up to a size, chained to the last one.

The text is a C2SP signed note (tlog-checkpoint) with three extension lines, so that the tools of
transparency logs can read it. Example:

    popgate/ledger
    1042
    <root hash, base64>
    previous <hash of the checkpoint before, hex, or none>
    time 2026-11-21T08:00:00.000000Z
    key 0123456789abcdef

    — popgate/ledger <key hash and Ed25519 signature, base64>
"""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

CHECKPOINT_PREFIX: Final = b"\x02"
LINES: Final = 8
"""Every note has exactly this many lines, all of them ended: a file of notes needs no frame."""

_NOTE = re.compile(
    r"(?P<origin>[^\s+]{1,200})\n(?P<size>[1-9][0-9]{0,15})\n(?P<root>[A-Za-z0-9+/]{43}=)\n"
    r"previous (?P<previous>none|[0-9a-f]{64})\n"
    r"time (?P<at>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z)\n"
    r"key (?P<key_id>[0-9a-f]{16})\n\n— (?P<name>[^\s+]{1,200}) (?P<signature>[A-Za-z0-9+/]{91}=)\n"
)
_KEY_HASH_SIZE: Final = 4
_ED25519: Final = b"\x01"
"""The number of the algorithm in a C2SP key hash."""


class CheckpointError(ValueError):
    """A text that is not a checkpoint, to the byte."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint says: the first `size` entries have this `root`.

    `previous` is the `note_hash` of the checkpoint before, None for the first; `at` is RFC 3339
    in UTC with six decimals; `key_id` names the key that signs it.
    """

    origin: str
    size: int
    root: bytes
    previous: bytes | None
    at: str
    key_id: str

    def text(self) -> str:
        """Return the bytes that are signed, as text."""
        previous = "none" if self.previous is None else self.previous.hex()
        root = base64.b64encode(self.root).decode()
        return (
            f"{self.origin}\n{self.size}\n{root}\n"
            f"previous {previous}\ntime {self.at}\nkey {self.key_id}\n"
        )


@dataclass(frozen=True, slots=True)
class Note:
    """A checkpoint with its signature; `key_hash` is C2SP's four bytes over name and key."""

    checkpoint: Checkpoint
    key_hash: bytes
    signature: bytes

    def text(self) -> str:
        """Return the note, byte for byte as it was signed and parsed."""
        signed = base64.b64encode(self.key_hash + self.signature).decode()
        return f"{self.checkpoint.text()}\n— {self.checkpoint.origin} {signed}\n"


def sign_checkpoint(
    checkpoint: Checkpoint, public_key: bytes, sign: Callable[[bytes], bytes]
) -> str:
    """Return the signed note; `public_key` is the raw 32 bytes that belong to `sign`."""
    text = checkpoint.text()
    note = Note(checkpoint, key_hash(checkpoint.origin, public_key), sign(text.encode())).text()
    parse_note(note)
    return note


def parse_note(text: str) -> Note:
    """Return what a note says; raise CheckpointError unless every byte of it is as we write it."""
    found = _NOTE.fullmatch(text)
    if found is None:
        raise CheckpointError("not a checkpoint: a line is missing or malformed")
    previous = found["previous"]
    checkpoint = Checkpoint(
        origin=found["origin"],
        size=int(found["size"]),
        root=base64.b64decode(found["root"]),
        previous=None if previous == "none" else bytes.fromhex(previous),
        at=found["at"],
        key_id=found["key_id"],
    )
    signed = base64.b64decode(found["signature"])
    note = Note(checkpoint, signed[:_KEY_HASH_SIZE], signed[_KEY_HASH_SIZE:])
    if note.text() != text:
        raise CheckpointError("not a checkpoint: not in the one form that is signed")
    return note


def note_hash(text: str) -> bytes:
    """Return the hash by which the next checkpoint names this one, signature included."""
    return sha256(CHECKPOINT_PREFIX + text.encode()).digest()


def key_hash(name: str, public_key: bytes) -> bytes:
    """Return C2SP's key id of a signed note: four bytes over name, algorithm and raw key."""
    return sha256(name.encode() + b"\n" + _ED25519 + public_key).digest()[:_KEY_HASH_SIZE]


def split_notes(text: str) -> tuple[list[str], str]:
    """Cut a file of notes into whole notes and what is left of an interrupted one at its end."""
    lines = text.split("\n")
    whole = (len(lines) - 1) // LINES
    notes = ["\n".join(lines[i * LINES : (i + 1) * LINES]) + "\n" for i in range(whole)]
    return notes, "\n".join(lines[whole * LINES :])


def last_note(text: str) -> tuple[str, str]:
    """Return the last whole note in the end of a file of notes, and what stands after it.

    Both are empty where there is nothing; without a whole note all of `text` is left over.
    """
    end, note = 0, ""
    for found in _NOTE.finditer(text):
        end, note = found.end(), found.group()
    return note, text[end:]
