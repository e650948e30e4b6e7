"""What each code point is to the screening: a letter, a separator, or something not seen."""

import unicodedata
from enum import Enum
from functools import lru_cache

from app.domain.screening import HiddenKind


class Role(Enum):
    """The part that a character plays in a word."""

    LETTER = "letter"
    SEPARATOR = "separator"
    HIDDEN = "hidden"
    COMBINING = "combining"


Ranges = tuple[tuple[int, int], ...]

BIDI_CONTROLS: Ranges = ((0x061C, 0x061C), (0x200E, 0x200F), (0x202A, 0x202E), (0x2066, 0x2069))
TAGS: Ranges = ((0xE0000, 0xE007F),)
VARIATION_SELECTORS: Ranges = (
    (0x180B, 0x180D),
    (0x180F, 0x180F),
    (0xFE00, 0xFE0F),
    (0xE0100, 0xE01EF),
)
# Blank, though their category says otherwise: joiner, Hangul fillers, Khmer vowels, Braille.
BLANKS: Ranges = (
    (0x034F, 0x034F),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x2800, 0x2800),
    (0x3164, 0x3164),
    (0xFFA0, 0xFFA0),
)
FORMAT_CONTROLS: Ranges = ((0x206A, 0x206F), (0xFFF9, 0xFFFB))
# Strokes and bars through a letter: nobody needs them to write a word.
OVERLAYS: Ranges = (
    (0x0334, 0x0338),
    (0x20D2, 0x20D3),
    (0x20D8, 0x20DA),
    (0x20E5, 0x20E6),
    (0x20EA, 0x20EB),
)
HAN: Ranges = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))
EMOJI: Ranges = ((0x2190, 0x2BFF), (0x1F000, 0x1FAFF))

LINE_CHARACTERS = "\t\n\r"
# Punctuation with which ordinary sentences part their words.
SENTENCE_PUNCTUATION = frozenset("，。！？；：、,!?;:…\n\r\t\"'“”‘’《》〈〉「」『』【】()（）[]—")
QUOTATION_MARKS = frozenset("\"'“”‘’「」『』《》")
# Between these no word goes on.
CLAUSE_MARKS = frozenset("，。！？；：、,!?;:…\n\r\t")
FIRST_SURROGATE, LAST_SURROGATE = 0xD800, 0xDFFF
_NONCHARACTER_LOW_BITS = (0xFFFE, 0xFFFF)
_ARABIC_NONCHARACTERS: Ranges = ((0xFDD0, 0xFDEF),)


def within(code_point: int, ranges: Ranges) -> bool:
    """Say whether a code point lies in one of the closed ranges."""
    return any(first <= code_point <= last for first, last in ranges)


@lru_cache(maxsize=1 << 14)
def is_han(character: str) -> bool:
    """Say whether a character is a Han ideograph."""
    return within(ord(character), HAN)


@lru_cache(maxsize=1 << 14)
def hidden_kind(character: str) -> HiddenKind | None:
    """Return why a character is not seen or misleads, or None; line breaks and tabs are seen."""
    code_point = ord(character)
    if FIRST_SURROGATE <= code_point <= LAST_SURROGATE:
        return HiddenKind.SURROGATE
    for ranges, kind in (
        (BIDI_CONTROLS, HiddenKind.BIDI),
        (TAGS, HiddenKind.TAG),
        (VARIATION_SELECTORS + BLANKS, HiddenKind.ZERO_WIDTH),
        (FORMAT_CONTROLS + _ARABIC_NONCHARACTERS, HiddenKind.CONTROL),
    ):
        if within(code_point, ranges):
            return kind
    return _kind_by_category(character)


def _kind_by_category(character: str) -> HiddenKind | None:
    if ord(character) & 0xFFFF in _NONCHARACTER_LOW_BITS:
        return HiddenKind.CONTROL
    category = unicodedata.category(character)
    if category == "Cc":
        return None if character in LINE_CHARACTERS else HiddenKind.CONTROL
    if category in {"Zl", "Zp"}:
        # Browsers draw U+2028 and U+2029 as nothing, where others break the line.
        return HiddenKind.CONTROL
    if category == "Cf":
        return HiddenKind.ZERO_WIDTH
    return HiddenKind.PRIVATE_USE if category == "Co" else None


@lru_cache(maxsize=1 << 14)
def role(character: str) -> Role:
    """Return the part a character plays, by its own category (before any folding)."""
    if hidden_kind(character) is not None:
        return Role.HIDDEN
    category = unicodedata.category(character)
    if category in ("Mn", "Me"):
        return Role.COMBINING
    return Role.SEPARATOR if category[0] in "ZPSC" else Role.LETTER
