"""What shadow caps would have stopped, day by day, of what was really sent."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.clock import BEIJING
from app.db.session import Database
from app.delivery.usage_repository import Span, shadowed_by_hour

DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class Shadowed:
    """By cap how many recipients it would have left out on each of the `days`, of Beijing."""

    days: tuple[str, ...]
    caps: Mapping[str, tuple[int, ...]]


async def shadowed(db: Database, now: datetime, caps: Collection[str]) -> Shadowed:
    """Return what these shadow caps would have stopped in the last 30 days, today included."""
    last = now.astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
    first = last - timedelta(days=DAYS - 1)
    days = tuple((first + timedelta(days=n)).date().isoformat() for n in range(DAYS))
    found: dict[str, dict[str, int]] = {name: dict.fromkeys(days, 0) for name in caps}
    if caps:
        span = Span(first, last + timedelta(days=1))
        for hour, counts in await db.read(lambda tx: shadowed_by_hour(tx, span)):
            day = hour.astimezone(BEIJING).date().isoformat()
            for name in counts.keys() & found.keys():
                found[name][day] += counts[name]
    return Shadowed(days, {name: tuple(by_day.values()) for name, by_day in found.items()})
