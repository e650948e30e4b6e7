"""Caps that count pushes as they are released: a number of them in a window, or a share.

They are counted in the transaction that releases, one release at a time, so that they are exact
whoever else releases meanwhile, and there is nothing to lose.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from app.db.session import Tx
from app.delivery import release_repository as rows
from app.delivery.release_repository import CountedPush
from app.domain.cap_use import CapUse, is_nearly_used
from app.domain.policy import Calendar, Cap, Gap, Over, Per, Rolling
from app.frequency.windows import Scope, calendar
from app.policy.cap_use_repository import note_uses

LONGEST_LOOK: Final = timedelta(hours=1)
"""How long a push that waits for room is left alone; the policy may be another by then."""
_SHARE_LOOK: Final = timedelta(minutes=5)
"""After how long a share is looked at again: other pushes may have made room."""


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
    seconds = int((now - _since(cap, zone, now)).total_seconds()) + 1
    number = int(now.timestamp()) // seconds
    return f"span:{seconds}:{number}", datetime.fromtimestamp((number + 1) * seconds, UTC)


def standing(tx: Tx, cap: Cap, scope: Scope, zone: str, now: datetime) -> Standing:
    """Return how a cap of pushes stands for those of one scope, before one more is released."""
    since = _since(cap, zone, now)
    counted = rows.counted_since(tx, cap.id, scope.suffix(cap.per), since)
    pushes = 0
    if cap.percent is not None:
        provider = scope.provider if Per.PROVIDER in cap.per else None
        pushes = rows.released_since(tx, scope.surface, provider, since) + 1
    allowed = cap.allowed_of(pushes)
    push_ids = tuple(push_id for push_id, _ in counted)
    instants = [at for _, at in counted]
    return Standing(len(counted), allowed, push_ids, _free_at(cap, zone, now, instants))


def _stopped(binding: Sequence[tuple[Cap, Standing]], going: Outgoing, now: datetime) -> Weighed:
    """Of several full caps name one that drops, or else the one that has room last."""
    cap, one = max(binding, key=lambda pair: (pair[0].over is Over.DROP, pair[1].free_at))
    look = now + (LONGEST_LOOK if cap.percent is None else _SHARE_LOOK)
    until = min(one.free_at, look)
    # A share may have room before its window ends; a number of pushes has not.
    last = one.free_at if cap.percent is None else until
    if cap.over is Over.DROP or last >= going.expires_at:
        return Weighed(left_out_by=cap.id)
    return Weighed(waits_until=until)


def _since(cap: Cap, zone: str, now: datetime) -> datetime:
    match cap.window:
        case Calendar(unit, named):
            return calendar(unit, now, named or zone).starts_at
        case Rolling(seconds) | Gap(seconds):
            # What was released a span ago, to the microsecond, no longer counts.
            return now - timedelta(seconds=seconds) + timedelta(microseconds=1)
        case _:
            return now


def _free_at(cap: Cap, zone: str, now: datetime, counted: Sequence[datetime]) -> datetime:
    """Return when a full cap has room, or else when the first of what counts no longer does.

    A share may have some earlier, once others are released.
    """
    match cap.window:
        case Calendar(unit, named):
            return calendar(unit, now, named or zone).ends_at
        case Rolling(seconds) | Gap(seconds) if counted:
            at = max(len(counted) - cap.limit, 0) if cap.percent is None else 0
            return counted[min(at, len(counted) - 1)] + timedelta(seconds=seconds)
        case _:
            return now + _SHARE_LOOK
