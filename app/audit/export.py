"""Writes the sealed ledger to a file that a stranger can check without us."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from app.audit.batches import sealed_batches
from app.audit.offline_verifier import checkpoint_line, header_line
from app.audit.repository import StoredLeaf, last_checkpoint, sealed_counts
from app.audit.sinks import LedgerError
from app.db.session import Database
from app.errors import Words


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export holds."""

    leaves: int
    checkpoints: int


async def export_ledger(
    db: Database, path: Path, progress: Callable[[int], None] = lambda _: None
) -> Exported:
    """Write everything sealed so far to `path`, replacing it only when it is whole.

    Entries that are not yet sealed stay out: nothing protects them. Raises LedgerError where an
    entry is missing; `audit verify` says more. `progress` is told how many entries are written.
    """
    last = await db.read(last_checkpoint)
    draft = path.with_name(path.name + ".part")
    try:
        with draft.open("wb") as file:
            exported = (
                Exported(0, 0) if last is None else await _write(db, last.size, file, progress)
            )
            if last is None:
                file.write(header_line(0, 0))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return exported


async def _write(
    db: Database, size: int, file: BinaryIO, progress: Callable[[int], None]
) -> Exported:
    leaves, checkpoints = await db.read(partial(sealed_counts, size=size))
    file.write(header_line(leaves, checkpoints))
    async for batch, checkpoint in sealed_batches(db):
        if checkpoint is None or checkpoint.size > size:
            break
        lines = [_line(leaf) for leaf in batch]
        lines.append(checkpoint_line(checkpoint.note, checkpoint.tree().nodes))
        await asyncio.to_thread(file.writelines, lines)
        progress(checkpoint.size)
    return Exported(leaves, checkpoints)


def _line(leaf: StoredLeaf) -> bytes:
    if leaf.entry is None:
        raise _gap(leaf.index)
    return b'{"digest":"%s","entry":%s,"leaf":%d}\n' % (
        leaf.digest.encode(),
        leaf.entry.text.canonical(),
        leaf.index,
    )


def _gap(index: int) -> LedgerError:
    return LedgerError(
        Words(
            f"序号 {index} 的留痕记录缺失，请运行 popgate audit verify",
            f"the audit entry at leaf {index} is missing; run popgate audit verify",
        )
    )
