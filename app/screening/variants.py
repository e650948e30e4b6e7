"""The disguises of a term: as strings to search, and what each part of such a string stands for."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product

from app.domain.screening import Technique
from app.screening.views import HEARD, View, Views
from app.screening.wordlist import Term

# A technique is looked for in terms of so many letters, unless a term switches it on or off.
SHORTEST = {
    Technique.REPEATED: 2,
    Technique.INSERTED: 2,
    Technique.PINYIN: 2,
    Technique.HOMOPHONE: 3,
    Technique.SPLIT: 2,
    Technique.SHAPE: 2,
}
_MOST_READINGS = 4
_WRITTEN = (int(View.RAW), int(View.SEEN))
_LEAST_SYLLABLES = 2


@dataclass(frozen=True, slots=True)
class Variant:
    """One string that a disguised term may be.

    `units[i]` is the part of the string that stands for `sources[i]`, a part of the term, mostly
    one letter; `letters` are those of the term that count for its length.
    """

    units: tuple[str, ...]
    sources: tuple[str, ...]
    letters: str
    is_initials: bool = False

    @property
    def size(self) -> int:
        """The letters of the string."""
        return sum(map(len, self.units))


def looked_for(term: Term, letters: str, technique: Technique) -> bool:
    """Say whether a technique counts for a term: by its own switches, else by its length."""
    if technique in term.off or technique in term.on:
        return technique in term.on
    if technique is Technique.INITIALS:
        return False
    return len(letters) >= SHORTEST.get(technique, 0)


class Disguises:
    """Makes the strings by which disguised terms are found, and explains one when it is met."""

    def __init__(self, views: Views) -> None:
        self._views = views
        self._readings = views.tables.readings
        self._several = {one for one, readings in self._readings.items() if len(readings) > 1}

    def strings(self, letters: str, heard: str, terms: Sequence[Term]) -> Iterator[tuple[int, str]]:
        """Yield the strings besides what is seen by which a term is found, with their views.

        `heard` is the term in its first reading, where each Han letter has one. By sound it is
        searched, or, where that is too short, with some letters spelled among the others.
        """
        if sum(letter > "\x7f" for letter in letters) < _LEAST_SYLLABLES:
            return
        is_sure = self._several.isdisjoint(letters)
        for_sound = len(letters) >= SHORTEST[Technique.HOMOPHONE] or any(
            Technique.HOMOPHONE in term.on for term in terms
        )
        if is_sure and for_sound:
            yield HEARD, heard
        else:
            strings = self._heard(letters) if for_sound else self._spelled(letters)
            kinds = (HEARD,) if for_sound else _WRITTEN
            yield from ((kind, string) for string in dict.fromkeys(strings) for kind in kinds)
        if any(Technique.INITIALS in term.on for term in terms):
            found = dict.fromkeys(map(_initials, self._in_readings(letters)))
            yield from ((int(View.RAW), string) for string in found)

    def _heard(self, letters: str) -> Iterator[str]:
        return map("".join, self._in_readings(letters))

    def _spelled(self, letters: str) -> Iterator[str]:
        for units in self._in_readings(letters):
            choices = map("".join, product(*zip(units, letters, strict=True)))
            yield from (choice for choice in choices if choice != letters)

    def explain(self, letters: str, string: str, view: int) -> Variant:
        """Return what the parts of a string, met in a view, stand for in a term."""
        if view == View.SEEN and string == self._views.seen(letters):
            starts, ends = self._views.covers(letters, view)
            places = zip(starts, ends, strict=True)
            sources = tuple(letters[start:end] for start, end in places)
            return Variant(tuple(string), sources, "".join(sources))
        sources = tuple(letters)
        found = self._spellings(letters, view)
        return next(
            Variant(units, sources, letters, is_initials=is_initials)
            for units, is_initials in found
            if "".join(units) == string
        )

    def _spellings(self, letters: str, view: int) -> Iterator[tuple[tuple[str, ...], bool]]:
        readings = self._in_readings(letters)
        if view not in _WRITTEN:
            return ((units, False) for units in readings)
        return (spelled for units in readings for spelled in _among(letters, units))

    def _in_readings(self, letters: str) -> Iterator[tuple[str, ...]]:
        choices = [self._readings.get(letter, (letter,)) for letter in letters]
        return islice(product(*choices), _MOST_READINGS)


def _initials(units: Iterable[str]) -> str:
    return "".join(unit[0] for unit in units)


def _among(letters: str, units: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Yield the initials, then the letters with any of them spelled; say which it is."""
    yield tuple(unit[0] for unit in units), True
    yield from ((choice, False) for choice in product(*zip(units, letters, strict=True)))
