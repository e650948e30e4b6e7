"""Checks the ledger in the database: entries, places, tree, checkpoints and the copies outside."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app.audit.batches import sealed_batches
from app.audit.checkpoint import Checkpoint, CheckpointError, parse_note
from app.audit.events import instant_text
from app.audit.offline_verifier import LedgerCheck, Problem
from app.audit.repository import (
    StoredCheckpoint,
    StoredEntry,
    StoredLeaf,
    unsealed_entries,
)
from app.audit.sinks import read_checkpoints
from app.db.session import Database

SEALED_WITHIN: Final = timedelta(seconds=60)
"""An entry that was sealed later than this after its own time is worth a look."""
_NOTICES: Final = 20


@dataclass(frozen=True, slots=True)
class Verification:
    """What was read, what is wrong with it, and what is odd but proves nothing.

    `entries` counts places in the tree, `unsealed` entries that have none yet; `last` is the last
    checkpoint whose text could be read.
    """

    entries: int
    checkpoints: int
    unsealed: int
    problems: tuple[Problem, ...]
    notices: tuple[Problem, ...]
    last: Checkpoint | None


async def verify_ledger(
    db: Database,
    keys: Sequence[bytes],
    files: Sequence[Path],
    *,
    every: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> Verification:
    """Check everything sealed, against the raw public `keys` and the checkpoint `files`.

    Every altered, removed, moved or inserted entry is named. With `every` the signature of each
    checkpoint is checked; otherwise that of the last, which fixes those before it. `progress` is
    told how many entries have been read.
    """
    walk = _Walk(LedgerCheck(keys, every=every, holds=_holds))
    # The files first: what they hold was in the database before, and sealing may go on.
    earlier = [note for path in files for note in walk.read_file(path)]
    async for leaves, checkpoint in sealed_batches(db):
        walk.take(leaves, checkpoint)
        progress(walk.check.entries)
        # Many batches come from one page, without a pause in which others could go on.
        await asyncio.sleep(0)
    loose = await db.read(unsealed_entries)
    walk.check_loose(loose)
    if walk.began or earlier:
        walk.check.finish(earlier)
    last = walk.check.last
    return Verification(
        entries=walk.check.entries,
        checkpoints=len(walk.check.checkpoints),
        unsealed=len(loose),
        problems=tuple(walk.check.problems),
        notices=tuple(walk.notices),
        last=None if last is None else parse_note(last.text).checkpoint,
    )


class _Walk:
    """Feeds the ledger to the check in its order, with what only the database shows."""

    def __init__(self, check: LedgerCheck) -> None:
        self.check = check
        self.began = False
        self.notices: list[Problem] = []

    def take(self, leaves: Sequence[StoredLeaf], checkpoint: StoredCheckpoint | None) -> None:
        """Take the leaves up to a checkpoint, and that."""
        self.began = True
        for leaf in leaves:
            self._take_leaf(leaf, checkpoint)
        if checkpoint is not None:
            self._seal(checkpoint)

    def read_file(self, path: Path) -> list[str]:
        """Return the checkpoints in a file outside the database."""
        try:
            return read_checkpoints(path)
        except OSError as error:
            self.check.report(
                f"检查点文件 {path} 无法读取（{error.strerror}）",
                f"the checkpoint file {path} cannot be read ({error.strerror})",
            )
            return []

    def check_loose(self, loose: Sequence[StoredEntry]) -> None:
        """Check entries that have no place in the tree yet."""
        for entry in loose:
            if entry.text.digest().hex() != entry.digest:
                self.check.report(
                    f"未封存的记录 {entry.text.id} 已被改动",
                    f"entry {entry.text.id}, not yet sealed, was altered",
                )

    def _seal(self, checkpoint: StoredCheckpoint) -> None:
        """Take a checkpoint; its columns must say what its note says."""
        nodes: Sequence[bytes] = ()
        try:
            stated = parse_note(checkpoint.note).checkpoint
            same = (stated.size, stated.at) == (checkpoint.size, instant_text(checkpoint.at))
            nodes = checkpoint.tree().nodes
        except (CheckpointError, ValueError):
            same = False
        if not same:
            self.check.report(
                f"检查点 {checkpoint.size} 的数据库字段与其签署的内容不符",
                f"the columns of checkpoint {checkpoint.size} do not say what was signed",
            )
        self.check.add_checkpoint(checkpoint.note, nodes)

    def _take_leaf(self, leaf: StoredLeaf, before: StoredCheckpoint | None) -> None:
        entry = leaf.entry
        if entry is not None and entry.digest != leaf.digest:
            self.check.report(
                f"记录 {leaf.entry_id} 的摘要与封存的不同",
                f"the digest of entry {leaf.entry_id} is not the one that was sealed",
            )
        computed = None if entry is None else entry.text.digest()
        self.check.add_entry(leaf.index, leaf.entry_id, _unhex(leaf.digest), computed)
        if entry is not None and before is not None and before.at - entry.at > SEALED_WITHIN:
            self._notice_late(entry, before)

    def _notice_late(self, entry: StoredEntry, before: StoredCheckpoint) -> None:
        if len(self.notices) < _NOTICES:
            minutes = int((before.at - entry.at).total_seconds() // 60)
            self.notices.append(
                Problem(
                    f"记录 {entry.text.id} 在其时间之后 {minutes} 分钟才封存",
                    f"entry {entry.text.id} was sealed {minutes} minutes after its own time",
                )
            )


def _holds(raw: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(raw).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _unhex(digest: str) -> bytes:
    try:
        return bytes.fromhex(digest)
    except ValueError:
        return b""
