"""The demo's own folder: who runs in it, what its senders keep there, and beginning anew."""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from app.demo.wire import DemoSender
from app.errors import Conflict, Words

MARKER: Final = "popgate-demo"
"""The file that says that everything beside it, the signing keys included, is a demo's."""

_PARTS: Final = ("counters", "keys", "senders")
_FILES: Final = ("gateway.db", "gateway.db-wal", "gateway.db-shm", "checkpoints.log", "gateway.log")


class DemoFolder:
    """A data folder that belongs to the demo and to nothing else."""

    def __init__(self, path: Path) -> None:
        """Touch nothing yet."""
        self.path = path

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder while a demo runs in it; Conflict if one does already."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(self.path / MARKER, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise Conflict(
                Words(
                    f"演示已在运行（{self.path}）。请先在它的终端按 Ctrl-C 停止",
                    f"A demo is running in {self.path}. Stop it first, by Ctrl-C in its terminal",
                ),
                code="demo_running",
            ) from None
        try:
            yield
        finally:
            os.close(lock)

    def is_foreign(self) -> bool:
        """Tell whether the folder holds a gateway's data that no demo put there."""
        return not (self.path / MARKER).exists() and bool(self.contents())

    def contents(self) -> list[Path]:
        """Return what a demo keeps in its folder, as far as it is there."""
        return [path for name in (*_PARTS, *_FILES) if (path := self.path / name).exists()]

    def clear(self) -> None:
        """Delete what a demo keeps; nothing else in the folder is touched."""
        for path in self.contents():
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()

    def key(self, sender: DemoSender) -> str | None:
        """Return the key that a sender keeps, as any sender's program keeps its own."""
        file = self._key_file(sender)
        return file.read_text("ascii").strip() if file.exists() else None

    def keep_key(self, sender: DemoSender, raw: str) -> None:
        """Keep a sender's key where only this account can read it."""
        file = self._key_file(sender)
        file.parent.mkdir(exist_ok=True, mode=0o700)
        file.touch(mode=0o600)
        file.write_text(raw, "ascii")

    def _key_file(self, sender: DemoSender) -> Path:
        return self.path / "senders" / f"{sender.value}.key"


def holds_demo(keys_folder: Path) -> bool:
    """Tell whether signing keys lie in a demo's folder, or beside its marker."""
    return any((folder / MARKER).exists() for folder in (keys_folder, keys_folder.parent))
