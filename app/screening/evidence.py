"""How a term is written at one place: the techniques used, or that it is not written there."""

import unicodedata

from app.domain.screening import Technique
from app.screening.characters import SENTENCE_PUNCTUATION, Role, role
from app.screening.normalize import Folder, Reading
from app.screening.patterns import LONG_TERM, Pattern

# More separators than this between two letters is layout, not a word.
MAX_GAP = 30
_FULL_WIDTH = range(0xFF01, 0xFFEF)


def techniques_at(
    folder: Folder, reading: Reading, place: tuple[int, int], pattern: Pattern
) -> tuple[Technique, ...] | None:
    """Return the techniques between two letters, half open, or None where the term is not written.

    Not written: a Latin term inside a longer Latin word, letters far apart, or a short term that
    only the punctuation of a sentence brings together (他爱赌，博学多才).
    """
    start, end = place
    if _inside_latin_word(reading, start) or _inside_latin_word(reading, end):
        return None
    inner = [k for k in range(start + 1, end) if not pattern.breaks[k - start]]
    gaps = [k for k in inner if reading.breaks[k]]
    if gaps and not _gaps_count(reading, place, inner, gaps):
        return None
    low, high = reading.span(start, end)
    found = techniques_in(folder, reading.original[low:high], pattern.characters)
    if gaps:
        found.add(Technique.SEPARATOR)
    return in_order(found)


def in_order(found: set[Technique]) -> tuple[Technique, ...]:
    """Return techniques in the order of the enumeration."""
    if not found:
        return ()
    return tuple(technique for technique in Technique if technique in found)


def techniques_in(folder: Folder, text: str, own: frozenset[str]) -> set[Technique]:
    """Return what tells the single characters of a text from those a term is written with."""
    found: set[Technique] = set()
    for character in text:
        if character not in own:
            found |= _techniques_of(folder, character, own)
    return found


def _inside_latin_word(reading: Reading, border: int) -> bool:
    if not 0 < border < len(reading.letters) or reading.breaks[border]:
        return False
    return _is_latin(reading.letters[border - 1]) and _is_latin(reading.letters[border])


def _is_latin(letter: str) -> bool:
    return letter.isascii() and letter.isalnum()


def _gaps_count(
    reading: Reading, place: tuple[int, int], inner: list[int], gaps: list[int]
) -> bool:
    """Say whether separators at some of the inner places disguise a word instead of parting two."""
    start, end = place
    is_long = end - start >= LONG_TERM
    everywhere = len(gaps) == len(inner)
    isolated = reading.breaks[start] and (end == len(reading.breaks) or reading.breaks[end])
    for k in gaps:
        between = reading.original[reading.index[k - 1] + 1 : reading.index[k]]
        separators = [part for part in between if role(part) is Role.SEPARATOR]
        if len(separators) > MAX_GAP:
            return False
        parts_a_sentence = any(part in SENTENCE_PUNCTUATION for part in separators)
        if parts_a_sentence and not (is_long or (everywhere and isolated)):
            return False
    latin = [k for k in inner if _is_latin(reading.letters[k - 1] + reading.letters[k])]
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
