"""Say whether one story retells another: by words and letters, numbers, days, things."""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Final

from app.screening import sameness
from app.screening.likeness import Story, letters_of, likeness, overlap, pairs_of
from app.screening.tables import story_weights
from app.screening.titles.amounts import agrees
from app.screening.titles.quantities import Quantity
from app.screening.titles.reading import Reading

_READINGS_KEPT = 4096
_WHOLE = 100
_MANY = 12
# Texts that share so many of their words tell the same, whatever else is weighed.
_THE_SAME = 75
_OF_THREE = 3
_MOST_DAYS = 2
# Titles that tell of different things are this much alike, in percent, more often than texts.
_BY_CHANCE = 8
_START: Final = "start"
_READ: Final = ("numbers", "unnumbered", "days")
"""Signs for a retelling that take reading both texts."""


def retelling(one: Story, other: Story, least: int) -> int:
    """Return how much a story retells another, up to 100; 0 for less than the least.

    It is 0 too where their titles contradict. Titles are read only where words and letters of
    both texts allow for so much. What each sign weighs was learned (`popgate learn --stories`).
    """
    if _is_bare(one) and _is_bare(other):
        points = likeness(one, other) - _BY_CHANCE
        if points < least or _contradict(one, other) or _tells_of_others(one, other):
            return 0
        return points
    points = _retold(one, other, least)
    return min(_WHOLE, points) if points >= least else 0


def _retold(one: Story, other: Story, least: int) -> int:
    """Return what all signs weigh together; less than the least where the first ones tell."""
    weights = _weights()
    signs = _alike(one, other)
    same = signs["pairs"] if signs["pairs"] >= _THE_SAME else 0
    most = sum(max(0, weights.get(name, 0)) for name in _READ)
    if (same < least and _weigh(signs, weights) + most < least) or _counts_otherwise(one, other):
        return 0
    signs |= _read(one, other)
    if max(same, _weigh(signs, weights)) < least or _contradict(one, other):
        return 0
    signs["other_things"] = _WHOLE if _tells_of_others(one, other) else 0
    return max(same, _weigh(signs, weights))


def retold_signs(one: Story, other: Story) -> dict[str, int]:
    """Return the signs that a story retells another, in hundredths, for learning their weights.

    There are none where titles contradict or texts hold no more than titles: nothing is weighed.
    """
    if (_is_bare(one) and _is_bare(other)) or _contradict(one, other):
        return {}
    things = {"other_things": _WHOLE if _tells_of_others(one, other) else 0}
    return _alike(one, other) | _read(one, other) | things


@cache
def _weights() -> dict[str, int]:
    return dict(story_weights())


def _weigh(signs: Mapping[str, int], weights: Mapping[str, int]) -> int:
    total = sum(weights.get(name, 0) * share for name, share in signs.items())
    return weights.get(_START, 0) + total // _WHOLE


def _tells_of_others(one: Story, other: Story) -> bool:
    return one.title != other.title and sameness.things_differ(
        _reading(one.title), _reading(other.title)
    )


def _counts_otherwise(one: Story, other: Story) -> bool:
    """Say whether the numbers of both titles contradict each other, which is told at once."""
    return one.title != other.title and sameness.numbers_differ(
        _reading(one.title), _reading(other.title)
    )


def _contradict(one: Story, other: Story) -> bool:
    return one.title != other.title and sameness.contradicts(
        _reading(one.title), _reading(other.title)
    )


def _alike(one: Story, other: Story) -> dict[str, int]:
    """Return how many words and letters both texts share, and both titles.

    A title told anew says it in other words; a series keeps its title and tells of something else.
    """
    return {
        "pairs": overlap(pairs_of(one.text), pairs_of(other.text)),
        "letters": overlap(letters_of(one.text), letters_of(other.text)),
        "title_pairs": overlap(pairs_of(one.title), pairs_of(other.title)),
        "title_letters": overlap(letters_of(one.title), letters_of(other.title)),
    }


def _read(one: Story, other: Story) -> dict[str, int]:
    """Return what numbers and days of both texts say.

    Whoever tells a story in other words keeps its numbers; what follows it has others.
    """
    mine, yours = _days(one.text), _days(other.text)
    apart = {unit for unit, _ in mine - yours} & {unit for unit, _ in yours - mine}
    signs = {
        "days": min(_MOST_DAYS, len(mine & yours)) * _WHOLE // _MOST_DAYS,
        "other_days": min(_MOST_DAYS, len(apart)) * _WHOLE // _MOST_DAYS,
    }
    return signs | _counted(_numbers(one.text), _numbers(other.text))


def _counted(mine: tuple[Quantity, ...], yours: tuple[Quantity, ...]) -> dict[str, int]:
    if not mine or not yours:
        return {"unnumbered": _WHOLE}
    left = [number for number in mine if not _is_among(number, yours)]
    right = [number for number in yours if not _is_among(number, mine)]
    count = len(mine) + len(yours)
    apart = {number.unit for number in left} & {number.unit for number in right}
    return {
        "numbers": (count - len(left) - len(right)) * _WHOLE // count,
        "other_numbers": min(_OF_THREE, len(apart)) * _WHOLE // _OF_THREE,
    }


def _is_bare(story: Story) -> bool:
    """Say whether a story tells no more than its title, whose words are all there is then."""
    return len(pairs_of(story.text)) * _OF_THREE < len(pairs_of(story.title)) * (_OF_THREE + 1)


def _is_among(number: Quantity, others: tuple[Quantity, ...]) -> bool:
    if any(one.low == number.low and one[:5] == number[:5] for one in others):
        return True
    return any(agrees(number, one) or agrees(one, number) for one in others)


@lru_cache(maxsize=_READINGS_KEPT)
def _reading(title: str) -> Reading:
    """Read a title once for all that it is compared with; what is news today comes up again."""
    return Reading(title)


@lru_cache(maxsize=_READINGS_KEPT)
def _numbers(text: str) -> tuple[Quantity, ...]:
    """Return the first numbers of a text that say something by themselves."""
    return Reading(text).telling[:_MANY]


@lru_cache(maxsize=_READINGS_KEPT)
def _days(text: str) -> frozenset[tuple[str, str]]:
    """Return the parts of the dates and times of a text, each with its unit."""
    return frozenset((one.unit, one.value) for one in Reading(text).moments)
