"""How a term is written at one place: the techniques used, or that it is not written there."""

import unicodedata
from collections.abc import Sequence

from app.domain.screening import Technique
from app.screening.characters import QUOTATION_MARKS, SENTENCE_PUNCTUATION, Role, role
from app.screening.normalize import Folder, Reading
from app.screening.patterns import LONG_TERM, Pattern

# More separators than this between two letters is layout, not a word.
MAX_GAP = 30
# A quoted part has a mark on either side.
_QUOTES = 2
Techniques = tuple[Technique, ...]
_TECHNIQUES = tuple(Technique)
_FULL_WIDTH = range(0xFF01, 0xFFEF)


class Evidence:
    """Looks at the places in one reading where the letters of terms were met.

    A text may repeat itself: what was found for one way of writing is kept for the next.
    """

    def __init__(self, folder: Folder, reading: Reading) -> None:
        self._folder = folder
        self._reading = reading
        self._known: dict[tuple[str, str, bool], Techniques | None] = {}

    def techniques_at(self, start: int, end: int, pattern: Pattern) -> Techniques | None:
        """Return the techniques between two letters, or None where the term is not written.

        Not written: a Latin term inside a longer Latin word, letters far apart, or a short term
        that only the punctuation of a sentence brings together (他爱赌，博学多才).
        """
        reading = self._reading
        if pattern.has_latin_end and (reading.is_in_latin(start) or reading.is_in_latin(end)):
            return None
        index = reading.index
        written = reading.original[index[start] : index[end - 1] + 1]
        if written in pattern.texts:
            return ()
        breaks = reading.breaks
        isolated = breaks[start] and (end == len(breaks) or breaks[end])
        key = (pattern.letters, written, isolated)
        if key not in self._known:
            self._known[key] = self._techniques(start, end, pattern, isolated=isolated)
        return self._known[key]

    def _techniques(
        self, start: int, end: int, pattern: Pattern, *, isolated: bool
    ) -> Techniques | None:
        reading = self._reading
        gaps = [k for k in reading.gaps(start, end) if not pattern.breaks[k - start]]
        if gaps:
            inner = [k for k in range(start + 1, end) if not pattern.breaks[k - start]]
            strewn = isolated and len(gaps) == len(inner)
            if not _gaps_count(reading, inner, gaps, sure=strewn or end - start >= LONG_TERM):
                return None
        low, high = reading.span(start, end)
        found = techniques_in(self._folder, reading.original[low:high], pattern.characters)
        if gaps and not self._are_quotes(gaps):
            found.add(Technique.SEPARATOR)
        return in_order(found)

    def _are_quotes(self, gaps: Sequence[int]) -> bool:
        """Say whether nothing but the marks around a quoted part stands inside (征信“修复”)."""
        reading = self._reading
        return len(gaps) <= _QUOTES and all(
            QUOTATION_MARKS.issuperset(
                reading.original[reading.index[k - 1] + 1 : reading.index[k]]
            )
            for k in gaps
        )


def in_order(found: set[Technique]) -> Techniques:
    """Return techniques in the order of the enumeration."""
    return tuple(technique for technique in _TECHNIQUES if technique in found)


def techniques_in(folder: Folder, text: str, own: frozenset[str]) -> set[Technique]:
    """Return what tells the single characters of a text from those a term is written with."""
    found: set[Technique] = set()
    for character in text:
        if character not in own:
            found |= _techniques_of(folder, character, own)
    return found


def _gaps_count(reading: Reading, inner: list[int], gaps: list[int], *, sure: bool) -> bool:
    """Say whether separators at some of the inner places disguise a word instead of parting two.

    `sure` says that even the punctuation of a sentence would.
    """
    for k in gaps:
        between = reading.original[reading.index[k - 1] + 1 : reading.index[k]]
        separators = [part for part in between if role(part) is Role.SEPARATOR]
        if len(separators) > MAX_GAP:
            return False
        if not sure and not SENTENCE_PUNCTUATION.isdisjoint(separators):
            return False
    # Within Latin words there is a separator at every place, or there is none.
    latin = [k for k in inner if reading.letters[k - 1 : k + 1].isascii()]
    return sum(reading.breaks[k] for k in latin) in (0, len(latin))


def _techniques_of(folder: Folder, character: str, own: frozenset[str]) -> set[Technique]:
    """Return what tells a character from the term's own; a separator is the caller's to judge."""
    match role(character):
        case Role.HIDDEN:
            return {Technique.HIDDEN}
        case Role.COMBINING:
            return {Technique.COMBINING}
        case _:
            return _letter_techniques(folder, character, own)


def _letter_techniques(folder: Folder, character: str, own: frozenset[str]) -> set[Technique]:
    folded = folder[ord(character)]
    if folded == "":
        return set()
    if ord(character) in _FULL_WIDTH and not folder.is_lookalike(character):
        plain = unicodedata.normalize("NFKC", character)
        return {Technique.WIDTH} if plain in own else {Technique.WIDTH, Technique.CASE}
    if folded == character:
        return {Technique.CASE} if character.upper() in own else set()
    if folder.is_lookalike(character):
        return {Technique.LOOKALIKE}
    if character.lower() == folded:
        return {Technique.CASE}
    return {Technique.TRADITIONAL} if folder.is_traditional(character) else {Technique.STYLE}
