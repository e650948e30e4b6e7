"""Compare what is told for each of something: a price for a jin is half of that for a kilogram."""

import re
from collections.abc import Iterator
from typing import Final

from app.screening.titles.amounts import agrees
from app.screening.titles.quantities import Quantity, worth_of
from app.screening.titles.reading import Change, Original, Reading

_SURE = 100
_CLOSE = 0.04
_MANY = 40
_MARKS: Final = frozenset("每/产均")
_EACH: Final = re.compile(
    r"每?(公斤|千克|斤|吨|公顷|亩|平方米|小时|分钟|天|日|周|月|季|年)(?=产|均)|"
    r"[每/](公斤|千克|斤|吨|克|升|毫升|公顷|亩|平方米|公里|小时|分钟|天|日|周|月|季|年)|"
    r"(?<![\u4e00-\u9fff])(亩)(?=产|均)"
)


def is_same_rate(ours: Quantity, text: Reading, whole: Reading) -> bool:
    """Say whether a quantity is the original's for each of another unit."""
    mine = _told(text)
    theirs = _told(whole) if mine else mine
    known = [one.low for one in whole.quantities[:_MANY] if one.unit == ours.unit and one.low > 0]
    shares = [share for one in mine for other in theirs if (share := _share(one, other))]
    return any(
        abs(ours.low - value * share) <= _CLOSE * ours.low for share in shares for value in known
    )


def other_rates(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield a number that the popup tells for each of another unit than the original does."""
    mine = _told(ours)
    theirs = _told(original.whole) if mine else mine
    if not mine.isdisjoint(theirs):
        return
    shares = [share for one in mine for other in theirs if (share := _share(one, other))]
    if not shares or 1 in shares:
        return
    unit = min(theirs)
    for number in ours.quantities[:_MANY]:
        known = original.whole.quantities[:_MANY]
        old = next((one for one in known if agrees(number, one)), None)
        if old is not None and not number.is_weak and number.unit and number.low > 1:
            text = f"{old.text}/{unit}"
            yield Change("number_changed", number.span, _SURE, text, number.text, "rate")
            return


def _told(text: Reading) -> frozenset[str]:
    """Return the units for each of which a text tells an amount."""
    if _MARKS.isdisjoint(text.letters):
        return frozenset()
    return frozenset(unit for found in _EACH.findall(text.plain) for unit in found if unit)


def _share(one: str, other: str) -> float:
    """Return how much of one unit another is; 0 where they measure different things."""
    first, second = worth_of(one), worth_of(other)
    return first[1] / second[1] if first[0] == second[0] else 0.0
