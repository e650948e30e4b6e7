"""Say whether a number was reckoned from those of the original: a sum, a share, so many times."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from app.screening.titles.amounts import reach_of
from app.screening.titles.quantities import Quantity
from app.screening.titles.reading import Reading

_NEAR = 3
_MANY = 40
_CLOSE = 0.05
_LEAST = 0.01
_RECKONED: Final = frozenset("共计总累比多少增减差涨降早晚延提宜贵省剩余加升缩短长快慢")
_BESIDES: Final = re.compile("其余|其他|另有|另外|还有|剩余|分别|连同")
_FROM_TO: Final = re.compile(
    r"(?<!\d)(\d{1,2})[时点:](?:(\d{2})分?)?(?:至|到|-|—)(\d{1,2})[时点:](?:(\d{2})分?)?"
)
_HOUR = 60
_DAY = 24 * _HOUR
_FEW = 10
_YEARS: Final = {"个月": 12, "岁": 1}
_GOALS = 1000
_OF_EACH: Final = re.compile(r"(?<!公)[里中]有|每[^,:]{0,6}[里中有]")
_TO_EACH: Final = frozenset("每均")


def is_derived(ours: Quantity, text: Reading, whole: Reading) -> bool:
    """Say whether a quantity of a text follows from the original's, or with another of the text."""
    known = [one for one in whole.quantities[:_MANY] if one.low > 0]
    plain = text.plain
    before = plain[max(0, ours.span[0] - _NEAR) : ours.span[0]] + ours.text
    if _OF_EACH.search(plain) is not None and _is_one_of(ours, text.quantities, known):
        return True
    if ours.unit in _COUNTS and _is_counted(ours, whole, known):
        return True
    if _BESIDES.search(whole.plain) is not None:
        before += "共"
    low, high = reach_of(ours)
    if ours.unit == "%":
        low, high = low - 1, high + 1
    return any(low <= value <= high for value in _reckoned(ours, before, known))


_COUNTS: Final = frozenset({"折", "分钟", "天", "比", "个月", "岁"})


def _is_counted(ours: Quantity, whole: Reading, known: list[Quantity]) -> bool:
    """Say whether a discount, a span of time or a score is told by the original in parts."""
    if ours.unit == "折":
        shares = {one.low / _FEW for one in known if one.unit == "%"}
        return ours.low in shares | {_FEW - one for one in shares} or (
            ours.low == _FEW / 2 and "半价" in whole.plain
        )
    if ours.unit == "分钟":
        low, high = reach_of(ours)
        return any(low <= span <= high for span in _spans(whole.plain))
    if ours.unit in _YEARS:
        years = {int(one.value) for one in whole.moments if one.unit == "year"}
        return any(ours.low == _YEARS[ours.unit] * (last - one) for one in years for last in years)
    if ours.unit == "天":
        days = {int(one.value) for one in whole.moments if one.unit == "day"}
        return any(ours.low == last - first for first in days for last in days)
    sets = sum(one.unit == ours.unit for one in known)
    return sets > 1 and sum(divmod(ours.low, _GOALS)) == sets


def _spans(plain: str) -> Iterator[int]:
    """Yield how many minutes lie between two times of a day that are told of as its ends."""
    for found in _FROM_TO.finditer(plain):
        hour, minute, last, end = (int(part or 0) for part in found.groups())
        yield (last * _HOUR + end - hour * _HOUR - minute) % _DAY


def _reckoned(ours: Quantity, before: str, known: list[Quantity]) -> Iterator[float]:
    """Yield what can be reckoned from the original's numbers and have the unit of ours."""
    same = [one.low for one in known if one.unit == ours.unit or not ours.unit]
    for one in known:
        if one.unit == "%":
            yield from (value * one.low / 100 for value in same)
        if one.unit == "倍":
            yield from (value / one.low for value in same)
    if not _RECKONED.isdisjoint(before):
        yield from (one + other for one in same for other in same if one != other)
        yield from (one - other for one in same for other in same)
    if ours.unit == "点数":
        shares = [one.low for one in known if one.unit == "%"]
        yield from (one - other for one in shares for other in shares)
    if not _TO_EACH.isdisjoint(before):
        counts = {one.low for one in known if one.unit != ours.unit and one.low > 1}
        yield from (value / count for value in same for count in counts)
    if ours.unit == "%":
        yield from (100 * share for share in _shares(known))


def _shares(known: list[Quantity]) -> Iterator[float]:
    """Yield what each number makes of a greater one of the same."""
    for one in known:
        if one.unit == "%":
            yield one.low / 100
        elif one.unit:
            yield from (
                one.low / other.low
                for other in known
                if one.unit == other.unit and one.low < other.low
            )


def _is_one_of(ours: Quantity, others: Sequence[Quantity], known: list[Quantity]) -> bool:
    """Say whether two numbers of the popup are a share of the original's: 五台里有一台 for 20%."""
    alike = [one for one in others if one.unit == ours.unit and one.low > 0]
    ratios = [min(ours.low, one.low) / max(ours.low, one.low) for one in alike]
    return any(
        abs(ratio - share) < _CLOSE * share
        for share in _shares(known)
        for ratio in ratios
        if _LEAST < ratio < 1
    )
