"""Counts of all recipients together under one cap, in memory as a block record keeps them."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from app.domain.policy import Calendar, Cap, Gap, Rolling
from app.frequency.cap_window import GRACE
from app.frequency.windows import (
    SUB_WINDOWS,
    Window,
    calendar,
    sub_window,
    sub_window_ends,
    sub_windows_ahead,
)


class _Count(Protocol):
    def take(self, number: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Room:
    """How much room a cap has, as it bears now, and when it has some again."""

    cap: Cap
    left: int
    until: datetime
    count: _Count

    def take(self, number: int) -> None:
        """Count so many recipients; a shadow has no more of them than it has room for."""
        self.count.take(number if self.cap.binds else min(number, self.left))


class Total(Protocol):
    """All counts under one cap; asked in the order of time."""

    def room(self, at: datetime, zone: str, subject: str, cap: Cap) -> Room:
        """Return how much room there is for a subject; `zone` is the surface's."""
        ...


def total(cap: Cap) -> Total:
    """Return empty counts under a cap that counts all recipients together."""
    match cap.window:
        case Calendar():
            return _CalendarTotal(cap.window)
        case Rolling(seconds) | Gap(seconds):
            return _RollingTotal(timedelta(seconds=seconds))
        case _:
            raise ValueError(f"cap {cap.id} counts nothing")


class _InWindow:
    __slots__ = ("ends_at", "used")

    def __init__(self, ends_at: datetime) -> None:
        self.ends_at = ends_at
        self.used = 0

    def take(self, number: int) -> None:
        self.used += number


class _CalendarTotal:
    """A count a subject for each window that may still be somebody's present."""

    def __init__(self, window: Calendar) -> None:
        self._window = window
        # The window that each time zone was last seen in.
        self._now: dict[str, Window] = {}
        self._counts: dict[tuple[str, str], _InWindow] = {}

    def room(self, at: datetime, zone: str, subject: str, cap: Cap) -> Room:
        zone = self._window.zone or zone
        window = self._now.get(zone)
        if window is None or not window.starts_at <= at < window.ends_at:
            window = self._now[zone] = calendar(self._window.unit, at, zone)
            self._forget(at)
        name = (window.key, subject)
        count = self._counts.get(name)
        if count is None:
            count = self._counts[name] = _InWindow(window.ends_at)
        return Room(cap, max(cap.limit - count.used, 0), window.ends_at, count)

    def _forget(self, at: datetime) -> None:
        """Forget windows that the ledger no longer knows either."""
        for name in [name for name, one in self._counts.items() if one.ends_at + GRACE <= at]:
            del self._counts[name]


class _InSpan:
    """How many were taken in each sub-window that counts, the oldest first."""

    __slots__ = ("_now", "_parts", "used")

    def __init__(self) -> None:
        self._parts: deque[tuple[int, int]] = deque()
        self._now = 0
        self.used = 0

    def move_to(self, number: int) -> None:
        self._now = number
        while self._parts and self._parts[0][0] < number - SUB_WINDOWS:
            self.used -= self._parts.popleft()[1]

    def take(self, number: int) -> None:
        self.used += number
        if self._parts and self._parts[-1][0] == self._now:
            number += self._parts.pop()[1]
        self._parts.append((self._now, number))

    def frees(self, limit: int, last: int) -> int:
        """Return the sub-window with whose end it has room again, `last` if there is none."""
        left = self.used
        if left < limit:
            return self._now - SUB_WINDOWS
        for number, taken in self._parts:
            left -= taken
            if left < limit:
                return number
        return last


class _RollingTotal:
    def __init__(self, span: timedelta) -> None:
        self._span = span
        self._counts: dict[str, _InSpan] = {}

    def room(self, at: datetime, zone: str, subject: str, cap: Cap) -> Room:  # noqa: ARG002 - all zones
        count = self._counts.setdefault(subject, _InSpan())
        number = sub_window(at, self._span)
        count.move_to(number)
        frees = count.frees(cap.limit, number + sub_windows_ahead(self._span))
        until = sub_window_ends(frees, self._span)
        return Room(cap, max(cap.limit - count.used, 0), until, count)
