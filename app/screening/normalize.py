"""Fold a text to the letters it spells, keeping for each letter its place in the original."""

import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import accumulate
from typing import Self

from opencc import OpenCC

from app.domain.values import dataclass
from app.screening.characters import Role, is_han, role
from app.screening.tables import lookalikes, variants

# The texts of a push and a few more; the longest are 10 KB.
_READINGS_KEPT = 32
_FOLDED_KEPT = 64
_CACHE_LIMIT = 1 << 16
_ROUNDS = 4
_TRADITIONAL_BLOCKS = ((0x3400, 0xA000), (0xF900, 0xFB00), (0x20000, 0x323B0))
# Negative circled, negative squared letters: styles that NFKC leaves alone.
_NEGATIVE_LETTERS = (0x1F150, 0x1F170)
# Letters of flags; whoever writes words with them reads them as letters.
_FLAG_LETTERS = 0x1F1E6
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a text: its letters, and where each stands in the original.

    `letters[i]` comes from `original[index[i]]`; one character may spell several letters.
    `breaks[i]` says that a separator stands between the letters i - 1 and i (always at 0).
    """

    original: str
    letters: str
    index: Sequence[int]
    breaks: Sequence[bool]

    def is_in_latin(self, border: int) -> bool:
        """Say whether a Latin word or number goes on across the border before a letter."""
        if not 0 < border < len(self.letters) or self.breaks[border]:
            return False
        return self.letters[border - 1 : border + 1].isascii()

    def gaps(self, start: int, end: int) -> list[int]:
        """Return the places after `start` and before `end` that have a separator before them."""
        if True not in self.breaks[start + 1 : end]:
            return []
        return [place for place in range(start + 1, end) if self.breaks[place]]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span in the original of the letters `start` to `end`, half open, not empty."""
        return self.index[start], self.index[end - 1] + 1


class Folder(dict[int, str]):
    """The table of foldings, from code point to the letters it spells; filled as it is used.

    `fold` and `read` keep their latest answers: every judgement of a push asks for the same texts.

    Width, styles (NFKC), case, accents, traditional forms and letters of other scripts that look
    like ours are folded; separators, combining marks and what is not seen are dropped. Folding
    goes character by character, so that it commutes with slicing and joining, and folding twice
    changes nothing.
    """

    def __init__(self, simplified: dict[str, str], lookalike: dict[str, str] | None = None) -> None:
        super().__init__()
        self._simplified = simplified
        self._lookalike = lookalike or {}
        self.read = lru_cache(_READINGS_KEPT)(self._read)
        self.fold = lru_cache(_FOLDED_KEPT)(self._fold)

    @classmethod
    @cache
    def load(cls) -> Self:
        """Return the table that all share, derived once from OpenCC in about 60 ms.

        What Japan simplified otherwise (単, 発) is folded where it is no character of ours.
        """
        characters = "\n".join(
            chr(c) for low, high in _TRADITIONAL_BLOCKS for c in range(low, high)
        )
        simplify = OpenCC("t2s").convert
        of_japan = OpenCC("jp2t").convert(characters)
        pairs = zip(characters.split("\n"), simplify(of_japan).split("\n"), strict=True)
        simplified = {old: new for old, new in pairs if _is_other(old, new) and not _is_ours(old)}
        pairs = zip(characters.split("\n"), simplify(characters).split("\n"), strict=True)
        simplified |= {old: new for old, new in pairs if _is_other(old, new)} | variants()
        return cls(simplified, lookalikes())

    def __missing__(self, code_point: int) -> str:
        """Fold a code point met for the first time; the table stays bounded."""
        folded = self._fold_character(chr(code_point))
        if len(self) < _CACHE_LIMIT:
            self[code_point] = folded
        return folded

    def _fold(self, text: str) -> str:
        """Return the letters that a text spells, without separators and what is not seen."""
        return text.translate(self)

    def _read(self, text: str) -> Reading:
        """Return the letters with their places in the original; nobody may change it."""
        spelled = list(map(self.__getitem__, map(ord, text)))
        letters = "".join(spelled)
        # One more than there are letters: what stands after the last of them parts nothing.
        breaks = [True, *[False] * len(letters)]
        if letters == text:
            return Reading(text, letters, range(len(letters)), breaks[: len(letters)])
        index = [place for place, letter in enumerate(spelled) if letter]
        if len(index) < len(letters):
            index = [place for place, letter in enumerate(spelled) for _ in letter]
        if "" in spelled:
            before = list(accumulate(map(len, spelled)))
            for place, letter in enumerate(spelled):
                if not letter and role(text[place]) is Role.SEPARATOR:
                    breaks[before[place]] = True
        return Reading(text, letters, index, breaks[: len(letters)])

    def is_traditional(self, character: str) -> bool:
        """Say whether a character is a traditional form that has another simplified one."""
        return character in self._simplified

    def is_lookalike(self, character: str) -> bool:
        """Say whether a character is of another script than the letter it is folded to."""
        plain = unicodedata.normalize("NFKC", character)
        return any(_without_accents(part) in self._lookalike for part in plain)

    def _fold_character(self, character: str) -> str:
        if role(character) in (Role.HIDDEN, Role.COMBINING):
            return ""
        folded = _digits(character)
        for _ in range(_ROUNDS):
            plain = map(_without_accents, unicodedata.normalize("NFKC", folded))
            folded = "".join(self._lookalike.get(part, part) for part in plain).casefold()
            folded = "".join(self._simplified.get(part, part) for part in folded)
        return "".join(part for part in folded if role(part) is Role.LETTER)


def _is_other(old: str, new: str) -> bool:
    return old != new and len(new) == 1


def _is_ours(character: str) -> bool:
    """Say whether a character is among the common simplified ones, as 芸 and 予 are."""
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _digits(character: str) -> str:
    """Return the plain digits or letter of a number sign or negative letter that NFKC keeps."""
    if unicodedata.category(character) in ("Nd", "No"):
        if unicodedata.normalize("NFKC", character) != character:
            return character
        value = unicodedata.numeric(character)
        return str(int(value)) if value.is_integer() else character
    for first in (*_NEGATIVE_LETTERS, _FLAG_LETTERS):
        if first <= ord(character) < first + len(_ALPHABET):
            return _ALPHABET[ord(character) - first]
    return character


def _without_accents(character: str) -> str:
    """Drop the accents of a Latin, Greek or Cyrillic letter; kana and Hangul keep their marks."""
    if is_han(character) or not _has_accents(ord(character)):
        return character
    parts = unicodedata.normalize("NFD", character)
    return "".join(part for part in parts if unicodedata.category(part) != "Mn")


def _has_accents(code_point: int) -> bool:
    return 0xC0 <= code_point < 0x530 or 0x1E00 <= code_point < 0x2000  # noqa: PLR2004 - blocks
