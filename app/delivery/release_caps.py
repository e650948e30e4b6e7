"""Caps that count pushes as they are released: a number of them in a window, or a share.

They are counted in the transaction that releases, one release at a time, so that they are exact
whoever else releases meanwhile, and there is nothing to lose.
"""

from collections.abc import Collection, Sequence
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
    """How a cap of pushes stands now for a subject: used, and allowed for one push more."""

    cap: Cap
    subject: str
    zone: str
    now: datetime
    used: int
    allowed: int

    @property
    def since(self) -> datetime:
        """From when on a push still counts."""
        return since(self.cap, self.zone, self.now)

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
    stands = [standing(tx, cap, going.scope, going.zone, now) for cap in bearing]
    full = [one for one in stands if one.is_full]
    binding = [one for one in full if one.cap.binds]
    if binding:
        return _stopped(tx, binding, going, now)
    taken = [
        CountedPush(one.cap.id, one.subject, going.push_id, now)
        for one in stands
        if not one.is_full
    ]
    rows.note_counted(tx, taken)
    note_uses(tx, [_use(one, going, now) for one in stands if _warns(one)])
    return Weighed(stopped=tuple(one.cap.id for one in full))


def _warns(one: Standing) -> bool:
    """Tell whether one push more leaves a cap nearly used up; of one alone nobody warns."""
    return one.cap.binds and one.allowed > 1 and is_nearly_used(one.used + 1, one.allowed)


def _use(one: Standing, going: Outgoing, now: datetime) -> CapUse:
    window, ends_at = _whole_window(one.cap, going.zone, now)
    return CapUse(
        *(one.cap.id, one.subject, window, one.cap.counts.value, one.used + 1, one.allowed),
        *(ends_at, going.push_id, going.scope.provider, now),
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
    first, subject = since(cap, zone, now), scope.suffix(cap.per)
    used = rows.counted_since(tx, cap.id, subject, first)
    pushes = 0
    if cap.percent is not None:
        provider = scope.provider if Per.PROVIDER in cap.per else None
        pushes = rows.released_since(tx, scope.surface, provider, first) + 1
    return Standing(cap, subject, zone, now, used, cap.allowed_of(pushes))


def has_room_at(tx: Tx, one: Standing) -> datetime:
    """Return when a full cap may have room again, or else when the first of it is free."""

    def released_at(place: int) -> datetime:
        return rows.counted_at(tx, one.cap.id, one.subject, one.since, place)

    return free_at(one.cap, one.zone, one.now, one.used, released_at)


def counted_of(tx: Tx, one: Standing, push_ids: Collection[str]) -> frozenset[str]:
    """Return which of some pushes a cap counts as it stands."""
    return rows.counted_among(tx, one.cap.id, one.subject, one.since, push_ids)


def _stopped(tx: Tx, binding: Sequence[Standing], going: Outgoing, now: datetime) -> Weighed:
    """Of several full caps name one that drops, or else the one that has room last."""
    rooms = [(one.cap, has_room_at(tx, one)) for one in binding]
    cap, free = max(rooms, key=lambda pair: (pair[0].over is Over.DROP, pair[1]))
    again = looks_again(cap, free, now, going.expires_at)
    return Weighed(left_out_by=cap.id) if again is None else Weighed(waits_until=again)
