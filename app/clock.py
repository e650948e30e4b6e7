"""Where the time comes from; everything stored is UTC, a day is a day of some time zone."""

import time
from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """The wall clock and a clock that never goes back."""

    def now(self) -> datetime:
        """Return the aware UTC instant of now."""
        ...

    def monotonic(self) -> float:
        """Return seconds that only ever grow."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now(self) -> datetime:
        """Return the aware UTC instant of now."""
        return datetime.now(UTC)  # noqa: TID251 - this is app.clock

    def monotonic(self) -> float:
        """Return seconds that only ever grow."""
        return time.monotonic()


def beijing_day(instant: datetime) -> date:
    """Return the calendar day in Beijing at `instant`."""
    return instant.astimezone(BEIJING).date()
