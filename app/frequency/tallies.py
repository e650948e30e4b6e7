"""Counts of sends under one cap, kept in memory as the ledger keeps them in its counters."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from app.domain.policy import Calendar, Cap, Gap, Over, Rolling
from app.frequency.cap_window import GRACE
from app.frequency.windows import (
    SUB_WINDOWS,
    Window,
    calendar,
    sub_window,
    sub_window_ends,
    sub_windows_ahead,
)

_NOBODY: Final[list[int]] = []
_RANKS: Final = {Over.DROP: 2, Over.DEFER: 1, Over.REPLACE: 0}


@dataclass(frozen=True, slots=True)
class Full:
    """A cap without room, and when it has some again."""

    cap: Cap
    until: datetime

    def is_worse_than(self, other: "Full") -> bool:
        """Tell whether this one is named of two.

        What drops before what waits, before what replaces, and then what has room last.
        """
        if self.cap.over is not other.cap.over:
            return _RANKS[self.cap.over] > _RANKS[other.cap.over]
        return math.ceil(self.until.timestamp()) > math.ceil(other.until.timestamp())


class Opened(Protocol):
    """What one cap counts at one moment, in one time zone and for one scope."""

    @property
    def cap(self) -> Cap:
        """The cap as it bears then."""
        ...

    def full(self, token: str) -> Full | None:
        """Return how the cap is full for a recipient, None while it has room."""
        ...

    def take(self, token: str) -> None:
        """Count a slot."""
        ...

    def give_back(self, token: str) -> None:
        """Free a slot that was counted here."""
        ...

    def counts_in(self, now: "Opened") -> bool:
        """Tell whether a slot that was counted here is one of those that count now."""
        ...


class Tally(Protocol):
    """All counts under one cap; asked in the order of time."""

    def opened(self, at: datetime, zone: str, where: str, cap: Cap) -> Opened:
        """Return what counts now for recipients of a time zone.

        `where` names their surface, and what else a count is kept for; `cap` is the one that is
        counted as it bears now, for an exemption may have eased it.
        """
        ...


def tally(cap: Cap) -> Tally:
    """Return empty counts under a cap that takes slots."""
    match cap.window:
        case Calendar():
            return _CalendarTally(cap.window)
        case Rolling(seconds) | Gap(seconds):
            return _RollingTally(timedelta(seconds=seconds))
        case _:
            raise ValueError(f"cap {cap.id} counts nothing")


class _InWindow:
    __slots__ = ("_full", "_limit", "_used", "cap")

    def __init__(self, cap: Cap, used: dict[str, int], until: datetime) -> None:
        self.cap = cap
        self._used = used
        self._limit = cap.own_limit
        self._full = Full(cap, until)

    def full(self, token: str) -> Full | None:
        return self._full if self._used.get(token, 0) >= self._limit else None

    def take(self, token: str) -> None:
        self._used[token] = self._used.get(token, 0) + 1

    def give_back(self, token: str) -> None:
        self._used[token] -= 1

    def counts_in(self, now: Opened) -> bool:
        return isinstance(now, _InWindow) and now._used is self._used  # noqa: SLF001 - of its kind


class _CalendarTally:
    """A count a recipient for each window that may still be somebody's present."""

    def __init__(self, window: Calendar) -> None:
        self._window = window
        # The window that each time zone was last seen in.
        self._now: dict[str, Window] = {}
        self._counts: dict[tuple[str, str], dict[str, int]] = {}
        self._ends: dict[tuple[str, str], datetime] = {}

    def opened(self, at: datetime, zone: str, where: str, cap: Cap) -> Opened:
        zone = self._window.zone or zone
        window = self._now.get(zone)
        if window is None or not window.starts_at <= at < window.ends_at:
            window = self._now[zone] = calendar(self._window.unit, at, zone)
            self._forget(at)
        name = (window.key, where)
        counts = self._counts.get(name)
        if counts is None:
            counts, self._ends[name] = self._counts.setdefault(name, {}), window.ends_at
        return _InWindow(cap, counts, window.ends_at)

    def _forget(self, at: datetime) -> None:
        """Forget windows that the ledger no longer knows either."""
        for name in [name for name, ends in self._ends.items() if ends + GRACE <= at]:
            del self._ends[name], self._counts[name]


class _InSpan:
    __slots__ = ("_number", "_span", "_taken", "cap")

    def __init__(self, cap: Cap, span: timedelta, taken: dict[str, list[int]], number: int) -> None:
        self.cap = cap
        self._span = span
        self._taken = taken
        self._number = number

    def full(self, token: str) -> Full | None:
        taken = self._taken.get(token, _NOBODY)
        while taken and taken[0] < self._number - SUB_WINDOWS:
            taken.pop(0)
        limit = self.cap.own_limit
        if len(taken) < limit:
            return None
        # It has room once so many are over that it is below its limit; one of 0 never has.
        frees = taken[len(taken) - limit] if limit else self._number + sub_windows_ahead(self._span)
        return Full(self.cap, sub_window_ends(frees, self._span))

    def take(self, token: str) -> None:
        self._taken.setdefault(token, []).append(self._number)

    def give_back(self, token: str) -> None:
        if self._number in self._taken.get(token, _NOBODY):
            self._taken[token].remove(self._number)

    def counts_in(self, now: Opened) -> bool:
        return (
            isinstance(now, _InSpan)
            and now._taken is self._taken  # noqa: SLF001 - of its kind
            and now._number - SUB_WINDOWS <= self._number  # noqa: SLF001
        )


class _RollingTally:
    """For each recipient the sub-windows of the slots that count, the oldest first."""

    def __init__(self, span: timedelta) -> None:
        self._span = span
        self._taken: dict[str, dict[str, list[int]]] = {}

    def opened(self, at: datetime, zone: str, where: str, cap: Cap) -> Opened:  # noqa: ARG002 - all zones
        taken = self._taken.setdefault(where, {})
        return _InSpan(cap, self._span, taken, sub_window(at, self._span))
