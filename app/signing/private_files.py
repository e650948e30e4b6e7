"""Files that only this account may read: written whole or not at all, one process at a time."""

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from app.errors import GatewayError, Words

_LOCK: Final = ".lock"
_FILE_MODE: Final = 0o600
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class KeyringError(GatewayError):
    """The keys cannot be used safely; the message says which file and what to do."""

    code = "keys_unusable"
    status_code = 503
    title = Words("签名密钥不可用", "The signing keys cannot be used")

    def __init__(self, path: Path, zh: str, en: str) -> None:
        """`path` is the file or folder at fault."""
        super().__init__(Words(f"{path}：{zh}", f"{path}: {en}"))


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let one process at a time read or change the keys."""
    handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _FILE_MODE)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def refuse_readable(path: Path) -> None:
    """Raise KeyringError where others can read a private file."""
    if stat.S_IMODE(path.stat().st_mode) & _OTHERS:
        raise KeyringError(
            path,
            "其他用户可以访问；请 chmod 600，必要时轮换密钥",
            "readable by others; chmod 600 it, and rotate the key if it may be known",
        )


def write_private(path: Path, data: bytes) -> None:
    """Put a file in place whole or not at all, on the disk before anything refers to it."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _FILE_MODE)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
