"""Say whether one story retells another: by its words and letters, its numbers, its things."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from app.screening import sameness
from app.screening.likeness import Story, letters_of, likeness, overlap, pairs_of
from app.screening.titles.amounts import agrees
from app.screening.titles.quantities import Quantity
from app.screening.titles.reading import Reading

_READINGS_KEPT = 4096
_WHOLE = 100
_MANY = 12
_OF_THREE = 3
# Titles that tell of different things are this much alike, in percent, more often than texts.
_BY_CHANCE = 8
_START: Final = "start"
_POINTS: Final[Mapping[str, int]] = {
    _START: -52,
    "pairs": 65,
    "letters": 80,
    "numbers": 67,
    "unnumbered": 29,
    "other_numbers": -34,
    "other_things": -7,
}
"""What each sign weighs where all of it is there; a story is retold from 60 on.

By logistic regression over `tests/corpora/learning/stories/rehash.tsv`.
"""


def retelling(one: Story, other: Story, least: int) -> int:
    """Return how much a story retells another, up to 100; 0 for less than the least.

    It is 0 too where their titles contradict. The titles are read only where words and letters of
    both texts allow for so much.
    """
    is_bare = _is_bare(one) and _is_bare(other)
    points = likeness(one, other) - _BY_CHANCE if is_bare else _alike(one, other)
    if points + (0 if is_bare else _POINTS["numbers"]) < least or _counts_otherwise(one, other):
        return 0
    if not is_bare:
        points += _counted(one, other)
    if points < least or _contradict(one, other):
        return 0
    if _tells_of_others(one, other):
        points = 0 if is_bare else points + _POINTS["other_things"]
    return min(_WHOLE, points) if points >= least else 0


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


def _alike(one: Story, other: Story) -> int:
    """Return what the words and letters of both texts weigh."""
    words = _POINTS["pairs"] * overlap(pairs_of(one.text), pairs_of(other.text))
    letters = _POINTS["letters"] * overlap(letters_of(one.text), letters_of(other.text))
    return _POINTS[_START] + (words + letters) // _WHOLE


def _counted(one: Story, other: Story) -> int:
    """Return what the numbers of both texts weigh.

    Whoever tells a story in other words keeps its numbers; what follows it has others.
    """
    mine, yours = _numbers(one.text), _numbers(other.text)
    if not mine or not yours:
        return _POINTS["unnumbered"]
    left = [number for number in mine if not _is_among(number, yours)]
    right = [number for number in yours if not _is_among(number, mine)]
    count = len(mine) + len(yours)
    apart = {number.unit for number in left} & {number.unit for number in right}
    shared = _POINTS["numbers"] * (count - len(left) - len(right)) // count
    return shared + _POINTS["other_numbers"] * len(apart)


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
    return tuple(one for one in Reading(text).quantities if not one.is_weak)[:_MANY]
