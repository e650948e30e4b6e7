"""Explaining the caps of one recipient: used how much, by which pushes, free again when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.clock import Clock
from app.db.session import Database, Tx
from app.delivery import ledger_repository as rows
from app.delivery.ledger_repository import SentTo
from app.delivery.recount import USED, caps_of
from app.domain.policy import EACH_RECIPIENT, Cap, Per, QuietHours
from app.errors import CountersUnavailable, NotFound, Words
from app.frequency.cap_window import GRACE, CapWindow
from app.frequency.keys import bucket_of, qualified
from app.frequency.quiet import quiet_until
from app.frequency.store import FrequencyStore
from app.frequency.windows import Scope, open_window
from app.policy.service import Policies
from app.providers.service import Register
from app.recipients import repository as recipients

_NOBODY: Final = Scope("", "", None)


@dataclass(frozen=True, slots=True)
class UsedBy:
    """A push that a cap counts for the recipient, once for each time it was handed over."""

    push_id: str
    provider_id: str
    at: datetime
    outcome: str


@dataclass(frozen=True, slots=True)
class ExplainedCap:
    """A cap as it stands for one recipient now.

    `scope` is what its count is kept for beside the recipient, None if for nothing else.
    `resets_at` is when there is room again, or if there is some, when the next of it is free;
    None where nothing is used. Quiet hours are full while they last.
    """

    cap: Cap
    scope: Scope | None
    used: int
    is_full: bool
    resets_at: datetime | None
    used_by: tuple[UsedBy, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """All caps that may bear on a recipient of a surface, under the policy in force.

    `is_counted_by_rows` where the counters could not be asked, and the rows were added up.
    """

    at: datetime
    policy: str
    time_zone: str
    is_counted_by_rows: bool
    caps: tuple[ExplainedCap, ...]


@dataclass(frozen=True, slots=True)
class _Open:
    cap: Cap
    scope: Scope | None
    window: CapWindow


class Explaining:
    """Answers why a recipient got, or did not get, a popup."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        policies: Policies,
        register: Register,
        counters: FrequencyStore,
    ) -> None:
        """Read only."""
        self._db = db
        self._clock = clock
        self._policies = policies
        self._register = register
        self._counters = counters

    async def explain(self, surface_id: str, token: str) -> Explained:
        """Return how the caps stand for a recipient; NotFound for an unknown surface."""
        surface = (await self._register.current()).surface(surface_id)
        if surface is None:
            raise NotFound(Words("没有这个展示端", "There is no such surface"))
        policy = await self._policies.active()
        now, name = self._clock.now(), qualified(surface_id, token)

        def read(tx: Tx) -> tuple[str, list[SentTo]]:
            zones = recipients.time_zones(tx, surface_id, [token])
            sent = rows.sent_to(tx, bucket_of(name), surface_id, token, now - GRACE)
            return zones.get(token, surface.time_zone), [one for one in sent if one.outcome in USED]

        zone, sent = await self._db.read(read)
        caps = [] if policy is None else [c for c in policy.caps if _may_bear(c, surface_id, now)]
        counted = [one for cap in caps if cap.is_counted for one in _open(cap, now, zone, sent)]
        found, by_rows = await self._count(name, token, counted, sent)
        quiet = [_quiet(cap, now, zone) for cap in caps if not cap.is_counted]
        version = "" if policy is None else policy.version
        return Explained(now, version, zone, by_rows, (*found, *quiet))

    async def _count(
        self, name: str, token: str, counted: Sequence[_Open], sent: Sequence[SentTo]
    ) -> tuple[list[ExplainedCap], bool]:
        used_by = [_used_by(one, token, sent) for one in counted]
        try:
            uses = (await self._counters.use([name], [one.window for one in counted]))[name]
        except CountersUnavailable:
            return [
                _explained(one, len(by), one.window.ends_at if by else None, by)
                for one, by in zip(counted, used_by, strict=True)
            ], True
        return [
            _explained(one, use.used, use.resets_at if use.used else None, by)
            for one, use, by in zip(counted, uses, used_by, strict=True)
        ], False


def _may_bear(cap: Cap, surface_id: str, now: datetime) -> bool:
    return cap.is_in_force(now) and (not cap.covers.surfaces or surface_id in cap.covers.surfaces)


def _open(cap: Cap, now: datetime, zone: str, sent: Iterable[SentTo]) -> list[_Open]:
    """Return the counts that a cap keeps for the recipient: one, or one for each that was met."""
    scopes: list[Scope] = [_NOBODY]
    if cap.per != EACH_RECIPIENT:
        covers = cap.covers
        met = (Scope(one.provider_id, one.kind, one.topic) for one in sent)
        scopes = [
            one for one in dict.fromkeys(met) if covers.meets(one.kind, one.provider, one.topic)
        ]
    found: dict[str, _Open] = {}
    for scope in scopes:
        window = open_window(cap, now, zone, scope)
        if window is not None:
            kept = None if cap.per == EACH_RECIPIENT else _kept(cap, scope)
            found.setdefault(window.window, _Open(cap, kept, window))
    return list(found.values())


def _kept(cap: Cap, scope: Scope) -> Scope:
    """Leave of a scope only what the cap keeps counts for."""
    return Scope(
        scope.provider if Per.PROVIDER in cap.per else "",
        scope.kind if Per.KIND in cap.per else "",
        (scope.topic or "") if Per.TOPIC in cap.per else None,
    )


def _used_by(one: _Open, token: str, sent: Iterable[SentTo]) -> tuple[UsedBy, ...]:
    names = {(one.cap.id, part.window) for part in one.window.parts}
    return tuple(
        UsedBy(push.push_id, push.provider_id, push.at, push.outcome)
        for push in sent
        if any((cap_id, window) in names for cap_id, window, _ in caps_of(push.windows, token))
    )


def _explained(
    one: _Open, used: int, resets_at: datetime | None, used_by: tuple[UsedBy, ...]
) -> ExplainedCap:
    return ExplainedCap(one.cap, one.scope, used, used >= one.cap.limit, resets_at, used_by)


def _quiet(cap: Cap, now: datetime, zone: str) -> ExplainedCap:
    until = quiet_until(cap.window, now, zone) if isinstance(cap.window, QuietHours) else None
    return ExplainedCap(cap, None, 0, until is not None, until, ())
