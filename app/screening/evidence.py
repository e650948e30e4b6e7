"""How a term is written at one place: the techniques used, or that it is not written there."""

from app.domain.screening import Technique
from app.screening.characters import SENTENCE_PUNCTUATION, Role, role
from app.screening.normalize import Folder, Reading

# More separators than this between two letters is layout, not a word.
_MAX_GAP = 8
_FULL_WIDTH = range(0xFF01, 0xFFEF)


def techniques_at(
    folder: Folder, reading: Reading, place: tuple[int, int], own_breaks: tuple[bool, ...]
) -> tuple[Technique, ...] | None:
    """Return the techniques between two letters, half open, or None where the term is not written.

    `own_breaks` are the spaces of the term itself. Not written: a Latin term inside a longer
    Latin word, letters far apart, or letters that only the punctuation of a sentence brings
    together (他爱赌，博学多才).
    """
    start, end = place
    if _inside_latin_word(reading, start) or _inside_latin_word(reading, end):
        return None
    gaps = [k for k in range(start + 1, end) if reading.breaks[k]]
    if gaps and not _gaps_count(reading, place, gaps):
        return None
    low, high = reading.span(start, end)
    found: set[Technique] = set()
    for character in reading.original[low:high]:
        found |= _techniques_of(folder, character)
    if any(not own_breaks[k - start] for k in gaps):
        found.add(Technique.SEPARATOR)
    return tuple(technique for technique in Technique if technique in found)


def _inside_latin_word(reading: Reading, border: int) -> bool:
    if not 0 < border < len(reading.letters) or reading.breaks[border]:
        return False
    return _is_latin(reading.letters[border - 1]) and _is_latin(reading.letters[border])


def _is_latin(letter: str) -> bool:
    return letter.isascii() and letter.isalnum()


def _gaps_count(reading: Reading, place: tuple[int, int], gaps: list[int]) -> bool:
    start, end = place
    everywhere = len(gaps) == end - start - 1
    isolated = reading.breaks[start] and (end == len(reading.breaks) or reading.breaks[end])
    for k in gaps:
        between = reading.original[reading.index[k - 1] + 1 : reading.index[k]]
        separators = [part for part in between if role(part) is Role.SEPARATOR]
        if len(separators) > _MAX_GAP:
            return False
        parts_a_sentence = any(part in SENTENCE_PUNCTUATION for part in separators)
        if parts_a_sentence and not (everywhere and isolated):
            return False
    latin = [
        k for k in range(start + 1, end) if _is_latin(reading.letters[k - 1] + reading.letters[k])
    ]
    split = sum(reading.breaks[k] for k in latin)
    return split in (0, len(latin))


def _techniques_of(folder: Folder, character: str) -> set[Technique]:
    """Return what folding one character undoes; a separator is the caller's to judge."""
    match role(character):
        case Role.HIDDEN:
            return {Technique.HIDDEN}
        case Role.COMBINING:
            return {Technique.COMBINING}
        case _:
            return _letter_techniques(folder, character)


def _letter_techniques(folder: Folder, character: str) -> set[Technique]:
    folded = folder[ord(character)]
    if folded in ("", character):
        return set()
    if ord(character) in _FULL_WIDTH:
        return {Technique.WIDTH} | ({Technique.CASE} if character.lower() != character else set())
    if character.lower() == folded:
        return {Technique.CASE}
    return {Technique.TRADITIONAL} if folder.is_traditional(character) else {Technique.STYLE}
