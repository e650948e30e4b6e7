"""The cap ledger: slots are granted only by counters that have lost nothing; lost ones heal.

The database hands out a bucket's numbers, the counters carry the last one that reached them, and
each call that grants compares the two. What a flush, an old copy or a fail-over has taken away
shows as a number or a ledger that does not fit. The bucket then grants nothing until it is
counted again from what the database knows to have been handed over.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from app.clock import Clock
from app.db.session import Database, Tx
from app.errors import CountersUnavailable
from app.frequency.blocks import Block, Counters, StartedBlock, Taken
from app.frequency.cap_window import CapWindow
from app.frequency.caps_in_force import CapsInForce
from app.frequency.handed_over import Freed, HandedOver, those_of
from app.frequency.patience import patiently
from app.frequency.repository import Outdated, Place
from app.frequency.store import (
    BucketClosed,
    Full,
    Lapsed,
    Reservation,
    Turn,
    Use,
)
from app.frequency.turns import LACKS, Turns
from app.ids import new_id

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class _Ask(Protocol[T_co]):
    """What a batch asks for at its place; `again` if it may have been heard before."""

    async def __call__(self, place: Place, *, again: bool) -> T_co: ...


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
        self._clock = clock
        self._store = store
        self._turns = Turns(db, clock, store, handed_over)
        self._locks: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._counting: CapsInForce | None = None

    def under(self, counting: CapsInForce) -> "CapLedger":
        """Return the same ledger, for batches that are decided by these caps.

        In a bucket that has not counted all that they count it grants nothing before it has, from
        the rows: what was sent before a cap was there counts as if it had been.
        """
        found = copy(self)
        found._counting = counting  # noqa: SLF001 - it is one of ours
        return found

    async def grant(self, asked: Reservation) -> Granted | Lapsed:
        """Reserve and start slots; a bucket that does not fit is rebuilt and asked once more.

        The second time under another reservation's id. Raises CountersUnavailable where nothing
        can be granted now; what was reserved meanwhile lapses by itself.
        """

        async def ask(place: Place, *, again: bool) -> Granted | Lapsed:
            once_more = replace(asked, id=new_id("rsv")) if again else asked
            return await self._in_turn(once_more, place)

        return await self._ask(asked, ask)

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
            place = await self._turns.take(asked.bucket, self._counting, first)
            if isinstance(place, Outdated) or place.lacks:
                return Lapsed()
            try:
                if not freed:
                    await self._turns.pass_on(place, *self._turns.begin(place))
                    return Lapsed()
                groups = tuple(those_of(asked.groups, freed))
                return await self._in_turn(replace(asked, groups=groups, freed=freed), place)
            except BucketClosed as closed:
                await self._count_again(place, closed.number, closed.why.value)
                return Lapsed()

    async def use(
        self, recipients: Sequence[str], caps: Sequence[CapWindow]
    ) -> dict[str, tuple[Use, ...]]:
        """Read how much recipients have used of caps; it grants nothing."""
        return await self._store.use(recipients, caps)

    async def grant_block(self, asked: Block) -> GrantedBlock | Lapsed:
        """Reserve a block, as `grant` reserves slots; it lapses unless it is started in time."""

        async def ask(place: Place, *, again: bool) -> GrantedBlock | Lapsed:
            once_more = replace(asked, id=new_id("blk")) if again else asked
            return await self._block_in_turn(once_more, place)

        return await self._ask(asked, ask)

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

    async def _ask(self, asked: Reservation | Block, ask: "_Ask[T]") -> T | Lapsed:
        """Let a batch ask in its turn, and once more after the bucket had to be counted again."""
        bucket = asked.bucket
        async with self._locks[bucket]:
            if asked.expires_at <= self._clock.now():
                # It has waited here for too long; those behind it need not wait for it as well.
                return Lapsed()
            place = await self._turns.take(bucket, self._counting)
            if isinstance(place, Outdated):
                return Lapsed()
            try:
                if not place.lacks:
                    return await ask(place, again=False)
                # Whether anything is lost besides shows before it is counted, not after.
                await self._turns.pass_on(place, *self._turns.begin(place))
            except BucketClosed as closed:
                await self._count_again(place, closed.number, closed.why.value)
            else:
                await self._count_again(place, place.number, LACKS)
            place = await self._turns.take(bucket, self._counting)
            if isinstance(place, Outdated) or place.lacks:
                return Lapsed()
            return await ask(place, again=True)

    async def _block_in_turn(self, asked: Block, place: Place) -> GrantedBlock | Lapsed:
        after, patience = self._turns.begin(place)
        turn = Turn(place.bucket, place.ledger, after, place.number)
        outcome = await patiently(lambda: self._store.reserve_block(asked, turn), patience)
        if isinstance(outcome, Lapsed):
            # It may never have been sent.
            await self._turns.pass_on(place, after, patience)
            return outcome
        self._turns.answered(place)
        return GrantedBlock(asked, place.number, outcome)

    async def _in_turn(self, asked: Reservation, place: Place) -> Granted | Lapsed:
        after, patience = self._turns.begin(place)
        turn = Turn(place.bucket, place.ledger, after, place.number - 1)
        outcome = await patiently(lambda: self._store.reserve(asked, turn), patience)
        granted = () if isinstance(outcome, Lapsed) else outcome.granted
        # A reservation that lapsed may never have been sent.
        after = after if isinstance(outcome, Lapsed) else turn.number
        begin = Turn(place.bucket, place.ledger, after, place.number)
        known = asked.known_as
        started = await patiently(lambda: self._store.start(known, granted, begin), patience)
        self._turns.answered(place)
        if isinstance(outcome, Lapsed):
            return outcome
        kept = tuple(name for name in granted if name in started)
        return Granted(asked.id, place.number, kept, outcome.full, outcome.shadowed)

    async def _count_again(self, place: Place, found: int, reason: str) -> None:
        await self._turns.rebuild(place, found, reason, self._counting)
