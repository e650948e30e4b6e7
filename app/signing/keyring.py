"""The keys in `GATEWAY_KEYS_DIR`: made at first start, kept private, rotated, never lost."""

import json
import stat
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Self

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.clock import Clock
from app.signing.dsse import Signature
from app.signing.keys import PublicKey, Purpose, public_key_from_json
from app.signing.private_files import KeyringError, locked, refuse_readable, write_private

_MANIFEST: Final = "keyring.json"
_FOLDER_MODE: Final = 0o700
_OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH


class Keyring:
    """The private keys in use and all public keys there ever were.

    Several processes may share one folder. A rotation by one is noticed by the others before
    their next signature.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        """Use `load_or_create` or `load`; this only notes where the keys are."""
        self._folder = folder
        self._clock = clock
        self._public: tuple[PublicKey, ...] = ()
        self._private: dict[Purpose, tuple[PublicKey, Ed25519PrivateKey]] = {}
        self._seen: tuple[int, int] | None = None

    @classmethod
    def load_or_create(cls, folder: Path, clock: Clock) -> Self:
        """Open the keys in `folder`, making the folder and a key for each purpose where missing.

        Raises KeyringError when a private key is readable by others, missing or damaged.
        """
        folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        keyring = cls(folder, clock)
        with locked(folder):
            known = _read_manifest(folder)
            made = [
                _make_key(folder, purpose, clock)
                for purpose in Purpose
                if not any(key.purpose is purpose for key in known)
            ]
            if made:
                _write_manifest(folder, [*known, *made])
        keyring._load()
        return keyring

    @classmethod
    def load(cls, folder: Path, clock: Clock) -> Self:
        """Open the keys that are there; raise KeyringError when there are none."""
        read_public_keys(folder)
        keyring = cls(folder, clock)
        keyring._load()
        return keyring

    def sign(self, purpose: Purpose, data: bytes) -> Signature:
        """Sign with the key in use for that purpose."""
        self._refresh()
        public, private = self._private[purpose]
        return Signature(public.key_id, private.sign(data))

    def active(self, purpose: Purpose) -> PublicKey:
        """Return the public half of the key in use for that purpose."""
        self._refresh()
        return self._private[purpose][0]

    def public_keys(self, purpose: Purpose | None = None) -> tuple[PublicKey, ...]:
        """Return all public keys, old ones included, oldest first."""
        self._refresh()
        return tuple(key for key in self._public if purpose in {None, key.purpose})

    def rotate(self, purpose: Purpose) -> tuple[PublicKey, PublicKey]:
        """Put a new key in use and return the retired and the new one.

        The old public key stays; the old private key is destroyed, so that nobody can sign in
        the past. A crash in between leaves either the old or the new key in use, never none.
        """
        with locked(self._folder):
            known = _read_manifest(self._folder)
            now = self._clock.now()
            old = _in_use(known, purpose)
            new = _make_key(self._folder, purpose, self._clock)
            retired = replace(old, retired_at=now)
            kept = [retired if key is old else key for key in known]
            _write_manifest(self._folder, [*kept, new])
        self._load()
        return retired, new

    def _refresh(self) -> None:
        if _version(self._folder) != self._seen:
            self._load()

    def _load(self) -> None:
        _refuse_open_folder(self._folder)
        with locked(self._folder):
            self._seen = _version(self._folder)
            self._public = tuple(_read_manifest(self._folder))
            self._private = {
                purpose: _read_private(self._folder, _in_use(self._public, purpose))
                for purpose in Purpose
            }
            _destroy_retired(self._folder, self._public)


def read_public_keys(folder: Path) -> tuple[PublicKey, ...]:
    """Return all public keys, oldest first, without touching a private one.

    Raises KeyringError where there are none.
    """
    found = tuple(_read_manifest(folder))
    if not found:
        raise KeyringError(
            folder,
            "此处没有密钥；请先启动一次网关，或设置密钥目录",
            "no keys here; start the gateway once or set the folder",
        )
    return found


def _version(folder: Path) -> tuple[int, int]:
    try:
        found = (folder / _MANIFEST).stat()
    except OSError as error:
        raise KeyringError(
            folder / _MANIFEST,
            f"无法读取（{error.strerror}）",
            f"cannot be read ({error.strerror})",
        ) from error
    return found.st_ino, found.st_mtime_ns


def _read_manifest(folder: Path) -> list[PublicKey]:
    path = folder / _MANIFEST
    if not path.exists():
        return []
    try:
        return [public_key_from_json(value) for value in json.loads(path.read_bytes())["keys"]]
    except (ValueError, KeyError, TypeError) as error:
        raise KeyringError(path, f"文件已损坏（{error}）", f"damaged ({error})") from error


def _write_manifest(folder: Path, keys: Sequence[PublicKey]) -> None:
    text = json.dumps({"keys": [key.as_json() for key in keys]}, indent=2)
    write_private(folder / _MANIFEST, text.encode() + b"\n")


def _make_key(folder: Path, purpose: Purpose, clock: Clock) -> PublicKey:
    private = Ed25519PrivateKey.generate()
    key = PublicKey(purpose, private.public_key().public_bytes_raw(), clock.now())
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    write_private(_private_path(folder, key), pem)
    return key


def _read_private(folder: Path, key: PublicKey) -> tuple[PublicKey, Ed25519PrivateKey]:
    path = _private_path(folder, key)
    try:
        refuse_readable(path)
        private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError) as error:
        raise KeyringError(
            path, f"私钥无法读取（{error}）", f"the private key cannot be read ({error})"
        ) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyringError(path, "不是 Ed25519 密钥", "not an Ed25519 key")
    if private.public_key().public_bytes_raw() != key.raw:
        raise KeyringError(
            path,
            f"与 {_MANIFEST} 中的公钥不符",
            f"does not belong to the public key in {_MANIFEST}",
        )
    return key, private


def _in_use(keys: Sequence[PublicKey], purpose: Purpose) -> PublicKey:
    found = [key for key in keys if key.purpose is purpose and key.retired_at is None]
    if len(found) != 1:
        raise KeyringError(
            Path(_MANIFEST),
            f"用途 {purpose} 应有且仅有一个在用密钥，现有 {len(found)} 个",
            f"{len(found)} keys in use for {purpose}, not one",
        )
    return found[0]


def _destroy_retired(folder: Path, keys: Sequence[PublicKey]) -> None:
    """Delete private keys that a rotation retired, also one that was interrupted."""
    for key in keys:
        path = _private_path(folder, key)
        if key.retired_at is not None and path.exists():
            path.unlink()


def _private_path(folder: Path, key: PublicKey) -> Path:
    return folder / f"{key.purpose.value}-{key.key_id}.pem"


def _refuse_open_folder(folder: Path) -> None:
    if stat.S_IMODE(folder.stat().st_mode) & _OTHERS_WRITE:
        raise KeyringError(
            folder, "其他用户可以写入；请 chmod 700", "others may write here; chmod 700 it"
        )
