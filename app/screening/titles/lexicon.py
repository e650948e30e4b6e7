"""The words that matter in a title by what they do there: they negate, doubt, plan, exaggerate."""

from collections import defaultdict
from collections.abc import Iterable, KeysView
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

from app.screening.tables import title_words

_NOTHING: frozenset[str] = frozenset()


class Found(NamedTuple):
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
        self._by_class: dict[str, list[Found]] = {}
        self.all = tuple(found)
        for one in self.all:
            for name in one.classes:
                self._by_class.setdefault(name, []).append(one)

    def of(self, *classes: str) -> list[Found]:
        """Return the words that do one of the things, in the order of the classes."""
        if len(classes) == 1:
            return self._by_class.get(classes[0], [])
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
    """The words with their classes, and an automaton that finds the longest at each place."""

    words: tuple[Found, ...]
    classes: dict[str, frozenset[str]]
    automaton: AhoCorasick


@cache
def _table() -> _Table:
    classes: dict[str, set[str]] = defaultdict(set)
    for name, words in title_words():
        for word in words:
            classes[word].update({name} - {"plain"})
    frozen = {word: frozenset(names) for word, names in classes.items()}
    found = tuple(Found(word, names, 0) for word, names in frozen.items())
    automaton = AhoCorasick(list(frozen), matchkind=MatchKind.LeftmostLongest)
    return _Table(found, frozen, automaton)


def classes_of(word: str) -> frozenset[str]:
    """Return what a word may do; nothing for a word that is not in the table."""
    return _table().classes.get(word, _NOTHING)


def marks(text: str, start: int = 0) -> list[Found]:
    """Find the words of the table in a levelled text from a place on, in linear time.

    Where several begin at one place it is the longest.
    """
    table = _table()
    found = table.automaton.find_matches_as_indexes(text[start:])
    known = ((table.words[number], first + start) for number, first, _ in found)
    return [Found(one.word, one.classes, first) for one, first in known if one.classes]
