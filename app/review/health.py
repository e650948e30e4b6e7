"""The health of the queue: the desk's pace, waits, and what will come too late at that pace."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from app.clock import Clock
from app.db.session import Database, Tx
from app.domain.push import ContentKind
from app.review import health_repository as rows
from app.review.pace import Forecast, Pace, QueueState, forecast, in_order, percentile

QUEUES: Final = rows.queue_names(tuple(ContentKind))
_PACE_SECONDS: Final = 5.0
_QUEUES_SECONDS: Final = 10.0
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Health:
    """The state of every queue at one time, at one pace."""

    at: datetime
    pace: Pace
    queues: tuple[QueueState, ...]
    lost_by_hour: tuple[int, ...]

    @property
    def waiting(self) -> int:
        """How many tickets wait in all."""
        return sum(one.waiting for one in self.queues)

    @property
    def over(self) -> int:
        """How many are past their deadline."""
        return sum(one.over for one in self.queues)

    @property
    def late(self) -> int:
        """How many will be past their deadline before their turn."""
        return sum(one.late for one in self.queues)

    @property
    def lost(self) -> int:
        """How many will expire before their turn."""
        return sum(one.lost for one in self.queues)


class QueueHealth:
    """Answers from counts of a few seconds ago; one caller counts, others take the last."""

    def __init__(self, db: Database, clock: Clock) -> None:
        """Nothing is counted yet."""
        self._db = db
        self._clock = clock
        self._pace = _Kept(clock, _PACE_SECONDS, self._count_pace)
        self._queues = _Kept(clock, _QUEUES_SECONDS, self._count)

    async def pace(self) -> Pace:
        """Return what was ruled in the last hour."""
        return await self._pace.get()

    async def now(self) -> Health:
        """Return how every queue is."""
        return await self._queues.get()

    async def _count_pace(self) -> Pace:
        since = self._clock.now() - _HOUR
        return await self._db.read(lambda tx: _pace(tx, since))

    async def _count(self) -> Health:
        now = self._clock.now()

        def read(tx: Tx) -> Health:
            pace = _pace(tx, now - _HOUR)
            expected = forecast(rows.open_tickets(tx), pace, now)
            return Health(now, pace, _with_waits(tx, expected, now), expected.lost_by_hour)

        return await self._db.read(read)


def _pace(tx: Tx, since: datetime) -> Pace:
    by_person = rows.rulings_by_person(tx, since)
    waited = [(one.seconds, one.often) for one in rows.waits(tx, since)]
    return Pace(sum(by_person.values()), len(by_person), percentile(waited, 50) or 0)


def _with_waits(tx: Tx, expected: Forecast, now: datetime) -> tuple[QueueState, ...]:
    found: dict[str, list[tuple[int, int]]] = {name: [] for name in QUEUES}
    for one in rows.waits(tx, now - _DAY):
        found[one.queue].append((one.seconds, one.often))
    return tuple(
        replace(one, median=percentile(found[one.name], 50), slow=percentile(found[one.name], 95))
        for one in in_order(expected.queues, QUEUES)
    )


class _Kept(Generic[T]):
    """What costs something to read, read again after some seconds by whoever asks then.

    Where reading takes long it is read less often, so that it is never busy for more than a
    twentieth of the time.
    """

    def __init__(self, clock: Clock, seconds: float, read: Callable[[], Awaitable[T]]) -> None:
        self._clock = clock
        self._seconds = seconds
        self._read = read
        self._held: tuple[float, T] | None = None
        self._reading = asyncio.Lock()

    async def get(self) -> T:
        held = self._held
        is_due = held is None or self._clock.monotonic() > held[0]
        if held is None or (is_due and not self._reading.locked()):
            async with self._reading:
                # Whoever had to wait for the lock finds a new one.
                if self._held is None or self._held is held:
                    began = self._clock.monotonic()
                    value = await self._read()
                    ended = self._clock.monotonic()
                    good_until = ended + max(self._seconds, 20 * (ended - began))
                    self._held = (good_until, value)
                held = self._held
        return held[1]
