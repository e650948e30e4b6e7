"""The turns of batches in their buckets: numbers taken from the database, and counting again.

A bucket whose counters do not fit the numbers, or that lacks what a policy counts, is counted from
what the database knows to have been handed over, and meanwhile grants nothing.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from app import metrics
from app.clock import Clock
from app.db.session import Database, Tx
from app.errors import CountersUnavailable
from app.frequency import repository as rows
from app.frequency.blocks import BlockRecord, Counters
from app.frequency.cap_window import GRACE, LARGEST_LIMIT, LARGEST_TOGETHER
from app.frequency.caps_in_force import CapsInForce
from app.frequency.handed_over import HandedOver
from app.frequency.keys import BUCKETS
from app.frequency.patience import SOON_SECONDS, Patience, patiently
from app.frequency.repository import Outdated, Place
from app.frequency.store import BucketClosed, Closed, Counted, Turn

log = structlog.get_logger("cap_ledger")

LACKS: Final = "caps"
"""The reason of counting again for caps that a bucket has not counted yet."""
_REBUILDS_AT_ONCE = 2
_LEFT_ALONE = timedelta(seconds=10)
"""After how long a rebuild that was never heard of again is begun by somebody else."""


class Turns:
    """One process's turns: what it was handed out, and what of it was answered."""

    def __init__(
        self, db: Database, clock: Clock, store: Counters, handed_over: HandedOver
    ) -> None:
        """Hold nothing; a bucket's numbers and counters are looked at when it is used."""
        self._db = db
        self._clock = clock
        self._store = store
        self._handed_over = handed_over
        self._rebuilds = asyncio.Semaphore(_REBUILDS_AT_ONCE)
        # Per bucket the last number that was answered here, and the last one handed out to us.
        self._ours: dict[int, tuple[int, int]] = {}
        self._patience = Patience()

    async def take(
        self,
        bucket: int,
        counting: CapsInForce | None,
        first: Callable[[Tx], None] | None = None,
    ) -> Place | Outdated:
        """Take the next numbers of a bucket, and do something `first` in the same transaction."""

        def work(tx: Tx) -> Place | Outdated | None:
            place = rows.take(tx, bucket, self._clock.now(), counting)
            if first is not None and isinstance(place, Place) and not place.lacks:
                first(tx)
            return place

        until = asyncio.get_running_loop().time() + self._patience.of(bucket)
        while True:
            place = await self._db.write(work)
            if place is not None:
                return place
            if asyncio.get_running_loop().time() > until:
                raise CountersUnavailable
            await asyncio.sleep(SOON_SECONDS)

    def begin(self, place: Place) -> tuple[int, float]:
        """Return after which number a batch comes, and for how long it waits for that."""
        answered, handed_out = self._ours.get(place.bucket, (0, 0))
        is_ours = place.previous == handed_out
        # What we asked for and heard nothing of was never used: it may be there or not.
        after = answered if is_ours else place.previous
        self._ours[place.bucket] = (after, place.number)
        return after, 0.0 if is_ours else self._patience.of(place.bucket)

    async def pass_on(self, place: Place, after: int, patience: float) -> None:
        """Leave a number that is used for nothing with the counters, for whoever comes next."""
        turn = Turn(place.bucket, place.ledger, after, place.number)
        await patiently(lambda: self._store.start("", (), turn), patience)
        self._ours[place.bucket] = (place.number, place.number)

    def answered(self, place: Place) -> None:
        """Note that the counters have heard of all numbers of a batch, in time."""
        self._ours[place.bucket] = (place.number, place.number)
        self._patience.was_enough(place.bucket)

    async def rebuild(
        self, place: Place, found: int, reason: str, counting: CapsInForce | None
    ) -> None:
        """Count a bucket again, whose counters carry a number, and open it.

        Raises BucketClosed while that is somebody else's.
        """
        async with self._rebuilds:
            now = self._clock.now()

            def begin(tx: Tx) -> Place | None:
                begun = rows.begin_rebuild(tx, place, found, now, now + _LEFT_ALONE)
                if begun is not None:
                    self._handed_over.settle(tx, place.bucket)
                return begun

            begun = await self._db.write(begin)
            if begun is None:
                raise BucketClosed(place.bucket, Closed.REBUILDING, found)
            turn = Turn(begun.bucket, begun.ledger, begun.previous, begun.number)
            try:
                counted = await self._count(place.bucket, now, counting)
                await self._restore(turn, counted)
            except Exception:
                await self._db.write(lambda tx: rows.give_up_rebuild(tx, begun))
                raise
            await self._db.write(lambda tx: rows.end_rebuild(tx, begun, counting))
            self._ours[place.bucket] = (begun.number, begun.number)
        self._rebuilt(begun, reason, len(counted))

    def _rebuilt(self, begun: Place, reason: str, recipients: int) -> None:
        if reason == Closed.BEHIND.value:
            self._patience.was_short(begun.bucket)
        # A bucket's first use, if nothing is known to have gone out before.
        is_new = begun.previous <= rows.CALLS_A_BATCH and not recipients
        reason = "new" if is_new else reason
        tell = log.debug if is_new else (log.info if reason == LACKS else log.warning)
        tell("bucket_rebuilt", bucket=begun.bucket, reason=reason, recipients=recipients)
        metrics.bucket_rebuilt(reason)

    async def _restore(self, turn: Turn, counted: Mapping[str, Sequence[Counted]]) -> None:
        if turn.bucket < BUCKETS:
            await self._store.restore(turn, counted)
            return
        # Of a block's subject each cap has a record of its own.
        records: defaultdict[BlockRecord, list[Counted]] = defaultdict(list)
        for subject, counters in counted.items():
            for one in counters:
                records[BlockRecord(one.cap_id, subject)].append(one)
        await self._store.restore_blocks(turn, records)

    async def _count(
        self, bucket: int, now: datetime, counting: CapsInForce | None
    ) -> dict[str, list[Counted]]:
        """Add up what each recipient has used in each window that may still matter."""
        most = LARGEST_LIMIT if bucket < BUCKETS else LARGEST_TOGETHER
        sums: dict[str, dict[tuple[str, str], Counted]] = {}
        async for batch in self._handed_over.slots(bucket, now - GRACE, counting):
            for slot in batch:
                counters = sums.setdefault(slot.recipient, {})
                name = (slot.cap_id, slot.window)
                before = counters.get(name, Counted(*name, slot.ends_at, 0))
                ends_at = max(before.ends_at, slot.ends_at)
                counters[name] = Counted(*name, ends_at, min(before.used + slot.number, most))
        return {recipient: list(counters.values()) for recipient, counters in sums.items()}
