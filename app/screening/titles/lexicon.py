"""The words that matter in a title by what they do there: they negate, doubt, plan, exaggerate."""

from collections import defaultdict
from collections.abc import Iterable, KeysView
from dataclasses import dataclass
from functools import cache

from ahocorasick_rs import AhoCorasick, MatchKind

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
    """The words with their classes, and one search that takes the longest at each place."""

    words: dict[str, frozenset[str]]
    numbered: tuple[tuple[str, frozenset[str]], ...]
    search: AhoCorasick


@cache
def _table() -> _Table:
    classes: dict[str, set[str]] = defaultdict(set)
    for name, words in title_words():
        for word in words:
            classes[word].update({name} - {"plain"})
    known = {word: frozenset(names) for word, names in classes.items()}
    search = AhoCorasick(list(known), matchkind=MatchKind.LeftmostLongest)
    return _Table(known, tuple(known.items()), search)


def classes_of(word: str) -> frozenset[str]:
    """Return what a word may do; nothing for a word that is not in the table."""
    return _table().words.get(word, _NOTHING)


def marks(text: str) -> Marks:
    """Find the words of the table in a levelled text, the longest at each place, in linear time."""
    table = _table()
    return Marks(
        Found(*table.numbered[number], start)
        for number, start, _ in table.search.find_matches_as_indexes(text)
    )
