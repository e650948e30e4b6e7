"""Quiet hours in a recipient's time zone: until when nothing may pop up."""

from datetime import UTC, datetime, time, timedelta
from typing import Final

from app.domain.policy import QuietHours
from app.frequency.windows import zone

_MINUTE: Final = timedelta(minutes=1)


def quiet_until(hours: QuietHours, instant: datetime, zone_name: str) -> datetime | None:
    """Return the first moment (UTC) from `instant` on that is not quiet; None if it is not now.

    What counts is what the clock on the wall shows: where clocks are put forward past the end,
    quiet hours end at that moment; where they are put back, an hour may be quiet twice.
    """
    here = zone(zone_name)
    local = instant.astimezone(here)
    if not hours.include(_minute(local)):
        return None
    ends = time(*divmod(hours.ends_minute, 60))
    day = local.date() if _minute(local) < hours.ends_minute else local.date() + timedelta(days=1)
    moment = datetime.combine(day, ends, here).astimezone(UTC)
    if moment.astimezone(here).utcoffset() == local.utcoffset():
        return moment
    # The clocks change on the way, out of the quiet hours or back into them: walk.
    moment = instant.astimezone(UTC).replace(second=0, microsecond=0)
    while hours.include(_minute(moment.astimezone(here))):
        moment += _MINUTE
    return moment


def _minute(local: datetime) -> int:
    return local.hour * 60 + local.minute
