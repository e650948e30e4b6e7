"""Reads the sealed ledger in the order of its tree, one checkpoint's entries at a time."""

from collections import deque
from collections.abc import AsyncIterator
from functools import partial
from typing import Final

from app.audit.repository import (
    StoredCheckpoint,
    StoredLeaf,
    checkpoints_after,
    leaves_from,
)
from app.db.session import Database

_PAGE: Final = 2_000
_STRAY: Final = 1_000_000

Batch = tuple[list[StoredLeaf], StoredCheckpoint | None]


async def sealed_batches(db: Database) -> AsyncIterator[Batch]:
    """Yield the leaves that each checkpoint seals, with it; then leaves that none seals, if any.

    Sealing may go on meanwhile: what is sealed while this runs is yielded too.
    """
    leaves, after = _LeafReader(db), 0
    while True:
        page = await db.read(partial(checkpoints_after, size=after, limit=_PAGE))
        for checkpoint in page:
            yield await leaves.before(checkpoint.size), checkpoint
            after = checkpoint.size
        if page:
            continue
        stray = await leaves.before(after + _STRAY)
        if not stray:
            return
        # Leaves and their checkpoint become visible together; look again before complaining.
        if await db.read(partial(checkpoints_after, size=after, limit=1)):
            leaves.give_back(stray)
            continue
        yield stray, None
        return


class _LeafReader:
    """Leaves in order, read in pages however small the batches are."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._next = 0
        self._read: deque[StoredLeaf] = deque()

    async def before(self, size: int) -> list[StoredLeaf]:
        """Take the leaves that come next and stand before place `size`."""
        taken: list[StoredLeaf] = []
        while True:
            while self._read and self._read[0].index < size:
                taken.append(self._read.popleft())
            if self._read:
                return taken
            page = await self._db.read(partial(leaves_from, first=self._next, limit=_PAGE))
            if not page:
                return taken
            self._read.extend(page)
            self._next = page[-1].index + 1

    def give_back(self, leaves: list[StoredLeaf]) -> None:
        """Let leaves that were taken come next again."""
        self._read.extendleft(reversed(leaves))
