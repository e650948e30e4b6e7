"""How fast the desk works, and what follows for whoever waits: pure sums over counted tickets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

HOUR: Final = 3600
FORECAST_HOURS: Final = 12


@dataclass(frozen=True, slots=True)
class Pace:
    """What was ruled in the last hour: how much, by how many, after what usual wait (s)."""

    ruled: int
    people: int
    usual_wait: int

    def wait(self, ahead: int) -> int | None:
        """Return for how many seconds a ticket will wait; None while nobody works.

        While fewer come first than people are at work, an hour's rulings say how many came and
        not how many could be done, so that the usual wait is the better guess.
        """
        if not self.ruled:
            return None
        in_turn = -(-(ahead + 1) * HOUR // self.ruled)
        return min(in_turn, self.usual_wait) if ahead < self.people else in_turn

    def reached_within(self, span: timedelta) -> int:
        """Return how many tickets will have had their turn after a time."""
        return max(int(span.total_seconds() * self.ruled // HOUR), 0)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Open tickets of one queue with deadline and expiry in the same minutes."""

    queue: str
    rank: int
    deadline: datetime
    expires_at: datetime
    number: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class QueueState:
    """One queue: how much waits since when, how long waits were (s), and what will come too late.

    `median` and `slow` (95 of 100 waited no longer) are of the last day, None without a ruling.
    `over` are past their deadline already, `late` will be before their turn, `lost` will expire.
    """

    name: str
    waiting: int = 0
    oldest: datetime | None = None
    median: int | None = None
    slow: int | None = None
    over: int = 0
    late: int = 0
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Forecast:
    """What will come too late by queue, and how many will expire unruled in each hour to come."""

    queues: tuple[QueueState, ...]
    lost_by_hour: tuple[int, ...]


def percentile(counts: Iterable[tuple[int, int]], hundredths: int) -> int | None:
    """Return the value that so many of a hundred do not exceed; None of nothing.

    `counts` are (value, how often).
    """
    ordered = sorted(counts)
    rank = -(-sum(often for _, often in ordered) * hundredths // 100)
    for value, often in ordered:
        rank -= often
        if rank <= 0:
            return value
    return None


def forecast(waiting: Iterable[Waiting], pace: Pace, now: datetime) -> Forecast:
    """Return what happens if the desk goes on at this pace, in the order of work.

    Without a pace nobody can tell; then whatever expires within the hour counts as lost.
    """
    before = 0
    queues: dict[str, QueueState] = {}
    hours = [0] * FORECAST_HOURS
    for group in sorted(waiting, key=lambda one: (one.rank, one.deadline)):
        end = before + group.number
        over = group.number if group.deadline <= now else 0
        late = _too_late(before, end, group.deadline - now, pace)
        lost = _too_late(before, end, group.expires_at - now, pace)
        hour = int((group.expires_at - now).total_seconds() // HOUR)
        if lost and hour < FORECAST_HOURS:
            hours[max(hour, 0)] += lost
        known = queues.get(group.queue, QueueState(group.queue))
        queues[group.queue] = QueueState(
            name=group.queue,
            waiting=known.waiting + group.number,
            oldest=group.oldest if known.oldest is None else min(known.oldest, group.oldest),
            over=known.over + over,
            late=known.late + late - over,
            lost=known.lost + lost,
        )
        before = end
    return Forecast(tuple(queues.values()), tuple(hours))


def in_order(states: Iterable[QueueState], names: Sequence[str]) -> tuple[QueueState, ...]:
    """Return the state of each queue of these names, in their order; an empty one for the rest."""
    found = {one.name: one for one in states}
    return tuple(found.get(name, QueueState(name)) for name in names)


def _too_late(before: int, end: int, left: timedelta, pace: Pace) -> int:
    """Return how many of the places from `before` to `end` have no turn in the time left."""
    if not pace.ruled:
        return end - before if left <= timedelta(hours=1) else 0
    return end - min(max(before, pace.reached_within(left)), end)
