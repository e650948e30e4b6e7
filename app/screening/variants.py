"""The disguises of a term as strings to search, compiled when the word lists are loaded."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, islice, product

from app.domain.screening import Technique
from app.screening.characters import is_han
from app.screening.tables import Tables
from app.screening.views import View, Views
from app.screening.wordlist import Term

# A technique is looked for in terms of so many letters, unless a term switches it on or off.
SHORTEST = {
    Technique.REPEATED: 2,
    Technique.INSERTED: 3,
    Technique.PINYIN: 2,
    Technique.HOMOPHONE: 3,
    Technique.SPLIT: 2,
    Technique.SHAPE: 2,
}
_HEARD = frozenset({View.SOUND, View.CLEAN_SOUND})
_MOST_READINGS = 4
_MOST_SPLIT = 2


@dataclass(frozen=True, slots=True)
class Variant:
    """One string that a disguised term may be, in one view.

    `units[i]` is the part of the string that stands for `sources[i]`, a letter of the term.
    """

    term: Term
    view: View
    units: tuple[str, ...]
    sources: str
    is_initials: bool = False

    @property
    def letters(self) -> str:
        """The string to search."""
        return "".join(self.units)

    @property
    def is_whole(self) -> bool:
        """Whether the term in its own letters shows as this string as well."""
        if self.view is View.CLEAN:
            return all(len(unit) == 1 for unit in self.units)
        return self.view is View.SOUND

    @property
    def views(self) -> frozenset[View]:
        """The views in which the string counts: by sound also after cleaning."""
        return _HEARD if self.view is View.SOUND else frozenset({self.view})

    def view_in(self, kinds: frozenset[View]) -> View | None:
        """Return which of several views this string counts in, or None."""
        if self.view in kinds:
            return self.view
        is_heard = self.view is View.SOUND and View.CLEAN_SOUND in kinds
        return View.CLEAN_SOUND if is_heard else None


def looked_for(term: Term, letters: str, technique: Technique) -> bool:
    """Say whether a technique counts for a term: by its own switches, else by its length."""
    if technique in term.off:
        return False
    shortest = SHORTEST.get(technique)
    return technique in term.on or (shortest is not None and len(letters) >= shortest)


def variants_of(term: Term, letters: str, views: Views) -> Iterator[Variant]:
    """Yield the strings by which the disguises of a term are found, none of them twice."""
    tables = views.tables
    clean = views.clean(letters)
    shaped = views.shape(clean)
    for units in _split(shaped, clean, tables):
        if clean == letters or any(map(is_han, "".join(units))):
            yield Variant(term, View.CLEAN, units, clean)
    for units in _readings(letters, tables):
        if looked_for(term, letters, Technique.HOMOPHONE):
            yield Variant(term, View.SOUND, units, letters)
        else:
            yield from _half_spelled(term, letters, units)
        if Technique.INITIALS in term.on:
            yield Variant(term, View.RAW, tuple(map(_initial, units)), letters, is_initials=True)


def _split(shaped: str, clean: str, tables: Tables) -> Iterator[tuple[str, ...]]:
    """Yield the letters, then with one, two and all of those that have parts in parts."""
    plain = tuple(shaped)
    yield plain
    able = [place for place, letter in enumerate(clean) if letter in tables.splits]
    sizes = sorted({*range(1, min(_MOST_SPLIT, len(able)) + 1), len(able)} - {0})
    for size in sizes:
        for chosen in combinations(able, size):
            for parts in islice(product(*(tables.splits[clean[k]] for k in chosen)), 4):
                units = list(plain)
                for place, part in zip(chosen, parts, strict=True):
                    units[place] = part
                yield tuple(units)


def _readings(letters: str, tables: Tables) -> Iterator[tuple[str, ...]]:
    """Yield the term by sound in each reading; nothing when a character has none on record."""
    if any(is_han(letter) and letter not in tables.readings for letter in letters):
        return
    if sum(map(is_han, letters)) < 2:  # noqa: PLR2004 - one syllable alone is everywhere
        return
    choices = [tables.readings.get(letter, (letter,)) for letter in letters]
    yield from islice(product(*choices), _MOST_READINGS)


def _half_spelled(term: Term, letters: str, units: tuple[str, ...]) -> Iterator[Variant]:
    """Yield a short term with some or all letters in pinyin, as the letters themselves have it."""
    if len(letters) >= SHORTEST[Technique.HOMOPHONE]:
        yield Variant(term, View.SOUND, units, letters)
        return
    for choice in islice(product(*zip(units, letters, strict=True)), 2 ** len(letters) - 1):
        if "".join(choice) != letters:
            yield Variant(term, View.RAW, choice, letters)


def _initial(syllable: str) -> str:
    return syllable[0]
