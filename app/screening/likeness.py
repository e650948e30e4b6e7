"""How alike two stories are, and an index that finds the stories like a given one."""

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import lru_cache
from operator import add
from typing import Final

from app.domain.values import dataclass
from app.screening.titles.levelled import level
from app.screening.titles.numerals import NUMERALS

LETTERS_KEPT: Final = 100
"""So many letters of title and body make the story; what follows adds nothing to telling it."""
_SKIPPED: Final = re.compile(r"[\W_]+")
_EMPTY: Final = re.compile(
    rf"[\W\d_{NUMERALS}的了在是和与将已被对为从到向于及或并还再又也就都这那有其之以中上下等着过给把让更很个名"
    "今昨明日天快讯]+"
)
_ALIKE_AT_ALL = 15
_RARE_PAIRS = 10
_LONGEST_POSTING = 256
# Of the rarest pairs together, once there are some: enough to tell the likest of a long series.
_POSTINGS_READ, _FEW_PAIRS = 256, 3
_CANDIDATES = 8
_WHOLE = 100
# Between comparing a push and noting it others are compared.
_STORIES_KEPT = 128
# Of titles and texts, at most 10 kB each: those of a day's candidates come up again and again.
_SETS_KEPT = 4096
# Between ranking the likest stories and weighing whether they are told again.
_OVERLAPS_KEPT = 512


@dataclass(frozen=True, slots=True)
class Story:
    """A title and the start of a body, levelled; what two pushes are compared by."""

    title: str
    text: str

    @classmethod
    @lru_cache(maxsize=_STORIES_KEPT)
    def told_by(cls, title: str, body: str) -> "Story":
        """Return the story of a push; asked for when it is compared and when it is kept."""
        plain = level(title)
        return cls(plain, f"{plain}\n{level(body[:LETTERS_KEPT])}"[:LETTERS_KEPT])


@lru_cache(maxsize=_SETS_KEPT)
def pairs_of(text: str) -> frozenset[str]:
    """Return the pairs of neighbouring letters and digits of a levelled text."""
    letters = _SKIPPED.sub("", text)
    return frozenset(map(add, letters, letters[1:]))


def likeness(one: Story, other: Story) -> int:
    """Return how alike two stories are, 0 to 100: their titles or their texts, whichever is more.

    What one has of the other counts as much as what both have of all, since shortening a story
    does not make it another.
    """
    likest = overlap(pairs_of(one.title), pairs_of(other.title))
    if likest >= _ALIKE_AT_ALL:
        likest = max(likest, overlap(letters_of(one.title), letters_of(other.title)))
    if likest == _WHOLE:
        return likest
    return max(likest, overlap(pairs_of(one.text), pairs_of(other.text)))


@lru_cache(maxsize=_SETS_KEPT)
def letters_of(text: str) -> frozenset[str]:
    """Return the letters of a levelled text but numbers and those that only join words."""
    return frozenset(_EMPTY.sub("", text))


def _most_common(counts: Counter[int]) -> set[int]:
    """Return the candidates, the newest of equals: what was told last is what is told again."""
    if len(counts) <= _CANDIDATES:
        return set(counts)
    often = sorted(counts.values())[-_CANDIDATES]
    likest = [number for number, count in counts.items() if count > often]
    equals = [number for number, count in counts.items() if count == often]
    equals.sort()
    return {*likest, *equals[len(likest) - _CANDIDATES :]}


@lru_cache(maxsize=_OVERLAPS_KEPT)
def overlap(one: frozenset[str], other: frozenset[str]) -> int:
    """Return how much two sets have in common of the smaller and of both, 0 to 100."""
    if not one or not other:
        return 0
    common = len(one & other)
    contained = common / min(len(one), len(other))
    shared = 2 * common / (len(one) + len(other))
    return round(_WHOLE * (contained + shared) / 2)


class LikenessIndex:
    """The stories of many pushes by their pairs of letters; numbers stand for the stories.

    Grows only. Finding asks the rarest pairs of a story, so it stays quick however many there are.
    """

    def __init__(self) -> None:
        self._stories: list[Story] = []
        self._latest: dict[str, int] = {}
        self._places: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))

    def __len__(self) -> int:
        """Return how many stories there are."""
        return len(self._stories)

    def add(self, story: Story) -> int:
        """Add a story and return its number; they count from 0."""
        number = len(self._stories)
        self._stories.append(story)
        self._latest[story.title] = number
        for pair in pairs_of(story.text):
            self._places[pair].append(number)
        return number

    def like(self, story: Story, least: int) -> Iterator[tuple[int, int]]:
        """Yield number and likeness of stories at least so much like one, the likest first."""
        counts: Counter[int] = Counter()
        for places in self._rarest(story):
            counts.update(places)
        likest = _most_common(counts)
        if story.title in self._latest:
            likest.add(self._latest[story.title])
        found = [(likeness(story, self._stories[number]), number) for number in likest]
        for score, number in sorted(found, key=lambda one: (-one[0], one[1])):
            if score >= least:
                yield number, score

    def story(self, number: int) -> Story:
        """Return the story of a number."""
        return self._stories[number]

    def _rarest(self, story: Story) -> "list[array[int]]":
        found = map(self._places.get, pairs_of(story.text))
        known = sorted((places for places in found if places is not None), key=len)
        taken: list[array[int]] = []
        room = _POSTINGS_READ
        for places in known[:_RARE_PAIRS]:
            if len(places) > _LONGEST_POSTING or (room <= 0 and len(taken) >= _FEW_PAIRS):
                break
            taken.append(places)
            room -= len(places)
        return taken or [one[-_LONGEST_POSTING:] for one in known[:2]]
