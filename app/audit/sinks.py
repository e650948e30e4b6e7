"""Where checkpoints go outside the database, so that a changed database is noticed."""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

from app.audit.checkpoint import Note, last_note, note_hash, parse_note, split_notes
from app.errors import GatewayError, Words

_TAIL: Final = 8192
"""More than two of the longest notes: the last whole one is always in it."""


class LedgerError(GatewayError):
    """Database and checkpoints contradict one another: nothing is sealed until a person looks."""

    code = "ledger_broken"
    status_code = 503
    title = Words("留痕与检查点不一致", "The ledger and its checkpoints do not agree")


class CheckpointSink(Protocol):
    """A place outside the database that keeps every checkpoint, in order."""

    def head(self) -> str:
        """Return the last whole checkpoint, empty where there is none."""
        ...

    def append(self, notes: Sequence[str]) -> None:
        """Keep these too, durably; those that it has already are passed over.

        Raises LedgerError when they do not follow from what it has, OSError when it cannot.
        """
        ...


class FileSink:
    """A file of checkpoints that only grows; processes of one machine may share it."""

    def __init__(self, path: Path) -> None:
        """Touch nothing yet: file and folder are made at the first checkpoint."""
        self._path = path

    def head(self) -> str:
        """Return the last whole checkpoint in the file, empty where there is none."""
        if not self._path.exists():
            return ""
        with _locked(self._path, os.O_RDONLY, fcntl.LOCK_SH) as handle:
            return last_note(_tail(handle, self._path))[0]

    def append(self, notes: Sequence[str]) -> None:
        """Write what is missing and return when it is on the disk.

        A checkpoint that an interrupted write left in part is completed.
        """
        made = not self._path.exists()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with _locked(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, fcntl.LOCK_EX) as handle:
            head, torn = last_note(_tail(handle, self._path))
            missing = _following(head, notes, self._path)
            if missing:
                _drop_torn(handle, torn, missing[0], self._path)
                _write_all(handle, "".join(missing).encode())
                os.fsync(handle)
        if made:
            _sync_folder(self._path.parent)


def read_checkpoints(path: Path) -> list[str]:
    """Return all checkpoints in a file, a torn one at its end too; none where there is no file.

    Raises OSError where the file cannot be read.
    """
    if not path.exists():
        return []
    with _locked(path, os.O_RDONLY, fcntl.LOCK_SH) as handle:
        data = os.pread(handle, os.fstat(handle).st_size, 0)
    notes, torn = split_notes(data.decode(errors="replace"))
    return [*notes, torn] if torn else notes


def _following(head: str, notes: Sequence[str], path: Path) -> list[str]:
    """Return those of `notes` that come after `head`; each must name the one before it."""
    size = parse_note(head).checkpoint.size if head else 0
    parsed: list[tuple[str, Note]] = [(note, parse_note(note)) for note in notes]
    missing = [(text, note) for text, note in parsed if note.checkpoint.size > size]
    before = note_hash(head) if head else None
    for text, note in missing:
        if note.checkpoint.previous != before:
            raise LedgerError(
                Words(
                    f"{path}：检查点 {note.checkpoint.size} 与文件末尾的检查点不相接",
                    f"{path}: checkpoint {note.checkpoint.size} does not follow the file's last",
                )
            )
        before = note_hash(text)
    return [text for text, _ in missing]


def _drop_torn(handle: int, torn: str, following: str, path: Path) -> None:
    if not torn:
        return
    cut = torn.encode(errors="surrogateescape")
    if not following.encode().startswith(cut):
        raise LedgerError(
            Words(
                f"{path}：文件末尾有 {len(cut)} 个字节不属于任何检查点",
                f"{path}: {len(cut)} bytes at the end belong to no checkpoint",
            )
        )
    os.ftruncate(handle, os.fstat(handle).st_size - len(cut))


def _tail(handle: int, path: Path) -> str:
    size = os.fstat(handle).st_size
    data = os.pread(handle, _TAIL, max(0, size - _TAIL))
    # A cut may fall inside a character, at the front by our window, at the end by a torn write.
    text = data.decode(errors="surrogateescape")
    if data and not last_note(text)[0] and size > len(data):
        raise LedgerError(
            Words(f"{path}：不是检查点文件", f"{path}: not a file of checkpoints"),
        )
    return text


def _write_all(handle: int, data: bytes) -> None:
    while data:
        data = data[os.write(handle, data) :]


@contextmanager
def _locked(path: Path, flags: int, lock: int) -> Iterator[int]:
    handle = os.open(path, flags | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(handle, lock)
        yield handle
    finally:
        os.close(handle)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
