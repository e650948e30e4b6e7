"""Replaying releases against caps that count pushes: a number of them, or a share of a surface's.

They are weighed before anybody is asked for a slot, and by themselves: whom a push reaches is
nothing to them.
"""

import heapq
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from app.domain.exemptions import Exemption
from app.domain.policy import Calendar, Cap, Over, Per
from app.frequency.bearing import Exempting, Sending
from app.frequency.release_windows import free_at, looks_again, since
from app.frequency.replayed import AT_ONCE, AtRelease, PastPush, Zones
from app.frequency.windows import Window, calendar, longest

_Instants = list[datetime]
_FORGETS_EVERY: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Full:
    cap: Cap
    free_at: datetime


@dataclass(slots=True)
class _Books:
    """When pushes were released: those that count for a subject of a cap, and all of a surface."""

    counted: defaultdict[tuple[str, str], _Instants] = field(
        default_factory=lambda: defaultdict(list)
    )
    released: defaultdict[tuple[str, str | None], _Instants] = field(
        default_factory=lambda: defaultdict(list)
    )
    number: int = 0

    def release(self, sending: Sending, caps: Iterable[Cap], at: datetime) -> None:
        """Note that a push goes, and the caps that it counts for."""
        for cap in caps:
            self.counted[cap.id, sending.scope.suffix(cap.per)].append(at)
        self.released[sending.surface, None].append(at)
        self.released[sending.surface, sending.provider].append(at)
        self.number += 1

    def forget(self, before: datetime) -> None:
        """Drop what counts nowhere any more."""
        for instants in (*self.counted.values(), *self.released.values()):
            del instants[: bisect_left(instants, before)]


class ReleaseReplay:
    """Weighs pushes in the order of time as if all caps of pushes were in force."""

    def __init__(
        self,
        caps: Iterable[Cap],
        zones: Zones,
        exemptions: Iterable[Exemption] = (),
    ) -> None:
        """Begin with nothing released."""
        self._caps = [replace(one, effective_from=None) for one in caps if one.counts_pushes]
        self._zones = zones
        self._exempting = Exempting(exemptions)
        self._books = _Books()
        # Days begin at other moments in other time zones.
        self._keeps = longest(self._caps) + timedelta(days=1)
        self._bearing: dict[tuple[Sending, int], tuple[list[Cap], dict[str, str]]] = {}
        self._windows: dict[tuple[str, str], Window] = {}

    def run(
        self, pushes: Iterable[PastPush], until: datetime
    ) -> Iterator[tuple[PastPush, AtRelease]]:
        """Yield what is said of pushes that come in the order of `at` and `id`, each once.

        What still waits at `until` goes later than that.
        """
        waiting: list[tuple[datetime, str, PastPush]] = []
        for push in pushes:
            while waiting and waiting[0][:2] < (push.at, push.id):
                yield from self._again(waiting)
            yield from self._weigh(push, push.at, waiting)
        while waiting and waiting[0][0] <= until:
            yield from self._again(waiting)
        yield from ((push, AtRelease(goes_at=at)) for at, _, push in waiting)

    def _again(
        self, waiting: list[tuple[datetime, str, PastPush]]
    ) -> Iterator[tuple[PastPush, AtRelease]]:
        at, _, push = heapq.heappop(waiting)
        return self._weigh(push, at, waiting)

    def _weigh(
        self, push: PastPush, at: datetime, waiting: list[tuple[datetime, str, PastPush]]
    ) -> Iterator[tuple[PastPush, AtRelease]]:
        sending = push.sending
        caps, let = self._bearing_on(sending, at)
        zone = self._zones.of(sending.surface)
        full = {cap.id: one for cap in caps if (one := self._full(cap, sending, zone, at))}
        binding = [one for one in full.values() if one.cap.binds]
        if binding:
            worst = max(binding, key=lambda one: (one.cap.over is Over.DROP, one.free_at))
            again = looks_again(worst.cap, worst.free_at, at, push.expires_at)
            if again is None:
                yield push, AtRelease(left_out_by=worst.cap.id)
            else:
                heapq.heappush(waiting, (again, push.id, push))
            return
        self._books.release(sending, (cap for cap in caps if cap.id not in full), at)
        if not self._books.number % _FORGETS_EVERY:
            self._books.forget(at - self._keeps)
        if full or at != push.at:
            said = AtRelease(
                goes_at=None if at == push.at else at,
                shadows=tuple(name for name in full if name not in let),
                let=tuple(dict.fromkeys(let[name] for name in full if name in let)),
            )
            yield push, said
        else:
            yield push, AT_ONCE

    def _bearing_on(self, sending: Sending, at: datetime) -> tuple[list[Cap], dict[str, str]]:
        name = (sending, self._exempting.span(at))
        known = self._bearing.get(name)
        if known is None:
            covering = [c for c in self._caps if c.covers.holds_for(sending, sending.provider)]
            known = self._bearing[name] = self._exempting.eased(covering, sending, at)
        return known

    def _full(self, cap: Cap, sending: Sending, zone: str, at: datetime) -> _Full | None:
        first = self._since(cap, zone, at)
        counted = self._books.counted[cap.id, sending.scope.suffix(cap.per)]
        place = bisect_left(counted, first)
        number = len(counted) - place
        if number < cap.allowed_of(self._pushes(cap, sending, first)):
            return None
        return _Full(cap, free_at(cap, zone, at, number, lambda one: counted[place + one]))

    def _pushes(self, cap: Cap, sending: Sending, first: datetime) -> int:
        """Return how many pushes a share is of, this one included."""
        if cap.percent is None:
            return 0
        provider = sending.provider if Per.PROVIDER in cap.per else None
        released: Sequence[datetime] = self._books.released[sending.surface, provider]
        return len(released) - bisect_left(released, first) + 1

    def _since(self, cap: Cap, zone: str, at: datetime) -> datetime:
        if not isinstance(cap.window, Calendar):
            return since(cap, zone, at)
        window = self._windows.get((cap.id, zone))
        if window is None or not window.starts_at <= at < window.ends_at:
            window = calendar(cap.window.unit, at, cap.window.zone or zone)
            self._windows[cap.id, zone] = window
        return window.starts_at
