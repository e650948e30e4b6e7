"""Write a text in plain letters, place for place, so that its places are the original's."""

import unicodedata
from functools import cache

from app.screening.normalize import Folder

_CACHE_LIMIT = 1 << 16


class Levels(dict[int, str]):
    """From a code point to the one letter that stands for it: width, case and traditional forms."""

    def __init__(self, folder: Folder) -> None:
        super().__init__()
        self._folder = folder

    def __missing__(self, code_point: int) -> str:
        """Level a code point met for the first time; the table stays bounded."""
        character = chr(code_point)
        plain = self._folder[code_point] if character.isalnum() else ""
        if len(plain) != 1:
            plain = _digit(character) or unicodedata.normalize("NFKC", character)
        level = plain if len(plain) == 1 else character
        if len(self) < _CACHE_LIMIT:
            self[code_point] = level
        return level


def _digit(character: str) -> str:
    """Return the digit of a number sign that is written with several letters, as Ⅲ."""
    value = unicodedata.numeric(character, -1.0)
    return str(int(value)) if value in range(10) else ""


@cache
def _levels() -> Levels:
    return Levels(Folder.load())


def level(text: str) -> str:
    """Return a text as long as the given one, in half width, small letters, simplified forms."""
    return text.translate(_levels())
