"""Windows of caps that count pushes as they are released: exact to the microsecond."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from app.domain.policy import Calendar, Cap, Gap, Over, Rolling
from app.frequency.windows import calendar

LONGEST_LOOK: Final = timedelta(hours=1)
"""How long a push that waits for room is left alone; the policy may be another by then."""
SHARE_LOOK: Final = timedelta(minutes=5)
"""After how long a share is looked at again: other pushes may have made room."""


def since(cap: Cap, zone: str, now: datetime) -> datetime:
    """Return the first instant from which on a push still counts; `zone` is the surface's."""
    match cap.window:
        case Calendar(unit, named):
            return calendar(unit, now, named or zone).starts_at
        case Rolling(seconds) | Gap(seconds):
            # What was released a span ago, to the microsecond, no longer counts.
            return now - timedelta(seconds=seconds) + timedelta(microseconds=1)
        case _:
            return now


def free_at(
    cap: Cap, zone: str, now: datetime, number: int, released_at: Callable[[int], datetime]
) -> datetime:
    """Return when a full cap has room, or else when the first of what counts no longer does.

    So many pushes count, and `released_at` tells when each of them was released, 0 the oldest.
    A share may have some earlier, once others are released.
    """
    match cap.window:
        case Calendar(unit, named):
            return calendar(unit, now, named or zone).ends_at
        case Rolling(seconds) | Gap(seconds) if number:
            at = max(number - cap.limit, 0) if cap.percent is None else 0
            return released_at(min(at, number - 1)) + timedelta(seconds=seconds)
        case _:
            return now + SHARE_LOOK


def looks_again(cap: Cap, free: datetime, now: datetime, expires_at: datetime) -> datetime | None:
    """Return when a push is looked at again over a full cap that is free then; None: left out."""
    look = now + (LONGEST_LOOK if cap.percent is None else SHARE_LOOK)
    until = min(free, look)
    # A share may have room before its window ends; a number of pushes has not.
    last = free if cap.percent is None else until
    return None if cap.over is Over.DROP or last >= expires_at else until
