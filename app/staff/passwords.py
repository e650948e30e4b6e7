"""Passwords: hashing with Argon2id, one-time passwords, and what a new one must be."""

import asyncio
import secrets
import unicodedata
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.fields import Fields

SHORTEST: Final = 12
LONGEST: Final = 128

_KINDS_OF_CHARACTER: Final = 5
# No 0 and O, 1, l and I: a one-time password is read off a screen and typed.
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS: Final = 4
_GROUP: Final = 5


_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@cache
def _hash_of_nobody() -> str:
    """Return what an unknown name is checked against, so that it takes as long as a known one."""
    return _HASHER.hash(secrets.token_urlsafe(32))


class Passwords:
    """Argon2id with 19 MiB, two passes and one lane (OWASP's minimum), outside the event loop."""

    def __init__(self, *, at_once: int = 4) -> None:
        """`at_once` bounds the memory: so many are hashed together, the others wait."""
        self._slots = asyncio.Semaphore(at_once)
        self._nobody = _hash_of_nobody()

    async def hash(self, password: str) -> str:
        """Return the hash with its parameters and salt."""
        async with self._slots:
            return await asyncio.to_thread(_HASHER.hash, _bytes(password))

    async def verify(self, password: str, stored: str | None) -> bool:
        """Tell whether the password fits; with None it does the same work and never fits."""
        async with self._slots:
            fits = await asyncio.to_thread(self._verify, password, stored or self._nobody)
        return fits and stored is not None

    def _verify(self, password: str, stored: str) -> bool:
        try:
            return _HASHER.verify(stored, _bytes(password))
        except (VerificationError, InvalidHashError):
            return False


def one_time_password() -> str:
    """Return a password of four groups of five characters, 99 random bits."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def check_new_password(fields: Fields, pointer: str, password: str, username: str) -> None:
    """Note what makes a new password too weak: its length, its variety, the sign-in name in it."""
    if not SHORTEST <= len(password) <= LONGEST:
        fields.add(
            pointer,
            "password_length",
            f"须为 {SHORTEST} 至 {LONGEST} 个字符",
            f"must have {SHORTEST} to {LONGEST} characters",
        )
    elif len(set(password)) < _KINDS_OF_CHARACTER:
        fields.add(pointer, "password_simple", "重复字符过多", "repeats too few characters")
    elif username in password.lower():
        fields.add(
            pointer, "password_has_name", "不得包含登录名", "must not contain the sign-in name"
        )


def _bytes(password: str) -> bytes:
    # The same password typed on two keyboards may differ in form (NIST SP 800-63B, 5.1.1.2).
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
