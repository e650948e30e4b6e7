"""The second factor itself: codes by the clock (RFC 6238) and recovery codes."""

import re
import secrets
import unicodedata
from base64 import b32encode
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

ISSUER: Final = "Popgate"
"""What an authenticator app calls us."""

RECOVERY_CODES: Final = 10
"""How many recovery codes somebody has at first."""

STEP_SECONDS: Final = 30

_SECRET_BYTES: Final = 20
_DIGITS: Final = 6
# One step before and one after: the clock of a phone may be up to half a minute off.
_DRIFT: Final = (0, -1, 1)
_CODE: Final = re.compile(r"[0-9]{6}")
# No 0 and O, 1, l and I, as in one-time passwords; 16 of them are 79 random bits.
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS: Final = 4
_GROUP: Final = 4
_GROUP_OF_SECRET: Final = 4


def new_secret() -> bytes:
    """Return a secret of 160 random bits, as long as RFC 4226 recommends."""
    return secrets.token_bytes(_SECRET_BYTES)


def matching_step(secret: bytes, code: str, now: datetime) -> int | None:
    """Return the 30-second step that a code belongs to, None if it is none of those near now."""
    if not _CODE.fullmatch(code):
        return None
    here = int(now.timestamp()) // STEP_SECONDS
    steps = [
        here + drift for drift in _DRIFT if compare_digest(code_of(secret, here + drift), code)
    ]
    return steps[0] if steps else None


def code_of(secret: bytes, step: int) -> str:
    """Return the six digits of one step."""
    # SHA-1 is what every authenticator app has; in an HMAC its collisions do not matter.
    return TOTP(secret, _DIGITS, SHA1(), STEP_SECONDS).generate(step * STEP_SECONDS).decode()  # noqa: S303


def secret_as_text(secret: bytes) -> str:
    """Return the secret as apps take it when typed: base 32 in groups of four."""
    plain = b32encode(secret).decode()
    groups = range(0, len(plain), _GROUP_OF_SECRET)
    return " ".join(plain[at : at + _GROUP_OF_SECRET] for at in groups)


def key_uri(secret: bytes, username: str) -> str:
    """Return the otpauth address that authenticator apps read from a QR code."""
    totp = TOTP(secret, _DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303 - see code_of
    return totp.get_provisioning_uri(username, ISSUER)


def new_recovery_codes() -> tuple[str, ...]:
    """Return fresh codes for when the app is lost, each good for once."""
    return tuple("-".join(_group() for _ in range(_GROUPS)) for _ in range(RECOVERY_CODES))


def recovery_hash(staff_id: str, code: str) -> str:
    """Return what is stored of a recovery code: it is too random to be guessed from its hash."""
    bare = code.replace("-", "")
    return sha256(f"{staff_id}:{bare}".encode("utf-8", "surrogatepass")).hexdigest()


def as_typed(code: str) -> str:
    """Return a code without what people type around it: blanks, wide digits, capitals."""
    plain = unicodedata.normalize("NFKC", code).lower()
    return re.sub(r"[\s-]+", "", plain)


def _group() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_GROUP))
