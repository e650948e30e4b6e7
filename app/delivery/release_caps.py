"""Caps that count pushes as they are released: a number of them in a window, or a share.

They are counted in the transaction that releases, one release at a time, so that they are exact
whoever else releases meanwhile, and there is nothing to lose.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from app.db.session import Tx
from app.delivery import release_repository as rows
from app.delivery.release_repository import CountedPush
from app.domain.cap_use import CapUse, is_nearly_used
from app.domain.policy import Calendar, Cap, Over, Per
from app.frequency.release_windows import free_at, looks_again, since
from app.frequency.windows import Scope, calendar
from app.policy.cap_use_repository import note_uses


@dataclass(frozen=True, slots=True)
class Standing:
    """How a cap of pushes stands: used and allowed, and when it may have room again.

    `allowed` is for one push more.
    """

    used: int
    allowed: int
    push_ids: tuple[str, ...]
    free_at: datetime

    @property
    def is_full(self) -> bool:
        """Whether there is no room for one more."""
        return self.used >= self.allowed


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A push about to be released: what it may count for, and the time zone of its surface."""

    push_id: str
    scope: Scope
    zone: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Weighed:
    """What caps of pushes say of a release.

    `left_out_by` is the cap over which it reaches nobody, `waits_until` when to look again at one
    that waits for room, `stopped` the shadow caps that would have stopped it.
    """

    left_out_by: str | None = None
    waits_until: datetime | None = None
    stopped: tuple[str, ...] = ()


def weigh(tx: Tx, going: Outgoing, caps: Sequence[Cap], now: datetime) -> Weighed:
    """Count a push for every cap of pushes that bears on it, or for none where one is full.

    A full shadow cap counts nothing of it and stands in no way.
    """
    bearing = [cap for cap in caps if cap.counts_pushes and cap.is_in_force(now)]
    if not bearing:
        return Weighed()
    rows.one_at_a_time(tx)
    stands = [(cap, standing(tx, cap, going.scope, going.zone, now)) for cap in bearing]
    full = [(cap, one) for cap, one in stands if one.is_full]
    binding = [(cap, one) for cap, one in full if cap.binds]
    if binding:
        return _stopped(binding, going, now)
    taken = [
        CountedPush(cap.id, going.scope.suffix(cap.per), going.push_id, now)
        for cap, one in stands
        if not one.is_full
    ]
    rows.note_counted(tx, taken)
    note_uses(tx, [_use(cap, one, going, now) for cap, one in stands if _warns(cap, one)])
    return Weighed(stopped=tuple(cap.id for cap, _ in full))


def _warns(cap: Cap, one: Standing) -> bool:
    """Tell whether one push more leaves a cap nearly used up; of one alone nobody warns."""
    return cap.binds and one.allowed > 1 and is_nearly_used(one.used + 1, one.allowed)


def _use(cap: Cap, one: Standing, going: Outgoing, now: datetime) -> CapUse:
    window, ends_at = _whole_window(cap, going.zone, now)
    subject, provider = going.scope.suffix(cap.per), going.scope.provider
    return CapUse(
        *(cap.id, subject, window, cap.counts.value, one.used + 1, one.allowed),
        *(ends_at, going.push_id, provider, now),
    )


def _whole_window(cap: Cap, zone: str, now: datetime) -> tuple[str, datetime]:
    """Return the window that a warning is about; of a rolling span as much as it is long."""
    if isinstance(cap.window, Calendar):
        span = calendar(cap.window.unit, now, cap.window.zone or zone)
        return span.key, span.ends_at
    seconds = int((now - since(cap, zone, now)).total_seconds()) + 1
    number = int(now.timestamp()) // seconds
    return f"span:{seconds}:{number}", datetime.fromtimestamp((number + 1) * seconds, UTC)


def standing(tx: Tx, cap: Cap, scope: Scope, zone: str, now: datetime) -> Standing:
    """Return how a cap of pushes stands for those of one scope, before one more is released."""
    first = since(cap, zone, now)
    counted = rows.counted_since(tx, cap.id, scope.suffix(cap.per), first)
    pushes = 0
    if cap.percent is not None:
        provider = scope.provider if Per.PROVIDER in cap.per else None
        pushes = rows.released_since(tx, scope.surface, provider, first) + 1
    allowed = cap.allowed_of(pushes)
    push_ids = tuple(push_id for push_id, _ in counted)
    free = free_at(cap, zone, now, len(counted), lambda place: counted[place][1])
    return Standing(len(counted), allowed, push_ids, free)


def _stopped(binding: Sequence[tuple[Cap, Standing]], going: Outgoing, now: datetime) -> Weighed:
    """Of several full caps name one that drops, or else the one that has room last."""
    cap, one = max(binding, key=lambda pair: (pair[0].over is Over.DROP, pair[1].free_at))
    again = looks_again(cap, one.free_at, now, going.expires_at)
    return Weighed(left_out_by=cap.id) if again is None else Weighed(waits_until=again)
