"""Instants as the console shows them: Beijing time, and how long ago or until then."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from app.console.texts import Texts

BEIJING: Final = ZoneInfo("Asia/Shanghai")
_NOW: Final = timedelta(seconds=5)
_MINUTE: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


def beijing(instant: datetime, *, seconds: bool = False) -> str:
    """Return an aware instant as `2026-11-22 08:13`, with seconds where asked."""
    return instant.astimezone(BEIJING).strftime(
        "%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M"
    )


def machine(instant: datetime) -> str:
    """Return an aware instant for the `datetime` attribute."""
    return instant.astimezone(BEIJING).isoformat(timespec="seconds")


def relative(t: Texts, instant: datetime, now: datetime) -> str:
    """Return `12 minutes ago`, `in 3 hours`, or the date once it is more than a month away."""
    apart = instant - now
    distance = abs(apart)
    if distance < _NOW:
        return t("time.now")
    way = "in" if apart > timedelta(0) else "ago"
    for unit, name in ((_DAY, "days"), (_HOUR, "hours"), (_MINUTE, "minutes")):
        if distance >= unit:
            count = distance // unit
            if name == "days" and count > 30:  # noqa: PLR2004 - a month
                return beijing(instant)[:10]
            return t(f"time.{way}.{name}", n=count)
    return t(f"time.{way}.seconds", n=int(distance.total_seconds()))


def duration(t: Texts, seconds: float) -> str:
    """Return a length of time in its one or two largest units."""
    whole = int(seconds)
    for size, name in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if whole >= size:
            return t(f"time.long.{name}", n=whole // size)
    return t("time.long.seconds", n=whole)
