"""Find the characters of a text that nobody sees or that mislead whoever does."""

import re
import unicodedata
from collections.abc import Iterator

from app.domain.screening import HiddenCharacter, HiddenKind
from app.screening.characters import EMOJI, OVERLAYS, Role, hidden_kind, is_han, role, within

# Nothing hidden can be in a text of these alone: ASCII, common punctuation, Han, full width.
_LOUD = re.compile(
    r"[^\t\n\r\u0020-\u007e\u00b7\u2013-\u2014\u2018-\u201d\u2026\u3000-\u301f\u4e00-\u9fff\uff01-\uff5e]+"
)
_JOINER = "\u200d"
_PRESENTATION_SELECTORS = "\ufe0e\ufe0f"
# Vietnamese and Thai need two marks on one letter; a third is decoration or a disguise.
_LAWFUL_MARKS = 2
# Half-open place, code point, its name, and why it counts.
_Run = tuple[int, int, int, str, HiddenKind]


def find_hidden(pointer: str, text: str) -> Iterator[HiddenCharacter]:
    """Yield each run of one hidden character, in order; `text` may hold lone surrogates.

    A joiner or a presentation selector inside an emoji is part of it and not reported.
    """
    # A text may repeat itself: what was found in one place with its neighbours is kept.
    known: dict[str, list[_Run]] = {}
    for loud in _LOUD.finditer(text):
        start, end = loud.span()
        start = max(0, start - 1)
        around = text[start : end + 1]
        runs = known.get(around)
        if runs is None:
            runs = known[around] = list(_runs(around))
        for low, high, code_point, name, kind in runs:
            yield HiddenCharacter(pointer, (start + low, start + high), code_point, name, kind)


def _runs(text: str) -> Iterator[_Run]:
    """Yield the runs of one hidden character in a part of a text with a neighbour on each side."""
    first, last, kind = -1, -1, HiddenKind.ZERO_WIDTH
    for place, of in _kinds(text):
        if first < 0 or place != last + 1 or text[place] != text[first]:
            if first >= 0:
                yield _run(text, first, last, kind)
            first, kind = place, of
        last = place
    if first >= 0:
        yield _run(text, first, last, kind)


def _kinds(text: str) -> Iterator[tuple[int, HiddenKind]]:
    """Yield the places of a part that are not seen."""
    base, marks = "", 0
    for place, character in enumerate(text):
        if role(character) is Role.COMBINING:
            marks += 1
            if _is_disguise(base, marks, character):
                yield place, HiddenKind.COMBINING
            continue
        kind = hidden_kind(character)
        if kind is None:
            base, marks = character, 0
        elif not _is_part_of_emoji(text, place):
            yield place, kind


def _run(text: str, first: int, last: int, kind: HiddenKind) -> _Run:
    return first, last + 1, ord(text[first]), _name(text[first]), kind


def _is_disguise(base: str, marks: int, mark: str) -> bool:
    if marks > _LAWFUL_MARKS or within(ord(mark), OVERLAYS):
        return True
    return base != "" and is_han(base)


def _is_part_of_emoji(text: str, place: int) -> bool:
    character = text[place]
    if character in _PRESENTATION_SELECTORS:
        return place > 0 and not is_han(text[place - 1]) and not text[place - 1].isalpha()
    if character != _JOINER or place in (0, len(text) - 1):
        return False
    before = text[place - 1]
    joined = before in _PRESENTATION_SELECTORS or within(ord(before), EMOJI)
    return joined and within(ord(text[place + 1]), EMOJI)


def _name(character: str) -> str:
    return unicodedata.name(character, f"U+{ord(character):04X}")
