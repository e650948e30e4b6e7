"""Read a text as it is meant, punctuation kept, with a way back to the original's code points."""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Self

from app.domain.values import dataclass
from app.screening.characters import FIRST_SURROGATE, LAST_SURROGATE, Role, role
from app.screening.normalize import Folder

_CACHE_LIMIT = 1 << 16
# Every judgement of a push reads the same texts, and many come again with the next.
_READINGS_KEPT = 64
_HAN = r"\u3400-\u9fff"
# A Han letter on its own, parted from both neighbours: set so to hide a word.
_SPREAD = re.compile(
    rf"(?<=[{_HAN}])(?:[ .*_\-|/·~^]{{1,3}}[{_HAN}])+[ .*_\-|/·~^]{{1,3}}(?=[{_HAN}])"
)
_MAY_BE_SPREAD = re.compile(rf"[ .*_\-|/·~^][{_HAN}][ .*_\-|/·~^]")
_SPREADER = re.compile(r"[ .*_\-|/·~^]")


class _Letters(dict[int, str]):
    """From code point to one character, or to none where nothing is seen; filled as it is used."""

    def __init__(self, folder: Folder) -> None:
        super().__init__()
        self._folder = folder

    def __missing__(self, code_point: int) -> str:
        letter = self._letter(chr(code_point))
        if len(self) < _CACHE_LIMIT:
            self[code_point] = letter
        return letter

    def _letter(self, character: str) -> str:
        if FIRST_SURROGATE <= ord(character) <= LAST_SURROGATE or character.isspace():
            return "\n" if character in "\n\r" else " "
        if role(character) in (Role.HIDDEN, Role.COMBINING):
            return ""
        folded = self._folder[ord(character)]
        if len(folded) == 1:
            return folded
        plain = unicodedata.normalize("NFKC", character)
        return plain if len(plain) == 1 and not plain.isspace() else character


@dataclass(frozen=True, slots=True)
class Plain:
    """A text in half width, small letters and simplified forms, without what is not seen.

    `index[i]` is the place of `text[i]` in the original; None where both are of one length.
    """

    text: str
    index: tuple[int, ...] | None

    @classmethod
    @lru_cache(_READINGS_KEPT)
    def read(cls, original: str) -> Self:
        """Return the plain reading of any text; never raises."""
        letters = _letters()
        text = original.translate(letters)
        is_spread = bool(_MAY_BE_SPREAD.search(text)) and _SPREAD.search(text) is not None
        if len(text) == len(original) and not is_spread:
            return cls(text, None)
        dropped = {
            place
            for run in _SPREAD.finditer(text)
            for place in range(*run.span())
            if _SPREADER.match(text[place])
        }
        seen = (place for place, one in enumerate(original) if letters[ord(one)])
        places = [place for at, place in enumerate(seen) if at not in dropped]
        return cls("".join(letters[ord(original[place])] for place in places), tuple(places))

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the half-open span in the original of a span, not empty, of the plain text."""
        if self.index is None:
            return start, end
        return self.index[start], self.index[end - 1] + 1


@cache
def _letters() -> _Letters:
    return _Letters(Folder.load())
