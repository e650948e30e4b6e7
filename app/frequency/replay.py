"""Replaying sends against caps in memory: whom the ledger would have stopped, and by which cap.

Windows, quiet hours and their ends are those that the ledger asks for; a property test holds the
two together (tests/contract/frequency/test_replay.py). What is counted here is kept for one run.
"""

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from app.domain.policy import Cap, Over, QuietHours
from app.domain.push import ContentKind, MinorsAudience
from app.domain.registers import ContentClass
from app.frequency.quiet import quiet_until
from app.frequency.tallies import Full, Opened, Tally, tally
from app.frequency.windows import Scope

_MOMENT: Final = timedelta(seconds=1)
FALLBACK_ZONE: Final = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Sending:
    """What caps may ask of a push; its names are those of `PushRequest`, beside the provider."""

    kind: ContentKind
    surface: str
    provider: str
    topic: str | None
    content_class: ContentClass | None
    minors: MinorsAudience


@dataclass(frozen=True, slots=True)
class Asked:
    """Recipients of one batch that ask for a slot at one moment; ids order what asks at once.

    `left_out` are those whom the caps of that time have stopped, or made wait; `sender` is for
    sums alone.
    """

    id: str
    at: datetime
    expires_at: datetime
    sending: Sending
    tokens: tuple[str, ...]
    left_out: frozenset[str] = frozenset()
    sender: str = ""


@dataclass(frozen=True, slots=True)
class Met:
    """What recipients of a batch met when they asked at `at`, perhaps not for the first time.

    `capped` has the cap that left somebody out for good, `shadowed` how many of those granted
    each shadow cap would have stopped, `waiting` who has to ask again at `again`.
    """

    asked: Asked
    at: datetime
    granted: tuple[str, ...]
    capped: Mapping[str, str] = field(default_factory=dict)
    shadowed: Mapping[str, int] = field(default_factory=dict)
    waiting: tuple[str, ...] = ()
    again: datetime | None = None


@dataclass(frozen=True, slots=True)
class Zones:
    """Time zones: of surfaces by id, and by surface of the recipients who chose their own."""

    surfaces: Mapping[str, str]
    own: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def grouped(self, surface: str, tokens: Sequence[str]) -> dict[str, Sequence[str]]:
        """Return recipients of a surface by time zone, the zones in order."""
        usual = self.surfaces.get(surface, FALLBACK_ZONE)
        own = self.own.get(surface)
        if not own:
            return {usual: tokens}
        found: dict[str, list[str]] = {}
        for token in tokens:
            found.setdefault(own.get(token, usual), []).append(token)
        return dict(sorted(found.items()))


def replayable(cap: Cap) -> bool:
    """Tell whether a cap can be replayed: it is about each recipient, and drops or defers."""
    return cap.is_each_recipients and cap.over in {Over.DROP, Over.DEFER}


class Replay:
    """Counts sends, in the order of time, under caps as if all of them were in force."""

    def __init__(self, caps: Iterable[Cap], zones: Zones) -> None:
        """Begin with nothing counted; raises ValueError for caps that are not `replayable`."""
        caps = tuple(caps)
        if not all(map(replayable, caps)):
            raise ValueError("a cap that cannot be replayed")
        self._caps = tuple(replace(cap, effective_from=None) for cap in caps)
        self._tallies: dict[str, Tally] = {
            cap.id: tally(cap) for cap in self._caps if cap.is_counted
        }
        self._zones = zones
        self._covering: dict[Sending, _Bearing] = {}
        self._quiet: dict[tuple[str, str], tuple[datetime, datetime | None]] = {}

    def run(self, batches: Iterable[Asked], until: datetime) -> Iterator[Met]:
        """Let batches ask, those that wait asking again in between, up to an instant.

        `batches` come in the order of `at` and `id`. Who still waits then has `again` ahead.
        """
        waiting: list[tuple[datetime, str, Asked]] = []
        for batch in batches:
            while waiting and waiting[0][:2] < (batch.at, batch.id):
                again, _, before = heapq.heappop(waiting)
                yield self._ask(before, again, waiting)
            yield self._ask(batch, batch.at, waiting)
        while waiting and waiting[0][0] <= until:
            again, _, before = heapq.heappop(waiting)
            yield self._ask(before, again, waiting)

    def _ask(self, batch: Asked, at: datetime, waiting: list[tuple[datetime, str, Asked]]) -> Met:
        met = self._met(batch, at)
        if met.again is not None:
            heapq.heappush(waiting, (met.again, batch.id, replace(batch, tokens=met.waiting)))
        return met

    def _met(self, batch: Asked, at: datetime) -> Met:
        bearing, found = self._bearing(batch.sending), _Found()
        for zone, tokens in self._zones.grouped(batch.sending.surface, batch.tokens).items():
            quiet = [
                Full(cap, end)
                for cap in bearing.quiet
                if (end := self._quiet_end(cap, at, zone)) is not None
            ]
            binding = [full for full in quiet if full.cap.binds]
            if binding:
                stop = max(binding, key=lambda one: (one.cap.over is Over.DROP, one.until))
                found.stops.update(dict.fromkeys(tokens, stop))
                continue
            opened = [counts.opened(at, zone, where) for counts, where in bearing.counted]
            before = len(found.granted)
            for token in tokens:
                found.ask(token, opened)
            if quiet:
                met = len(found.granted) - before
                found.shadowed.update({full.cap.id: met for full in quiet if met})
        return found.settled(batch, at)

    def _bearing(self, sending: Sending) -> "_Bearing":
        known = self._covering.get(sending)
        if known is None:
            caps = [one for one in self._caps if one.covers.holds_for(sending, sending.provider)]
            scope = Scope(sending.provider, sending.kind, sending.topic, sending.surface)
            known = self._covering[sending] = _Bearing(
                tuple(cap for cap in caps if not cap.is_counted),
                tuple(
                    (self._tallies[cap.id], sending.surface + scope.suffix(cap.per))
                    for cap in caps
                    if cap.is_counted
                ),
            )
        return known

    def _quiet_end(self, cap: Cap, at: datetime, zone: str) -> datetime | None:
        """Return until when it is quiet; asked once a minute, for clocks change at whole ones."""
        assert isinstance(cap.window, QuietHours)  # noqa: S101 - for the type checker
        minute = at.replace(second=0, microsecond=0)
        known = self._quiet.get((cap.id, zone))
        if known is not None and known[0] == minute:
            return known[1]
        found = quiet_until(cap.window, at, zone)
        self._quiet[cap.id, zone] = minute, found
        return found


@dataclass(frozen=True, slots=True)
class _Bearing:
    """The caps that bear on sends of one kind: quiet hours, and counts with what they are for."""

    quiet: tuple[Cap, ...]
    counted: tuple[tuple[Tally, str], ...]


@dataclass(slots=True)
class _Found:
    """What the recipients of a batch have met so far."""

    granted: list[str] = field(default_factory=list)
    stops: dict[str, Full] = field(default_factory=dict)
    shadowed: Counter[str] = field(default_factory=Counter)

    def ask(self, token: str, opened: Sequence[Opened]) -> None:
        """Take a slot under all caps, or none of it; a full shadow takes none and stops nothing."""
        worst, takes, shadows = None, [], []
        for one in opened:
            full = one.full(token)
            if full is None:
                takes.append(one)
            elif not full.cap.binds:
                shadows.append(full.cap.id)
            elif worst is None or full.is_worse_than(worst):
                worst = full
        if worst is not None:
            self.stops[token] = worst
            return
        for one in takes:
            one.take(token)
        if shadows:
            self.shadowed.update(shadows)
        self.granted.append(token)

    def settled(self, batch: Asked, at: datetime) -> Met:
        """Tell those who are left out from those who wait for a moment before the push expires."""
        capped, deferred = {}, {}
        for token, stop in self.stops.items():
            again = max(stop.until, at + _MOMENT)
            if stop.cap.over is Over.DEFER and again < batch.expires_at:
                deferred[token] = again
            else:
                capped[token] = stop.cap.id
        first = min(deferred.values(), default=None)
        granted, shadowed = tuple(self.granted), dict(self.shadowed)
        return Met(batch, at, granted, capped, shadowed, tuple(deferred), first)
