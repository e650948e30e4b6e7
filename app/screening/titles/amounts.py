"""Say whether the popup's quantity can be read from the original's: rounded, counted, reckoned."""

import re
from collections.abc import Sequence
from typing import Final

from app.screening.titles.quantities import Quantity

_SLACK = 0.15
_FEW = 3
_FAR = 24
_MEASURES: Final = frozenset(
    {"%", "点数", "元", "美元", "℃", "岁", "分钟", "米", "克", "天", "个月"}
)
"""Units that are never left out; a number followed by another word is none of these."""
_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
_COUNTING: Final = frozenset(
    ("", *"个项枚国家种类款条地件份台辆部架艘座只头套张本篇瓶箱袋盒场起批处所间株棵幅")
)


def agrees(ours: Quantity, theirs: Quantity) -> bool:
    """Say whether a quantity of the popup can be read from one of the original."""
    if ours.unit == theirs.unit and ours.unit != _SCORE and ours.low == theirs.low:
        return {ours.bound, theirs.bound} != {"over", "under"}
    if ours.unit and theirs.unit and ours.unit != theirs.unit and not _counts_alike(ours, theirs):
        return _is_as_long(ours, theirs) or _is_as_long(theirs, ours)
    if ours.unit == _SCORE:
        turned = 0.0 if _beside(ours, theirs) else _turned(theirs.low)
        return theirs.unit == _SCORE and ours.low in {theirs.low, turned}
    if not theirs.unit and ours.unit in _MEASURES and _HAN.match(theirs.follows) is not None:
        # A unit that the segmenter joined to the next word is one all the same.
        return theirs.follows[0] in ours.text and ours.low == theirs.low
    if {ours.bound, theirs.bound} == {"over", "under"}:
        return False
    return _is_rounded(ours, theirs) or _overlap(reach_of(ours), reach_of(theirs))


def _overlap(ours: tuple[float, float], theirs: tuple[float, float]) -> bool:
    return ours[0] <= theirs[1] and theirs[0] <= ours[1]


def _counts_alike(ours: Quantity, theirs: Quantity) -> bool:
    """Say whether two words only count things: five events are five medals."""
    if {ours.unit, theirs.unit} <= _PEOPLE:
        return True
    if ours.unit in _COUNTING and theirs.unit in _COUNTING:
        return True
    if any(
        one.unit == "个" and one.follows[:1] == other.unit for one, other in _ways(ours, theirs)
    ):
        return True
    if {ours.unit, theirs.unit} == _MINUTES:
        return "分钟" not in {ours.text[-2:], theirs.text[-2:]} or ours.low == theirs.low
    return {ours.unit, theirs.unit} == _POINTS and "个点" in ours.text


def _ways(ours: Quantity, theirs: Quantity) -> tuple[tuple[Quantity, Quantity], ...]:
    return (ours, theirs), (theirs, ours)


def _is_rounded(ours: Quantity, theirs: Quantity) -> bool:
    """Say whether ours is the other with fewer places that say something: 1600 for 1612."""
    if (
        ours.low != ours.high
        or theirs.low <= 0
        or not _ROUND <= ours.low / theirs.low <= 1 / _ROUND
    ):
        return False
    place = 1.0
    while ours.low % (place * 10) == 0 < ours.low:
        place *= 10
    return ours.low % place == 0 and theirs.low % place != 0


_SCORE: Final = "比"
_GOALS = 1000
_MINUTES: Final = frozenset({"分", "分钟"})
_ROUND = 0.96
_PEOPLE: Final = frozenset({"个", "人", "口"})
_POINTS: Final = frozenset({"点数", "%"})
_AS_LONG: Final = {("个月", "天"): (28, 31), ("天", "分钟"): (1440, 1440)}


def _turned(score: float) -> float:
    """Return a score as the other side tells it."""
    goals, against = divmod(score, _GOALS)
    return against * _GOALS + goals


def _is_as_long(longer: Quantity, shorter: Quantity) -> bool:
    """Say whether two spans of time in other units are the same: half a month and 15 days."""
    least, most = _AS_LONG.get((longer.unit, shorter.unit), (0, 0))
    low, high = reach_of(longer)
    return bool(least) and low * least <= shorter.high <= high * most + 1


def reach_of(one: Quantity) -> tuple[float, float]:
    """Return from where to where a quantity may lie, rounded as it is written."""
    half = one.step / 2 if one.step != 1 else 0.0
    low, high = one.low - half, one.high + half
    if one.bound in {"under", "about"}:
        low *= 1 - _SLACK
    if one.bound in {"over", "about"}:
        high *= 1 + _SLACK
    return low, high


def instead(ours: Quantity, theirs: Sequence[Quantity]) -> Quantity | None:
    """Return the quantity of the original that ours took the place of, None if it has none."""
    told = [one for one in theirs if not one.is_weak]
    alike = [one for one in told if one.unit == ours.unit or one.low == ours.low]
    near = [one for one in alike if _beside(ours, one)]
    return next(iter(near or alike), None)


def is_swapped(ours: Quantity, theirs: Sequence[Quantity]) -> Quantity | None:
    """Return the quantity that the original has for what ours is said of, where it is another."""
    agreeing = [one for one in theirs if agrees(ours, one)]
    if any(_beside(ours, one) or not one.follows[:1].isalnum() for one in agreeing):
        return None
    same_unit = (one for one in theirs if one.unit == ours.unit and not agrees(ours, one))
    return next(
        (
            one
            for one in same_unit
            if _beside(ours, one) and not any(is_part(other, one) for other in agreeing)
        ),
        None,
    )


def is_part(part: Quantity, whole: Quantity) -> bool:
    """Say whether a number may be of some of those that one shortly before it counts."""
    return part.low < whole.low and 0 <= part.span[0] - whole.span[1] <= _FAR


_COUNTED_ONE_BY_ONE: Final = frozenset("列趟条所部辆座起件种")


def is_small(ours: Quantity) -> bool:
    """Say whether a count may have been taken from a list of names: two or three of something."""
    return ours.high <= _FEW and ours.unit in {
        "人",
        "个",
        "家",
        "地",
        "国",
        "省",
        "市",
        "项",
        "款",
        "天",
        *_COUNTED_ONE_BY_ONE,
    }


def _beside(ours: Quantity, theirs: Quantity) -> bool:
    return ours.follows[:1].isalnum() and ours.follows == theirs.follows
