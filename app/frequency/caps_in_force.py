"""What counts in the buckets now, and since when: what was sent before, rows have to tell."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final

from app.domain.counting import CountedCap
from app.domain.policy import Calendar, CalendarUnit, Cap, Gap, Rolling
from app.frequency.cap_window import GRACE
from app.frequency.keys import BUCKETS

ABOUT: Final = timedelta(minutes=1)
"""By how much an attempt may be dated before or after the caps that it was counted under came into
force: clocks differ, and a commit takes its time. What lies so near is looked at both ways."""
_LONGEST: Final = {
    CalendarUnit.DAY: timedelta(hours=25),
    CalendarUnit.WEEK: timedelta(hours=169),
    CalendarUnit.MONTH: timedelta(hours=745),
}


class CapsInForce:
    """The caps that count in the buckets at an instant, under the versions that were `seen`."""

    def __init__(
        self,
        caps: Iterable[CountedCap],
        at: datetime,
        seen: Mapping[str, int],
        zone_of: Callable[[str], str],
    ) -> None:
        """`zone_of` gives the time zone of a surface by its id."""
        self.at = at
        self.seen = seen
        self.zone_of = zone_of
        counted = [one for one in caps if _counts_popups(one.cap) and one.cap.is_in_force(at)]
        self._own = tuple(one for one in counted if one.cap.is_each_recipients)
        self._together = tuple(one for one in counted if not one.cap.is_each_recipients)
        self._since = {one.cap.id: one.since for one in counted}

    def caps(self, bucket: int) -> tuple[CountedCap, ...]:
        """Return those that count in a bucket."""
        return self._own if bucket < BUCKETS else self._together

    def names(self, bucket: int) -> list[str]:
        """Return what a bucket has to have counted."""
        return sorted(one.name for one in self.caps(bucket))

    def mark(self, bucket: int) -> str:
        """Return a mark of all that a bucket has to have counted."""
        return blake2b(" ".join(self.names(bucket)).encode(), digest_size=16).hexdigest()

    def lacking(self, bucket: int) -> tuple[CountedCap, ...]:
        """Return those under which may count what was sent before they counted it."""
        return tuple(one for one in self.caps(bucket) if one.since + _reach(one.cap) > self.at)

    def notes(self, cap_id: str, sent_at: datetime) -> bool:
        """Tell whether what a row has noted of a cap when it was sent counts still."""
        since = self._since.get(cap_id)
        return since is not None and sent_at >= since - ABOUT


def begins(caps: Iterable[CountedCap], at: datetime) -> datetime | None:
    """Return since when what was sent may count under caps; None without a cap."""
    return min((at - _reach(one.cap) for one in caps), default=None)


def _counts_popups(cap: Cap) -> bool:
    return cap.is_counted and not cap.counts_pushes


def _reach(cap: Cap) -> timedelta:
    """Return for how long at most a slot is remembered once it is taken."""
    match cap.window:
        case Calendar(unit, _):
            return _LONGEST[unit] + GRACE
        case Rolling(seconds) | Gap(seconds):
            return timedelta(seconds=seconds) * 33 / 32 + ABOUT
        case _:
            return timedelta(0)
