"""Say whether one story retells another: by its words and letters, its numbers, its things."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from app.screening import sameness
from app.screening.likeness import Story, letters_of, likeness, overlap, pairs_of
from app.screening.titles.amounts import agrees
from app.screening.titles.quantities import Quantity
from app.screening.titles.reading import Reading

_READINGS_KEPT = 1024
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

Signs = dict[str, int]


def retelling(one: Story, other: Story) -> int:
    """Return how much a story retells another, 0 to 100; 0 where their titles contradict."""
    ours, theirs = _reading(one.title), _reading(other.title)
    is_same = one.title == other.title
    if not is_same and sameness.contradicts(ours, theirs):
        return 0
    others = not is_same and sameness.things_differ(ours, theirs)
    if _is_bare(one) and _is_bare(other):
        return 0 if others else max(0, likeness(one, other) - _BY_CHANCE)
    signs = signs_of(one, other) | {"other_things": _WHOLE * others}
    total = sum(_POINTS[name] * share for name, share in signs.items())
    return max(0, min(_WHOLE, _POINTS[_START] + total // _WHOLE))


def signs_of(one: Story, other: Story) -> Signs:
    """Return what in the texts speaks for a retelling or against it, in hundredths.

    Whoever tells a story in other words keeps its numbers; what follows it has others.
    """
    mine, yours = _numbers(one.text), _numbers(other.text)
    left = [number for number in mine if not _is_among(number, yours)]
    right = [number for number in yours if not _is_among(number, mine)]
    count = len(mine) + len(yours)
    shared = count - len(left) - len(right)
    apart = {number.unit for number in left} & {number.unit for number in right}
    return {
        "pairs": overlap(pairs_of(one.text), pairs_of(other.text)),
        "letters": overlap(letters_of(one.text), letters_of(other.text)),
        "numbers": _WHOLE * shared // max(1, count),
        "unnumbered": _WHOLE * (not mine or not yours),
        "other_numbers": _WHOLE * len(apart),
    }


def _is_bare(story: Story) -> bool:
    """Say whether a story tells no more than its title, whose words are all there is then."""
    return len(pairs_of(story.text)) * _OF_THREE < len(pairs_of(story.title)) * (_OF_THREE + 1)


def _is_among(number: Quantity, others: tuple[Quantity, ...]) -> bool:
    return any(agrees(number, one) or agrees(one, number) for one in others)


@lru_cache(maxsize=_READINGS_KEPT)
def _reading(title: str) -> Reading:
    """Read a title once for all that it is compared with; what is news today comes up again."""
    return Reading(title)


@lru_cache(maxsize=_READINGS_KEPT)
def _numbers(text: str) -> tuple[Quantity, ...]:
    """Return the first numbers of a text that say something by themselves."""
    return tuple(one for one in Reading(text).quantities if not one.is_weak)[:_MANY]
