"""Working days as the State Council arranges them each year, and the last day of a period.

The arrangement of a year is known from the November before; outside the years known here only
weekends are left out, and whatever was counted so says that it was.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class Arrangement:
    """One year's days off, from and to, both included, and the weekend days that are worked.

    `source` is the notice of the General Office of the State Council.
    """

    year: int
    source: str
    off: tuple[tuple[date, date], ...]
    worked: tuple[date, ...]


ARRANGEMENTS: Final = (
    Arrangement(
        2025,
        "国务院办公厅关于2025年部分节假日安排的通知（国办发明电〔2024〕12号）",
        off=(
            (date(2025, 1, 1), date(2025, 1, 1)),
            (date(2025, 1, 28), date(2025, 2, 4)),
            (date(2025, 4, 4), date(2025, 4, 6)),
            (date(2025, 5, 1), date(2025, 5, 5)),
            (date(2025, 5, 31), date(2025, 6, 2)),
            (date(2025, 10, 1), date(2025, 10, 8)),
        ),
        worked=(
            date(2025, 1, 26), date(2025, 2, 8), date(2025, 4, 27), date(2025, 9, 28),
            date(2025, 10, 11),
        ),
    ),
    Arrangement(
        2026,
        "国务院办公厅关于2026年部分节假日安排的通知（国办发明电〔2025〕7号）",
        off=(
            (date(2026, 1, 1), date(2026, 1, 3)),
            (date(2026, 2, 15), date(2026, 2, 23)),
            (date(2026, 4, 4), date(2026, 4, 6)),
            (date(2026, 5, 1), date(2026, 5, 5)),
            (date(2026, 6, 19), date(2026, 6, 21)),
            (date(2026, 9, 25), date(2026, 9, 27)),
            (date(2026, 10, 1), date(2026, 10, 7)),
        ),
        worked=(
            date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9),
            date(2026, 9, 20), date(2026, 10, 10),
        ),
    ),
)  # fmt: skip
"""The years known; that of 2027 was not when this was written."""

_YEARS: Final = frozenset(one.year for one in ARRANGEMENTS)


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + number * _DAY


_OFF: Final = frozenset(day for one in ARRANGEMENTS for span in one.off for day in _days(*span))
_WORKED: Final = frozenset(day for one in ARRANGEMENTS for day in one.worked)


@dataclass(frozen=True, slots=True)
class Due:
    """The last day of a period; `is_arranged` is whether the arrangement of all its days is known.

    Where it is not, a public holiday may move the day further off, never nearer by more than the
    weekend days that are worked instead.
    """

    day: date
    is_arranged: bool


def is_working_day(day: date) -> bool:
    """Tell whether people work on a day; without an arrangement, whether it is no weekend."""
    return day in _WORKED or (day.weekday() < _SATURDAY and day not in _OFF)


def due_after(start: date, working_days: int) -> Due:
    """Return the last of so many working days after a day, which itself does not count."""
    day, left = start, working_days
    while left > 0:
        day += _DAY
        left -= is_working_day(day)
    return Due(day, {start.year, day.year} <= _YEARS)
