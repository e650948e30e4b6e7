"""What is lawful in a policy but may surprise: caps that never stop anything, and that stop all."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from app.domain.policy import (
    Calendar,
    CalendarUnit,
    Cap,
    Counts,
    Gap,
    Over,
    Per,
    QuietHours,
    Rolling,
)
from app.domain.policy_faults import PolicyFault

# The longest a calendar window can be, an hour that the clocks put back included.
_LONGEST_SECONDS: Final = {
    CalendarUnit.DAY: 25 * 3600,
    CalendarUnit.WEEK: 169 * 3600,
    CalendarUnit.MONTH: 745 * 3600,
}
_STERN: Final = (Over.REPLACE, Over.DEFER, Over.DROP)
"""Of two full caps the later of these decides what becomes of a popup."""
_DAY_MINUTES: Final = 24 * 60


def warnings(caps: Sequence[Cap], now: datetime) -> tuple[PolicyFault, ...]:
    """Return what an admin should know of caps without a fault, each at its cap."""
    return tuple(
        found for at, cap in enumerate(caps) for found in _of(f"/caps/{at}", cap, caps, now)
    )


def _of(pointer: str, cap: Cap, caps: Sequence[Cap], now: datetime) -> Iterator[PolicyFault]:
    if cap.binds and cap.is_counted and cap.own_limit == 0:
        yield PolicyFault(pointer, "stops_all")
        return
    for other in caps:
        if other is not cap and is_hidden(cap, other, now):
            yield PolicyFault(pointer, "never_first", {"id": other.id})
            return


def is_hidden(cap: Cap, behind: Cap, now: datetime) -> bool:
    """Tell whether a cap never stops anything that another does not stop anyway.

    That other binds whenever this one is in force, is about all that it is about, counts no finer
    and in no shorter a window, and allows no more. One that drops beside one that waits is not
    hidden: what both stop is dropped.
    """
    if not _both_are_each_recipients(cap, behind):
        return False
    waits_only = _STERN.index(behind.over) < _STERN.index(cap.over)
    return (
        behind.binds
        and not waits_only
        and behind.is_in_force(cap.effective_from or now)
        and behind.own_limit <= cap.own_limit
        and behind.broadcast <= cap.broadcast
        and set(behind.per) <= set(cap.per)
        and _covers(cap, behind)
        and _lasts(cap, behind)
    )


def _both_are_each_recipients(cap: Cap, behind: Cap) -> bool:
    return all(Per.RECIPIENT in one.per and one.counts is Counts.POPUPS for one in (cap, behind))


def _covers(cap: Cap, behind: Cap) -> bool:
    """Tell whether `behind` is about every push that `cap` is about."""
    mine, wider = cap.covers, behind.covers
    pairs: tuple[tuple[Sequence[str], Sequence[str]], ...] = (
        (mine.kinds, wider.kinds),
        (mine.surfaces, wider.surfaces),
        (mine.providers, wider.providers),
        (mine.topics, wider.topics),
        (mine.classes, wider.classes),
        (mine.minors, wider.minors),
    )
    return all(not more or (some and set(some) <= set(more)) for some, more in pairs)


def _lasts(cap: Cap, behind: Cap) -> bool:
    """Tell whether what counts in a window of `cap` counts in that of `behind` too."""
    match cap.window, behind.window:
        case Calendar(unit, zone), Calendar(longer, other):
            is_day = unit is CalendarUnit.DAY
            return zone == other and (unit is longer or is_day)
        case Calendar(unit, _), Rolling(seconds) | Gap(seconds):
            return seconds >= _LONGEST_SECONDS[unit]
        case Rolling(some) | Gap(some), Rolling(seconds) | Gap(seconds):
            return seconds >= some
        case QuietHours() as mine, QuietHours() as wider:
            minutes = range(_DAY_MINUTES)
            return all(wider.include(one) for one in minutes if mine.include(one))
        case _:
            return False
