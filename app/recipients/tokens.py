"""Tokens of recipients and their device secrets."""

import re
import secrets
from hashlib import sha256
from typing import Final

TOKEN_FORM: Final = r"^[A-Za-z0-9._~:@+=-]{1,64}$"  # noqa: S105 - a pattern
"""What a recipient's token is made of: safe in an address, nothing that needs escaping."""

SECRET_PREFIX: Final = "pgd_"  # noqa: S105 - how a device secret begins

_TOKEN: Final = re.compile(TOKEN_FORM)
_SECRET_LIMIT: Final = 100
# A mainland mobile number, an identity card, a mail address: no pseudonym (product promise 10).
_PERSONAL: Final = re.compile(
    r"(?:\+?86-?)?1[3-9][0-9]{9}|[0-9]{17}[0-9Xx]|[^@]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
)


def is_token(text: str) -> bool:
    """Tell whether `text` can be a recipient's token, in whole."""
    return "\n" not in text and _TOKEN.fullmatch(text) is not None


def is_personal(token: str) -> bool:
    """Tell whether a token looks like a phone number, an identity card or a mail address."""
    return _PERSONAL.fullmatch(token) is not None


def new_token() -> str:
    """Return a token for somebody who brings none, 128 random bits."""
    return f"r_{secrets.token_urlsafe(16)}"


def new_secret() -> str:
    """Return a device secret, 256 random bits."""
    return SECRET_PREFIX + secrets.token_urlsafe(32)


def secret_hash(secret: str) -> str | None:
    """Return the SHA-256 of a device secret, hex; None for what can be none."""
    if not secret.startswith(SECRET_PREFIX) or len(secret) > _SECRET_LIMIT:
        return None
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
