"""The words that matter in a title by what they do there: they negate, doubt, plan, exaggerate."""

from collections import defaultdict
from collections.abc import Iterable, KeysView
from dataclasses import dataclass
from functools import cache

from app.screening.tables import title_words

_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Found:
    """A word of the table at its place; `classes` is what it may do."""

    word: str
    classes: frozenset[str]
    start: int

    @property
    def end(self) -> int:
        """Where the word ends, not included."""
        return self.start + len(self.word)


class Marks:
    """The words of the table in one levelled text, in order and by class."""

    def __init__(self, found: Iterable[Found]) -> None:
        self._by_class: dict[str, list[Found]] = defaultdict(list)
        for one in found:
            for name in one.classes:
                self._by_class[name].append(one)

    def of(self, *classes: str) -> list[Found]:
        """Return the words that do one of the things, in the order of the classes."""
        return [one for name in classes for one in self._by_class.get(name, ())]

    def any_of(self, *classes: str) -> bool:
        """Say whether a word does one of the things."""
        return not self._by_class.keys().isdisjoint(classes)

    @property
    def classes(self) -> KeysView[str]:
        """All that some word does."""
        return self._by_class.keys()


@dataclass(frozen=True, slots=True)
class _Table:
    """The words with their classes, and by first character the lengths to try, longest first."""

    words: dict[str, frozenset[str]]
    lengths: dict[str, tuple[int, ...]]


@cache
def _table() -> _Table:
    classes: dict[str, set[str]] = defaultdict(set)
    lengths: dict[str, set[int]] = defaultdict(set)
    for name, words in title_words():
        for word in words:
            classes[word].update({name} - {"plain"})
            lengths[word[0]].add(len(word))
    return _Table(
        {word: frozenset(names) for word, names in classes.items()},
        {first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()},
    )


def classes_of(word: str) -> frozenset[str]:
    """Return what a word may do; nothing for a word that is not in the table."""
    return _table().words.get(word, _NOTHING)


def marks(text: str) -> Marks:
    """Find the words of the table in a levelled text, the longest at each place, in linear time."""
    table = _table()
    found = []
    free = 0
    for place, first in enumerate(text):
        lengths = table.lengths.get(first)
        if lengths is None or place < free:
            continue
        for length in lengths:
            word = text[place : place + length]
            classes = table.words.get(word)
            if classes is not None:
                found.append(Found(word, classes, place))
                free = place + length
                break
    return Marks(found)
