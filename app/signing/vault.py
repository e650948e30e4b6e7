"""Seals small secrets that have to be read again, so that a copy of the database holds none."""

import binascii
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from pathlib import Path
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.errors import CannotJudge, Words
from app.signing.private_files import KeyringError, locked, refuse_readable, write_private

FILE: Final = "sealing.key"
"""The key's file, beside the signing keys."""

_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12


class SealBroken(CannotJudge):
    """What was sealed under another key, for something else, or changed since."""

    code = "seal_broken"
    title = Words("无法解封已存密钥", "A stored secret cannot be unsealed")


class Vault:
    """AES-256-GCM under one key in the keys folder; each secret is bound to whom it is about."""

    def __init__(self, key: bytes) -> None:
        """Use `load_or_create`."""
        self._cipher = AESGCM(key)

    @classmethod
    def load_or_create(cls, folder: Path) -> Self:
        """Read the key in `folder`, made where there is none; KeyringError if it is unsafe."""
        path = folder / FILE
        with locked(folder):
            if not path.exists():
                write_private(path, secrets.token_bytes(_KEY_BYTES))
            refuse_readable(path)
            key = path.read_bytes()
        if len(key) != _KEY_BYTES:
            raise KeyringError(path, "文件已损坏", "damaged")
        return cls(key)

    def seal(self, secret: bytes, about: str) -> str:
        """Return a secret as text that only `unseal` with the same `about` reads."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return urlsafe_b64encode(
            nonce + self._cipher.encrypt(nonce, secret, about.encode())
        ).decode()

    def unseal(self, sealed: str, about: str) -> bytes:
        """Return the secret; SealBroken unless it was sealed here about the same."""
        try:
            raw = urlsafe_b64decode(sealed)
            return self._cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], about.encode())
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise SealBroken(
                Words(
                    "密钥目录中的 sealing.key 与数据库不符；请恢复该文件，或重置相关人员的验证器",
                    "sealing.key in the keys folder does not fit the database; restore that file, "
                    "or reset the authenticators of the people concerned",
                )
            ) from error
