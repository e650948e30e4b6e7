"""Windows of frequency caps: calendar spans of a time zone, rolling spans in sub-windows."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from app.domain.policy import Calendar, CalendarUnit, Cap, Gap, Per, Rolling
from app.frequency.cap_window import CapWindow, Part

SUB_WINDOWS: Final = 32
"""Into how many sub-windows a rolling span is divided; it counts a slot one of them too long."""
TOLERANCE: Final = timedelta(seconds=2)
"""By how much the clocks of two processes may differ (product page, "Clock")."""
ROLLING_GRACE: Final = timedelta(minutes=1)

_UNITS: Final = {
    CalendarUnit.DAY: timedelta(days=2),
    CalendarUnit.WEEK: timedelta(days=8),
    CalendarUnit.MONTH: timedelta(days=32),
}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time that a cap counts in: its name, first instant and the first one after."""

    key: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Scope:
    """What else than the recipient a count may be kept for; no topic is a topic of its own."""

    provider: str
    kind: str
    topic: str | None
    surface: str = ""

    def suffix(self, per: tuple[Per, ...]) -> str:
        """Return what the names of the windows of such a count end in, or are counted under."""
        named = {
            Per.PROVIDER: self.provider,
            Per.KIND: self.kind,
            Per.TOPIC: "" if self.topic is None else f"={self.topic}",
            Per.SURFACE: self.surface,
        }
        return "".join(f"|{one.value}:{named[one]}" for one in sorted(per) if one in named)


def zone(name: str) -> ZoneInfo:
    """Return the IANA time zone called `name`; ValueError if there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"unknown time zone: {name!r}") from error


def calendar(unit: CalendarUnit, instant: datetime, zone_name: str) -> Window:
    """Return the day, week or month that the calendar shows at `instant` (aware) in a time zone.

    A day is 23 or 25 hours long where the clocks change, and begins at the change where that
    leaves out midnight. The key names the date alone: who moves to another zone on the same
    date goes on with the same count.
    """
    if instant.tzinfo is None:
        raise ValueError("the instant has no time zone")
    here = zone(zone_name)
    first, after = _dates(unit, instant.astimezone(here).date())
    starts_at = datetime.combine(first, time.min, here).astimezone(UTC)
    ends_at = datetime.combine(after, time.min, here).astimezone(UTC)
    named = f"{first:%Y-%m}" if unit is CalendarUnit.MONTH else first.isoformat()
    return Window(f"{unit.value}:{named}", starts_at, ends_at)


def longest(caps: Iterable[Cap]) -> timedelta:
    """Return for how long something can count under any of these caps, whatever the time zone."""
    return max(map(_lasts, caps), default=timedelta(0))


def _lasts(cap: Cap) -> timedelta:
    match cap.window:
        case Calendar(unit, _):
            return _UNITS[unit]
        case Rolling(seconds) | Gap(seconds):
            return timedelta(seconds=seconds) * (SUB_WINDOWS + 1) / SUB_WINDOWS
        case _:
            return timedelta(0)


def open_windows(
    caps: Iterable[Cap], instant: datetime, zone_name: str, scope: Scope
) -> tuple[CapWindow, ...]:
    """Return the caps that take slots in the windows that are open at `instant`.

    `zone_name` is the recipient's time zone, or the surface's for caps that count all recipients
    together. Caps whose day has not come are left out.
    """
    return tuple(
        window
        for cap in caps
        if cap.is_in_force(instant)
        and (window := open_window(cap, instant, zone_name, scope)) is not None
    )


def open_window(cap: Cap, instant: datetime, zone_name: str, scope: Scope) -> CapWindow | None:
    """Return a cap in the window that is open at `instant`; None for quiet hours."""
    suffix, subject = scope.suffix(cap.per), None
    if not cap.is_each_recipients:
        # Each subject has a record of its own, so that its windows need not name it.
        suffix, subject = "", suffix
    match cap.window:
        case Calendar(unit, named):
            span = calendar(unit, instant, named or zone_name)
            return CapWindow(
                cap.id,
                span.key + suffix,
                cap.limit,
                span.ends_at,
                cap.broadcast,
                over=cap.over,
                is_shadow=not cap.binds,
                subject=subject,
            )
        case Rolling(seconds) | Gap(seconds):
            window = _rolling(cap, instant, timedelta(seconds=seconds), suffix)
            return replace(window, subject=subject)
        case _:
            return None


def _dates(unit: CalendarUnit, today: date) -> tuple[date, date]:
    """Return the first date of the span that today is in, and the first one after."""
    match unit:
        case CalendarUnit.DAY:
            return today, today + timedelta(days=1)
        case CalendarUnit.WEEK:
            monday = today - timedelta(days=today.weekday())
            return monday, monday + timedelta(days=7)
        case CalendarUnit.MONTH:
            first = today.replace(day=1)
            return first, (first + timedelta(days=31)).replace(day=1)


def sub_window(instant: datetime, span: timedelta) -> int:
    """Return the number of the sub-window of a rolling span that is open at an instant (aware)."""
    return (instant - _EPOCH) // _MICROSECOND * SUB_WINDOWS // (span // _MICROSECOND)


def sub_windows_ahead(span: timedelta) -> int:
    """Return how many sub-windows after the open one a clock before ours may be in."""
    return -(-(TOLERANCE // _MICROSECOND) * SUB_WINDOWS // (span // _MICROSECOND))


def sub_window_ends(number: int, span: timedelta) -> datetime:
    """Return when what was taken in a sub-window stops counting: the span after its end."""
    return _begins(number + 1 + SUB_WINDOWS, span // _MICROSECOND)


def _rolling(cap: Cap, instant: datetime, span: timedelta, suffix: str) -> CapWindow:
    """Return the sub-window that is open, beside those that count too.

    A slot counts until its whole sub-window is over by the span: never too short, and at most a
    thirty-second of the span too long. Sub-windows ahead are those of clocks that go before ours.
    """
    length = span // _MICROSECOND
    number = sub_window(instant, span)
    numbers = range(number - SUB_WINDOWS, number + sub_windows_ahead(span) + 1)
    parts = tuple(
        Part(
            f"roll:{span // timedelta(seconds=1)}:{one}{suffix}",
            sub_window_ends(one, span),
        )
        for one in numbers
    )
    own = parts[SUB_WINDOWS]
    return CapWindow(
        cap.id,
        own.window,
        cap.limit,
        own.ends_at,
        cap.broadcast,
        closes_at=_whole_second(_begins(number + 1, length)),
        before=parts[:SUB_WINDOWS],
        after=parts[SUB_WINDOWS + 1 :],
        grace=ROLLING_GRACE,
        over=cap.over,
        is_shadow=not cap.binds,
    )


def _whole_second(instant: datetime) -> datetime:
    """Return the first whole second from an instant on: reservations lapse at whole seconds."""
    return instant + timedelta(microseconds=-instant.microsecond % 1_000_000)


def _begins(number: int, length: int) -> datetime:
    """Return the first microsecond of a sub-window of a span of `length` microseconds."""
    return _EPOCH + timedelta(microseconds=-(-number * length // SUB_WINDOWS))
