"""The sealed ledger as a file that a stranger can check without us, whole or in parts."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from app.audit.batches import sealed_batches
from app.audit.offline_verifier import checkpoint_line, header_line
from app.audit.repository import StoredLeaf, first_gap, last_checkpoint, sealed_counts
from app.audit.sinks import LedgerError
from app.db.session import Database, Tx
from app.errors import Words


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export holds: everything that the tree of `size` leaves seals."""

    leaves: int
    checkpoints: int
    size: int


async def sealed_so_far(db: Database) -> Exported:
    """Return what an export would hold now; LedgerError where an entry is missing.

    Entries that are not yet sealed stay out: nothing protects them.
    """

    def work(tx: Tx) -> Exported:
        last = last_checkpoint(tx)
        if last is None:
            return Exported(0, 0, 0)
        gap = first_gap(tx, last.size)
        if gap is not None:
            raise _gap(gap)
        return Exported(*sealed_counts(tx, last.size), last.size)

    return await db.read(work)


async def export_lines(db: Database, what: Exported) -> AsyncIterator[bytes]:
    """Yield an export in parts, the header first and then a checkpoint with its entries each.

    The header says how much follows, so that one that breaks off is no export. Raises LedgerError
    where an entry went missing meanwhile.
    """
    yield header_line(what.leaves, what.checkpoints)
    async for batch, checkpoint in sealed_batches(db):
        if checkpoint is None or checkpoint.size > what.size:
            return
        lines = [_line(leaf) for leaf in batch]
        lines.append(checkpoint_line(checkpoint.note, checkpoint.tree().nodes))
        yield b"".join(lines)


async def export_ledger(
    db: Database, path: Path, progress: Callable[[int], None] = lambda _: None
) -> Exported:
    """Write everything sealed so far to `path`, replacing it only when it is whole.

    Raises LedgerError where an entry is missing; `audit verify` says more. `progress` is told how
    many entries are written.
    """
    what = await sealed_so_far(db)
    draft = path.with_name(path.name + ".part")
    try:
        with draft.open("wb") as file:
            written = 0
            async for part in export_lines(db, what):
                await asyncio.to_thread(file.write, part)
                # Each part ends with a checkpoint, the first one is the header.
                written += part.count(b"\n") - 1
                progress(written)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return what


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
