"""The cap ledger: slots are granted only by counters that have lost nothing; lost ones heal.

The database hands out a bucket's numbers, the counters carry the last one that reached them, and
each call that grants compares the two. What a flush, an old copy or a fail-over has taken away
shows as a number or a ledger that does not fit. The bucket then grants nothing until it is
counted again from what the database knows to have been handed over.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from app import metrics
from app.clock import Clock
from app.db.session import Database, Tx
from app.errors import CountersUnavailable
from app.frequency import repository as rows
from app.frequency.blocks import Block, BlockRecord, Counters, StartedBlock, Taken
from app.frequency.cap_window import GRACE, LARGEST_LIMIT, LARGEST_TOGETHER, CapWindow
from app.frequency.handed_over import Freed, HandedOver, those_of
from app.frequency.keys import BUCKETS
from app.frequency.patience import SOON_SECONDS, Patience, patiently
from app.frequency.repository import Place
from app.frequency.store import (
    BucketClosed,
    Closed,
    Counted,
    Full,
    Lapsed,
    Reservation,
    Turn,
    Use,
)
from app.ids import new_id

log = structlog.get_logger("cap_ledger")

_REBUILDS_AT_ONCE = 2
_LEFT_ALONE = timedelta(seconds=10)
"""After how long a rebuild that was never heard of again is begun by somebody else."""


@dataclass(frozen=True, slots=True)
class Granted:
    """Whose slots are reserved and started, under which number, and who has no room.

    `shadowed` is as in `Reserved`.
    """

    reservation_id: str
    number: int
    granted: tuple[str, ...]
    full: tuple[Full, ...]
    shadowed: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class GrantedBlock:
    """A block as it was asked for, under which number of its bucket, and what was taken."""

    block: Block
    number: int
    taken: Taken


class CapLedger:
    """Grants slots in the order of a bucket's numbers, one batch of a bucket at a time."""

    def __init__(
        self, db: Database, clock: Clock, store: Counters, handed_over: HandedOver
    ) -> None:
        """Hold nothing; a bucket's numbers and counters are looked at when it is used."""
        self._db = db
        self._clock = clock
        self._store = store
        self._handed_over = handed_over
        self._locks: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._rebuilds = asyncio.Semaphore(_REBUILDS_AT_ONCE)
        # Per bucket the last number that was answered here, and the last one handed out to us.
        self._ours: dict[int, tuple[int, int]] = {}
        self._patience = Patience()

    async def grant(self, asked: Reservation) -> Granted | Lapsed:
        """Reserve and start slots; a bucket that does not fit is rebuilt and asked once more.

        The second time under another reservation's id. Raises CountersUnavailable where nothing
        can be granted now; what was reserved meanwhile lapses by itself.
        """
        async with self._locks[asked.bucket]:
            if asked.expires_at <= self._clock.now():
                # It has waited here for too long; those behind it need not wait for it as well.
                return Lapsed()
            place = await self._take(asked.bucket)
            try:
                return await self._in_turn(asked, place)
            except BucketClosed as closed:
                await self._rebuild(place, closed)
            again = replace(asked, id=new_id("rsv"))
            return await self._in_turn(again, await self._take(asked.bucket))

    async def swap(self, asked: Reservation, withdraw: Callable[[Tx], Freed]) -> Granted | Lapsed:
        """Free slots of recipients and take slots anew for each of them, in one call.

        `withdraw` frees them in the database, in the transaction that hands out the number. Lapsed
        where it frees none, or the bucket has to be rebuilt, which counts nothing of what it freed.
        """
        freed: dict[str, tuple[tuple[str, str], ...]] = {}

        def first(tx: Tx) -> None:
            freed.clear()
            freed.update(withdraw(tx))

        async with self._locks[asked.bucket]:
            place = await self._take(asked.bucket, first)
            try:
                if not freed:
                    await self._pass(place, *self._begin(place))
                    return Lapsed()
                groups = tuple(those_of(asked.groups, freed))
                return await self._in_turn(replace(asked, groups=groups, freed=freed), place)
            except BucketClosed as closed:
                await self._rebuild(place, closed)
                return Lapsed()

    async def use(
        self, recipients: Sequence[str], caps: Sequence[CapWindow]
    ) -> dict[str, tuple[Use, ...]]:
        """Read how much recipients have used of caps; it grants nothing."""
        return await self._store.use(recipients, caps)

    async def grant_block(self, asked: Block) -> GrantedBlock | Lapsed:
        """Reserve a block, as `grant` reserves slots; it lapses unless it is started in time."""
        async with self._locks[asked.bucket]:
            if asked.expires_at <= self._clock.now():
                return Lapsed()
            place = await self._take(asked.bucket)
            try:
                return await self._block_in_turn(asked, place)
            except BucketClosed as closed:
                await self._rebuild(place, closed)
            again = replace(asked, id=new_id("blk"))
            return await self._block_in_turn(again, await self._take(asked.bucket))

    async def start_block(self, granted: GrantedBlock, used: int) -> bool:
        """Say how much of a block is about to be used; False if that is too late."""
        block = granted.block
        return not granted.taken.granted or await self._store.start_block(
            block.id, block.records, used
        )

    async def give_back(self, reservation_id: str, recipients: Sequence[str]) -> None:
        """Free started slots that are not used after all; what cannot be freed stays used."""
        with contextlib.suppress(CountersUnavailable):
            if recipients:
                await self._store.give_back(reservation_id, recipients)

    async def give_back_blocks(
        self, blocks: Sequence[StartedBlock], number: int, attempt: int
    ) -> None:
        """Free so many of each started block, once an attempt; what cannot be freed stays used."""
        for block in blocks:
            with contextlib.suppress(CountersUnavailable):
                await self._store.give_back_block(block.id, block.records, number, attempt)

    async def _take(self, bucket: int, first: Callable[[Tx], None] | None = None) -> Place:
        """Take the next numbers of a bucket, and do something `first` in the same transaction."""

        def work(tx: Tx) -> Place | None:
            place = rows.take(tx, bucket, self._clock.now())
            if place is not None and first is not None:
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

    def _begin(self, place: Place) -> tuple[int, float]:
        """Return after which number a batch comes, and for how long it waits for that."""
        answered, handed_out = self._ours.get(place.bucket, (0, 0))
        is_ours = place.previous == handed_out
        # What we asked for and heard nothing of was never used: it may be there or not.
        after = answered if is_ours else place.previous
        self._ours[place.bucket] = (after, place.number)
        return after, 0.0 if is_ours else self._patience.of(place.bucket)

    async def _pass(self, place: Place, after: int, patience: float) -> None:
        """Leave a number that is used for nothing with the counters, for whoever comes next."""
        turn = Turn(place.bucket, place.ledger, after, place.number)
        await patiently(lambda: self._store.start("", (), turn), patience)
        self._ours[place.bucket] = (place.number, place.number)

    async def _block_in_turn(self, asked: Block, place: Place) -> GrantedBlock | Lapsed:
        after, patience = self._begin(place)
        turn = Turn(place.bucket, place.ledger, after, place.number)
        outcome = await patiently(lambda: self._store.reserve_block(asked, turn), patience)
        if isinstance(outcome, Lapsed):
            # It may never have been sent.
            await self._pass(place, after, patience)
            return outcome
        self._answered(place)
        return GrantedBlock(asked, place.number, outcome)

    async def _in_turn(self, asked: Reservation, place: Place) -> Granted | Lapsed:
        after, patience = self._begin(place)
        turn = Turn(place.bucket, place.ledger, after, place.number - 1)
        outcome = await patiently(lambda: self._store.reserve(asked, turn), patience)
        granted = () if isinstance(outcome, Lapsed) else outcome.granted
        # A reservation that lapsed may never have been sent.
        after = after if isinstance(outcome, Lapsed) else turn.number
        begin = Turn(place.bucket, place.ledger, after, place.number)
        known = asked.known_as
        started = await patiently(lambda: self._store.start(known, granted, begin), patience)
        self._answered(place)
        if isinstance(outcome, Lapsed):
            return outcome
        kept = tuple(name for name in granted if name in started)
        return Granted(asked.id, place.number, kept, outcome.full, outcome.shadowed)

    def _answered(self, place: Place) -> None:
        self._ours[place.bucket] = (place.number, place.number)
        self._patience.was_enough(place.bucket)

    async def _rebuild(self, place: Place, closed: BucketClosed) -> None:
        """Count a bucket again and open it; raises `closed` while that is somebody else's."""
        async with self._rebuilds:
            now = self._clock.now()

            def begin(tx: Tx) -> Place | None:
                begun = rows.begin_rebuild(tx, place, closed.number, now, now + _LEFT_ALONE)
                if begun is not None:
                    self._handed_over.settle(tx, place.bucket)
                return begun

            begun = await self._db.write(begin)
            if begun is None:
                raise closed
            turn = Turn(begun.bucket, begun.ledger, begun.previous, begun.number)
            try:
                counted = await self._count(place.bucket, now)
                await self._restore(turn, counted)
            except Exception:
                await self._db.write(lambda tx: rows.give_up_rebuild(tx, begun))
                raise
            await self._db.write(lambda tx: rows.end_rebuild(tx, begun))
            self._ours[place.bucket] = (begun.number, begun.number)
        self._rebuilt(begun, closed.why, len(counted))

    def _rebuilt(self, begun: Place, why: Closed, recipients: int) -> None:
        if why is Closed.BEHIND:
            self._patience.was_short(begun.bucket)
        # A bucket's first use, if nothing is known to have gone out before.
        is_new = begun.previous == rows.CALLS_A_BATCH and not recipients
        reason = "new" if is_new else why.value
        tell = log.debug if is_new else log.warning
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

    async def _count(self, bucket: int, now: datetime) -> dict[str, list[Counted]]:
        """Add up what each recipient has used in each window that may still matter."""
        most = LARGEST_LIMIT if bucket < BUCKETS else LARGEST_TOGETHER
        sums: dict[str, dict[tuple[str, str], Counted]] = {}
        async for batch in self._handed_over.slots(bucket, now - GRACE):
            for slot in batch:
                counters = sums.setdefault(slot.recipient, {})
                name = (slot.cap_id, slot.window)
                before = counters.get(name, Counted(*name, slot.ends_at, 0))
                ends_at = max(before.ends_at, slot.ends_at)
                counters[name] = Counted(*name, ends_at, min(before.used + slot.number, most))
        return {recipient: list(counters.values()) for recipient, counters in sums.items()}
