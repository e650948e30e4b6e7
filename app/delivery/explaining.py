"""Explaining the caps of one recipient: used how much, by which pushes, free again when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.clock import Clock
from app.db.session import Database, Tx
from app.delivery import ledger_repository as rows
from app.delivery.ledger_repository import SentTo
from app.delivery.outcomes import USED
from app.delivery.recount import OutboxSlots, caps_of
from app.delivery.release_caps import counted_of, has_room_at, standing
from app.domain.policy import EACH_RECIPIENT, Cap, Per, QuietHours
from app.domain.push import ContentKind
from app.errors import CountersUnavailable, NotFound, Words
from app.frequency.blocks import Counters
from app.frequency.cap_window import GRACE, CapWindow
from app.frequency.keys import block_place, bucket_of, qualified
from app.frequency.quiet import quiet_until
from app.frequency.store import Use
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

    `scope` is what its count is kept for beside the recipient, or instead of it; None if for
    nothing else.
    `resets_at` is when there is room again, or if there is some, when the next of it is free;
    None where nothing is used. Quiet hours are full while they last. `limit` is that of the cap,
    or what a share allows now.
    """

    cap: Cap
    scope: Scope | None
    used: int
    is_full: bool
    resets_at: datetime | None
    used_by: tuple[UsedBy, ...]
    limit: int


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
    whole: Scope


@dataclass(frozen=True, slots=True)
class _Here:
    """Where the recipient is, and who asks."""

    surface: str
    surface_zone: str
    zone: str
    provider: str


class Explaining:
    """Answers why a recipient got, or did not get, a popup."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        policies: Policies,
        register: Register,
        counters: Counters,
    ) -> None:
        """Read only."""
        self._db = db
        self._clock = clock
        self._policies = policies
        self._register = register
        self._counters = counters

    async def explain(self, surface_id: str, token: str, provider_id: str = "") -> Explained:
        """Return how the caps stand for a recipient; NotFound for an unknown surface.

        Of caps that count all recipients together it has the counts of this surface that the
        recipient's popups, or those of a provider, would be in.
        """
        surface = (await self._register.current()).surface(surface_id)
        if surface is None:
            raise NotFound(Words("没有这个展示端", "There is no such surface"))
        policy = await self._policies.active()
        now, name = self._clock.now(), qualified(surface_id, token)

        caps = [] if policy is None else [c for c in policy.caps if _may_bear(c, surface_id, now)]

        def read(tx: Tx) -> tuple[_Here, list[SentTo], list[ExplainedCap]]:
            zones = recipients.time_zones(tx, surface_id, [token])
            sent = rows.sent_to(tx, bucket_of(name), surface_id, token, now - GRACE)
            sent = [one for one in sent if one.outcome in USED]
            zone = zones.get(token, surface.time_zone)
            here = _Here(surface_id, surface.time_zone, zone, provider_id)
            pushes = [
                _of_pushes(tx, one, here.surface_zone, now, sent)
                for cap in caps
                if cap.counts_pushes
                for one in _open(cap, now, here, sent)
            ]
            return here, sent, pushes

        here, sent, pushes = await self._db.read(read)
        popups = [cap for cap in caps if cap.is_counted and not cap.counts_pushes]
        counted = [one for cap in popups for one in _open(cap, now, here, sent)]
        found, by_rows = await self._count(name, token, counted, sent)
        quiet = [_quiet(cap, now, here.zone) for cap in caps if not cap.is_counted]
        version = "" if policy is None else policy.version
        return Explained(now, version, here.zone, by_rows, (*found, *pushes, *quiet))

    async def _count(
        self, name: str, token: str, counted: Sequence[_Open], sent: Sequence[SentTo]
    ) -> tuple[list[ExplainedCap], bool]:
        used_by = [_used_by(one, token, sent) for one in counted]
        try:
            uses = await self._uses(name, counted)
        except CountersUnavailable:
            used = [
                len(by) if one.window.subject is None else await self._used_together(one.window)
                for one, by in zip(counted, used_by, strict=True)
            ]
            return [
                _explained(one, number, one.window.ends_at if number else None, by)
                for one, number, by in zip(counted, used, used_by, strict=True)
            ], True
        return [
            _explained(one, use.used, use.resets_at if use.used else None, by)
            for one, use, by in zip(counted, uses, used_by, strict=True)
        ], False

    async def _uses(self, name: str, counted: Sequence[_Open]) -> list[Use]:
        windows = [one.window for one in counted]
        own = [window for window in windows if window.subject is None]
        together = [window for window in windows if window.subject is not None]
        theirs = iter((await self._counters.use([name], own))[name])
        all_of = iter(await self._counters.use_blocks(together))
        return [next(theirs if window.subject is None else all_of) for window in windows]

    async def _used_together(self, window: CapWindow) -> int:
        """Add up from the rows what all recipients of a subject have used."""
        bucket, _ = block_place(window.cap_id, window.subject or "")
        names = {part.window for part in window.parts}
        used = 0
        async for slots in OutboxSlots(self._db).slots(bucket, self._clock.now() - GRACE):
            used += sum(
                slot.number
                for slot in slots
                if (slot.cap_id, slot.recipient) == (window.cap_id, window.subject)
                and slot.window in names
            )
        return used


def _may_bear(cap: Cap, surface_id: str, now: datetime) -> bool:
    return cap.is_in_force(now) and (not cap.covers.surfaces or surface_id in cap.covers.surfaces)


def _open(cap: Cap, now: datetime, here: _Here, sent: Iterable[SentTo]) -> list[_Open]:
    """Return the counts that a cap keeps for the recipient: one, or one for each that was met."""
    scopes: list[Scope] = [_NOBODY]
    if cap.per != EACH_RECIPIENT:
        met = [Scope(one.provider_id, one.kind, one.topic, here.surface) for one in sent]
        if not cap.is_each_recipients:
            met += _asked_about(cap, here)
        scopes = [
            one for one in dict.fromkeys(met) if cap.covers.meets(one.kind, one.provider, one.topic)
        ]
    zone = here.zone if cap.is_each_recipients else here.surface_zone
    found: dict[tuple[str, str | None], _Open] = {}
    for scope in scopes:
        window = open_window(cap, now, zone, scope)
        if window is not None:
            kept = None if cap.per in {EACH_RECIPIENT, ()} else _kept(cap, scope)
            found.setdefault((window.window, window.subject), _Open(cap, kept, window, scope))
    return list(found.values())


def _asked_about(cap: Cap, here: _Here) -> list[Scope]:
    """Return what popups of whoever asks would be counted for, whatever has been sent so far."""
    covers = cap.covers
    providers = [here.provider] if here.provider else [*covers.providers] or [""]
    if Per.PROVIDER in cap.per and not providers[0]:
        return []
    return [
        Scope(provider, kind, topic, here.surface)
        for provider in providers
        for kind in covers.kinds or ContentKind
        for topic in covers.topics or (None,)
    ]


def _kept(cap: Cap, scope: Scope) -> Scope:
    """Leave of a scope only what the cap keeps counts for."""
    return Scope(
        scope.provider if Per.PROVIDER in cap.per else "",
        scope.kind if Per.KIND in cap.per else "",
        (scope.topic or "") if Per.TOPIC in cap.per else None,
        scope.surface if Per.SURFACE in cap.per else "",
    )


def _used_by(one: _Open, token: str, sent: Iterable[SentTo]) -> tuple[UsedBy, ...]:
    names = {(one.cap.id, part.window) for part in one.window.parts}
    return tuple(
        UsedBy(push.push_id, push.provider_id, push.at, push.outcome)
        for push in sent
        if any(name in names for name in _counted_in(push, token, one.window.subject))
    )


def _counted_in(push: SentTo, token: str, subject: str | None) -> list[tuple[str, str]]:
    """Return the caps and windows in which a push counts for the recipient, or for a subject."""
    if subject is None:
        return [(cap_id, window) for cap_id, window, _ in caps_of(push.windows, token)]
    return [
        (cap_id, window) for caps in push.blocks for cap_id, of, window, _ in caps if of == subject
    ]


def _explained(
    one: _Open, used: int, resets_at: datetime | None, used_by: tuple[UsedBy, ...]
) -> ExplainedCap:
    limit = one.cap.own_limit
    return ExplainedCap(one.cap, one.scope, used, used >= limit, resets_at, used_by, limit)


def _of_pushes(
    tx: Tx, one: _Open, zone: str, now: datetime, sent: Iterable[SentTo]
) -> ExplainedCap:
    stands = standing(tx, one.cap, one.whole, zone, now)
    counted = counted_of(tx, stands, {push.push_id for push in sent})
    used_by = tuple(
        UsedBy(push.push_id, push.provider_id, push.at, push.outcome)
        for push in sent
        if push.push_id in counted
    )
    free = has_room_at(tx, stands) if stands.used else None
    return ExplainedCap(
        one.cap, one.scope, stands.used, stands.is_full, free, used_by, stands.allowed
    )


def _quiet(cap: Cap, now: datetime, zone: str) -> ExplainedCap:
    until = quiet_until(cap.window, now, zone) if isinstance(cap.window, QuietHours) else None
    return ExplainedCap(cap, None, 0, until is not None, until, (), cap.limit)
