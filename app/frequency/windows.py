"""Windows of frequency caps: when the calendar day of a time zone begins and ends."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.domain.policy import DailyCap
from app.frequency.store import CapWindow


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time that a cap counts in: its name, first instant and the first one after."""

    key: str
    starts_at: datetime
    ends_at: datetime


def zone(name: str) -> ZoneInfo:
    """Return the IANA time zone called `name`; ValueError if there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"unknown time zone: {name!r}") from error


def calendar_day(instant: datetime, zone_name: str) -> Window:
    """Return the day that the calendar shows at `instant` (aware) in a time zone.

    The day is 23 or 25 hours long where the clocks change, and begins at the change where that
    leaves out midnight. The key names the date alone: who moves to another zone on the same
    date goes on with the same count.
    """
    if instant.tzinfo is None:
        raise ValueError("the instant has no time zone")
    here = zone(zone_name)
    today = instant.astimezone(here).date()
    starts_at = datetime.combine(today, time.min, here).astimezone(UTC)
    ends_at = datetime.combine(today + timedelta(days=1), time.min, here).astimezone(UTC)
    return Window(f"day:{today.isoformat()}", starts_at, ends_at)


def open_windows(
    caps: Iterable[DailyCap], instant: datetime, zone_name: str
) -> tuple[CapWindow, ...]:
    """Return daily caps in the windows that are open at `instant` for a recipient's time zone."""
    window = calendar_day(instant, zone_name)
    return tuple(CapWindow(cap.id, window.key, cap.limit, window.ends_at) for cap in caps)
