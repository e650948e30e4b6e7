"""One signing key: what it is for, its public half, and the manifest line that keeps it."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

ALGORITHM: Final = "Ed25519"
RAW_KEY_SIZE: Final = 32


class Purpose(StrEnum):
    """What a key signs; a key of one purpose never signs for the other."""

    ENVELOPE = "envelope"
    CHECKPOINT = "checkpoint"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The public half of a key: `raw` is 32 bytes; without `retired_at` it is the one in use."""

    purpose: Purpose
    raw: bytes
    created_at: datetime
    retired_at: datetime | None = None

    @property
    def key_id(self) -> str:
        """The first 16 hex digits of SHA-256 over the raw public key."""
        return key_id(self.raw)

    def as_json(self) -> dict[str, object]:
        """Return the key as `/.well-known/popgate-keys` and the manifest show it."""
        return {
            "key_id": self.key_id,
            "purpose": self.purpose.value,
            "algorithm": ALGORITHM,
            "public_key": base64.urlsafe_b64encode(self.raw).rstrip(b"=").decode(),
            "created_at": _instant_text(self.created_at),
            "retired_at": None if self.retired_at is None else _instant_text(self.retired_at),
        }


def key_id(raw: bytes) -> str:
    """Return the id of a raw public key."""
    return hashlib.sha256(raw).hexdigest()[:16]


def public_key_from_json(value: object) -> PublicKey:
    """Read a line of the manifest; raise ValueError where it is not one of ours."""
    match value:
        case {
            "key_id": str(stated_id),
            "purpose": str(purpose),
            "algorithm": "Ed25519",
            "public_key": str(text),
            "created_at": str(created),
            "retired_at": str() | None as retired,
        }:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        case _:
            raise ValueError("a key needs key_id, purpose, algorithm, public_key and times")
    if len(raw) != RAW_KEY_SIZE or key_id(raw) != stated_id:
        raise ValueError(f"key {stated_id}: the id does not belong to the public key")
    return PublicKey(
        Purpose(purpose),
        raw,
        _instant(created),
        None if retired is None else _instant(retired),
    )


def _instant_text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text}: a key's time needs a zone")
    return at
