"""The ways besides the letters themselves in which a text is searched: cleaned, and by sound."""

import re
from collections.abc import Iterator
from enum import Enum

from app.screening.tables import Tables

_HAN = r"\u3400-\u9fff"
_FILLERS = "丶丨丿乀乁灬彡"
# A Han letter written again, or up to two foreign letters and fillers between two Han letters.
_NOISE = re.compile(rf"(?<=([{_HAN}]))(?:\1+|(?:[0-9a-z]{{1,2}}|[{_FILLERS}]{{1,3}})(?=[{_HAN}]))")
_AGAIN = re.compile(rf"([{_HAN}])\1")
_FOREIGN = re.compile(rf"[0-9a-z{_FILLERS}]")
_BETWEEN = re.compile(rf"[{_HAN}](?:[0-9a-z]{{1,2}}|[{_FILLERS}]{{1,3}})[{_HAN}]")


class View(Enum):
    """What a searched string was made from the letters of a text by."""

    RAW = "raw"
    CLEAN = "clean"
    SOUND = "sound"
    CLEAN_SOUND = "clean_sound"


class Views:
    """Makes the views of a text; what they hold only counts after a look at its letters."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self._shapes = str.maketrans(tables.shapes)
        self._shape_letters = frozenset(tables.shapes)
        self._sounds = str.maketrans(
            {character: readings[0] for character, readings in tables.readings.items()}
        )

    def of(self, letters: str) -> list[tuple[frozenset[View], str]]:
        """Return the different strings to search, and which views each of them is."""
        clean, noises = _NOISE.subn("", letters) if _may_have_noise(letters) else (letters, 0)
        is_plain = self._shape_letters.isdisjoint(letters)
        shaped = clean if is_plain else clean.translate(self._shapes)
        sound = letters.translate(self._sounds)
        views = [(_RAW_AND_CLEAN if shaped == letters else _RAW, letters), (_SOUND, sound)]
        if shaped != letters:
            views.append((_CLEAN, shaped))
        if noises > 1:
            # One number between words is ordinary; a second disguise comes with more of them.
            views.append((_CLEAN_SOUND, clean.translate(self._sounds)))
        return views

    def clean(self, letters: str) -> str:
        """Return the letters without those written again or put between."""
        return _NOISE.sub("", letters)

    def shape(self, letters: str) -> str:
        """Return the letters with look-alikes as the character they are taken for."""
        return letters.translate(self._shapes)

    def places(self, letters: str, view: View) -> list[int]:
        """Return for each letter of a view the place among the letters that it comes from."""
        kept = range(len(letters))
        if view in (View.CLEAN, View.CLEAN_SOUND):
            kept_places = list(_outside(_NOISE, letters))
        else:
            kept_places = list(kept)
        if view in (View.RAW, View.CLEAN):
            return kept_places
        sounds = self._sounds
        return [
            place for place in kept_places for _ in sounds.get(ord(letters[place]), letters[place])
        ]


_RAW = frozenset({View.RAW})
_CLEAN = frozenset({View.CLEAN})
_RAW_AND_CLEAN = frozenset({View.RAW, View.CLEAN})
_SOUND = frozenset({View.SOUND})
_CLEAN_SOUND = frozenset({View.CLEAN_SOUND})


def _may_have_noise(letters: str) -> bool:
    if _AGAIN.search(letters) is not None:
        return True
    return _FOREIGN.search(letters) is not None and _BETWEEN.search(letters) is not None


def _outside(noise: re.Pattern[str], letters: str) -> Iterator[int]:
    done = 0
    for match in noise.finditer(letters):
        yield from range(done, match.start())
        done = match.end()
    yield from range(done, len(letters))
