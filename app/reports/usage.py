"""How much is sent, what caps leave out, and how near recipients are to their caps."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.clock import BEIJING, Clock
from app.db.session import Database, Tx
from app.delivery import usage_repository as rows
from app.delivery.recount import OutboxSlots
from app.delivery.usage_repository import HourUse, Span
from app.domain.policy import Calendar, Cap
from app.frequency.cap_window import GRACE
from app.frequency.handed_over import Slot
from app.frequency.keys import BUCKETS
from app.frequency.windows import ROLLING_GRACE
from app.policy.service import Policies

HOURS: Final = 24
MOST_DAYS: Final = 31
TOPICS: Final = 5
STEPS: Final = 5
"""Into how many steps a cap is divided below full; the last place is for who is full."""
MOST_SLOTS: Final = 200_000


@dataclass(frozen=True, slots=True)
class Sums:
    """How many were sent to, left out by caps, still wait; `everybody` includes all others."""

    everybody: int = 0
    sent: int = 0
    left_out: int = 0
    waiting: int = 0

    @property
    def others(self) -> int:
        """Whoever met something else: refused, no inbox, kept from minors, failed, stopped."""
        return self.everybody - self.sent - self.left_out - self.waiting


@dataclass(frozen=True, slots=True)
class UsageReport:
    """What was sent in a time, with hours and days of Beijing.

    `topics` has what most was sent of; `caps` how many each has left out, and would have as a
    shadow. `hours` stand for the file: each hour and kind of content by itself.
    """

    span: Span
    total: Sums
    by_hour: tuple[Sums, ...]
    by_day: Mapping[str, Sums]
    kinds: Mapping[str, tuple[int, ...]]
    topics: Mapping[str, tuple[int, ...]]
    caps: Mapping[str, tuple[int, int]]
    hours: tuple[HourUse, ...]


@dataclass(frozen=True, slots=True)
class Nearness:
    """How far recipients have used a cap: so many in each fifth below full, and full.

    Who has used nothing is not known, and not counted.
    """

    cap: Cap
    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NearCaps:
    """Nearness under the policy in force, over the recipients of so many of all buckets."""

    caps: tuple[Nearness, ...]
    buckets: int
    is_cut: bool

    @property
    def is_sample(self) -> bool:
        """Whether only a part of the recipients was looked at."""
        return self.is_cut or self.buckets < BUCKETS


class Usage:
    """Answers how much of everything is used; read only."""

    def __init__(self, db: Database, clock: Clock, policies: Policies) -> None:
        """Hold nothing."""
        self._db = db
        self._clock = clock
        self._policies = policies

    async def report(self, span: Span) -> UsageReport:
        """Return what was sent in a time of at most `MOST_DAYS`."""

        def read(tx: Tx) -> UsageReport:
            topics = rows.most_sent_topics(tx, span, TOPICS)
            left_out, shadowed = rows.by_cap(tx, span)
            return _report(
                span,
                rows.by_kind(tx, span),
                rows.by_topic(tx, span, topics) if topics else [],
                {one: (left_out[one], shadowed[one]) for one in {**left_out, **shadowed}},
            )

        return await self._db.read(read)

    async def near_caps(self) -> NearCaps:
        """Return how near recipients are to the caps in force, from what was handed over.

        Buckets are read whole, one after the other, until there are enough slots for a sample:
        recipients lie in them by a hash.
        """
        policy, now = await self._policies.active(), self._clock.now()
        caps = {
            cap.id: cap
            for cap in (() if policy is None else policy.caps)
            if cap.is_counted and cap.is_each_recipients and cap.limit and cap.is_in_force(now)
        }
        used: dict[str, Counter[tuple[str, str]]] = {name: Counter() for name in caps}
        seen = bucket = 0
        while caps and bucket < BUCKETS and seen < MOST_SLOTS:
            async for slots in OutboxSlots(self._db).slots(bucket, now - GRACE):
                for slot in slots:
                    seen += 1
                    _count(slot, caps, used, now)
                if seen >= 2 * MOST_SLOTS:
                    return NearCaps(_nearness(caps, used), bucket + 1, is_cut=True)
            bucket += 1
        return NearCaps(_nearness(caps, used), bucket if caps else BUCKETS, is_cut=False)


def _count(
    slot: Slot,
    caps: Mapping[str, Cap],
    used: Mapping[str, Counter[tuple[str, str]]],
    now: datetime,
) -> None:
    cap = caps.get(slot.cap_id)
    if cap is None:
        return
    # Rows have the end as counters note it.
    early = timedelta(0) if isinstance(cap.window, Calendar) else GRACE - ROLLING_GRACE
    if slot.ends_at + early > now:
        _, _, kept_for = slot.window.partition("|")
        used[cap.id][slot.recipient, kept_for] += 1


def _nearness(
    caps: Mapping[str, Cap], used: Mapping[str, Counter[tuple[str, str]]]
) -> tuple[Nearness, ...]:
    found = []
    for name, cap in caps.items():
        steps = [0] * (STEPS + 1)
        for number in used[name].values():
            steps[min(number * STEPS // cap.limit, STEPS)] += 1
        found.append(Nearness(cap, tuple(steps)))
    return tuple(found)


def _report(
    span: Span,
    kinds: Sequence[HourUse],
    topics: Sequence[HourUse],
    caps: Mapping[str, tuple[int, int]],
) -> UsageReport:
    first, last = (one.astimezone(BEIJING).date() for one in (span.since, _before(span.until)))
    days = [(first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)]
    return UsageReport(
        span=span,
        total=_summed(kinds),
        by_hour=tuple(
            _summed([one for one in kinds if _here(one).hour == hour]) for hour in range(HOURS)
        ),
        by_day={
            day: _summed([one for one in kinds if _here(one).date().isoformat() == day])
            for day in days
        },
        kinds=_over_the_day(kinds),
        topics=_over_the_day(topics),
        caps=dict(sorted(caps.items(), key=lambda one: (-sum(one[1]), one[0]))),
        hours=tuple(kinds),
    )


def _over_the_day(uses: Sequence[HourUse]) -> dict[str, tuple[int, ...]]:
    """Return by name how many were sent in each hour of the day, what most was sent of first."""
    found: dict[str, list[int]] = {}
    for one in uses:
        found.setdefault(one.of, [0] * HOURS)[_here(one).hour] += one.sent
    ordered = sorted(found.items(), key=lambda one: (-sum(one[1]), one[0]))
    return {name: tuple(values) for name, values in ordered}


def _summed(uses: Sequence[HourUse]) -> Sums:
    def total(of: Callable[[HourUse], int]) -> int:
        return sum(map(of, uses))

    return Sums(
        total(lambda one: one.everybody),
        total(lambda one: one.sent),
        total(lambda one: one.left_out),
        total(lambda one: one.waiting),
    )


def _here(use: HourUse) -> datetime:
    return use.hour.astimezone(BEIJING)


def _before(instant: datetime) -> datetime:
    return instant - timedelta(microseconds=1)
