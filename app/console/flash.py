"""Messages that outlive one redirect, in a cookie that is cleared once they are shown."""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.console.texts import Texts

COOKIE: Final = "popgate_flash"
TONES: Final = ("good", "warn", "bad", "info")
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Flash:
    """A message by its key in the catalogue, with what its places are filled with."""

    key: str
    tone: str = "good"
    values: Mapping[str, str | int] | None = None

    def text(self, t: Texts) -> str:
        """Return the message in the reader's language."""
        return t(self.key, **(self.values or {}))


def packed(flash: Flash) -> str:
    """Return a message as the value of a cookie."""
    plain = json.dumps([flash.key, flash.tone, dict(flash.values or {})], ensure_ascii=False)
    return urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def unpacked(cookie: str, t: Texts) -> Flash | None:
    """Return the message in a cookie; None unless it is one that we could have written."""
    if not cookie or len(cookie) > _LONGEST:
        return None
    try:
        plain = urlsafe_b64decode(cookie + "=" * (-len(cookie) % 4))
        key, tone, values = json.loads(plain)
        flash = Flash(key, tone, values)
        flash.text(t)
    except (binascii.Error, ValueError, TypeError, KeyError, AttributeError, IndexError):
        return None
    return flash if tone in TONES else None
