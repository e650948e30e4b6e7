"""The ways besides the letters themselves in which a text is searched: as seen, and by sound."""

import re
from collections.abc import Callable, Iterable, Sequence
from enum import IntFlag
from functools import lru_cache

from app.screening.matcher import Matcher
from app.screening.tables import Tables

_HAN = r"\u3400-\u9fff"
_FILLERS = "丶丨丿乀乁灬彡"
# A Han letter written again, or up to two foreign letters and fillers between two Han letters.
_NOISE = re.compile(rf"(?<=([{_HAN}]))(?:\1+|(?:[0-9a-z]{{1,2}}|[{_FILLERS}]{{1,3}})(?=[{_HAN}]))")
_AGAIN = re.compile(rf"([{_HAN}])\1")
_FOREIGN = re.compile(rf"[0-9a-z{_FILLERS}]")
_BETWEEN = re.compile(rf"[{_HAN}](?:[0-9a-z]{{1,2}}|[{_FILLERS}]{{1,3}})[{_HAN}]")
# Stands in no letters, so that many terms can be folded or viewed at once.
LINE = "\n"
_MOST_SOUNDS = 1 << 16
# The texts of a few pushes.
_KEPT = 64
# One number between words is ordinary; a second disguise comes with more of them.
_ORDINARY_NOISE = 1


class View(IntFlag):
    """What a searched string was made from the letters of a text by; a string may be several.

    SEEN is without what stands between, parts joined, look-alikes as what they are taken for.
    SOUND is the pinyin of the letters, CLEAN_SOUND that of what is seen.
    """

    RAW = 1
    SEEN = 2
    SOUND = 4
    CLEAN_SOUND = 8


_RAW, _SEEN, _SOUND, _CLEAN_SOUND = (int(view) for view in View)
HEARD = _SOUND | _CLEAN_SOUND
# For each letter of a view the half-open place among the letters that it comes from.
Covers = tuple[list[int], list[int]]


class _Sounds(dict[int, str]):
    """The first reading of each code point; without one it is itself.

    A table that knows what it has met translates twice as fast as one that lacks it.
    """

    def __missing__(self, code_point: int) -> str:
        """Note a code point met for the first time; the table stays bounded."""
        itself = chr(code_point)
        if len(self) < _MOST_SOUNDS:
            self[code_point] = itself
        return itself


class Views:
    """Makes the views of a text; what they hold only counts after a look at its letters.

    `of` keeps its latest answers: labels and the names of providers come again with every push.
    """

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self._shapes = re.compile(f"[{''.join(tables.shapes)}]")
        self._sounds = _Sounds(
            {ord(character): readings[0] for character, readings in tables.readings.items()}
        )
        self._whole = {part: one for one, parts in tables.splits.items() for part in parts}
        self._parts = _pattern_of(self._whole)
        # Most texts hold none, which an automaton tells in a tenth of the time.
        self._any_parts = Matcher(tuple(self._whole))
        self.of = lru_cache(_KEPT)(self._of)

    def _of(self, letters: str) -> tuple[tuple[int, str], ...]:
        """Return the different strings to search, and which views each of them is."""
        clean, noises = _NOISE.subn("", letters) if _may_have_noise(letters) else (letters, 0)
        joined = self._join(letters)
        seen = self._shape(self._join(clean) if noises else joined)
        views = [
            (_RAW | _SEEN if seen == letters else _RAW, letters),
            (_SOUND, letters.translate(self._sounds)),
        ]
        if seen != letters:
            views.append((_SEEN, seen))
        if noises > _ORDINARY_NOISE:
            views.append((_CLEAN_SOUND, seen.translate(self._sounds)))
        elif joined != letters:
            views.append((_CLEAN_SOUND, joined.translate(self._sounds)))
        return tuple(views)

    def seen(self, lines: str) -> str:
        """Return how letters are seen; `lines` may be many terms, one a line."""
        return self._shape(self._join(_NOISE.sub("", lines)))

    def heard(self, lines: str) -> str:
        """Return how letters sound, in their first readings; `lines` may be many terms."""
        return lines.translate(self._sounds)

    def covers(self, letters: str, view: int) -> Covers:
        """Return where each letter of a view comes from."""
        if view == _RAW:
            return list(range(len(letters))), list(range(1, len(letters) + 1))
        if view == _SOUND:
            heard = letters
            starts, ends = list(range(len(letters))), list(range(1, len(letters) + 1))
        else:
            kept = self._kept(letters, view)
            text = "".join([letters[place] for place in kept])
            heard = self._join(text)
            if len(kept) < len(letters):
                heard = self._shape(heard)
            starts, ends = self._joined_covers(text, kept)
        if view == _SEEN:
            return starts, ends
        sizes = [len(self._sounds[ord(letter)]) for letter in heard]
        return _spread(starts, sizes), _spread(ends, sizes)

    def _kept(self, letters: str, view: int) -> Sequence[int]:
        """Return the places of the letters that are no noise, as far as a view leaves it out."""
        noises = [match.span() for match in _NOISE.finditer(letters)]
        if not noises or (view == _CLEAN_SOUND and len(noises) <= _ORDINARY_NOISE):
            return range(len(letters))
        kept: list[int] = []
        done = 0
        for low, high in noises:
            kept.extend(range(done, low))
            done = high
        kept.extend(range(done, len(letters)))
        return kept

    def whole(self, parts: str) -> str | None:
        """Return the character that some parts make up, or None."""
        return self._whole.get(parts)

    def _joined_covers(self, text: str, places: Sequence[int]) -> Covers:
        starts: list[int] = []
        ends: list[int] = []
        done = 0
        for match in self._parts.finditer(text):
            low, high = match.span()
            starts.extend(places[done : low + 1])
            ends.extend([place + 1 for place in places[done:low]])
            ends.append(places[high - 1] + 1)
            done = high
        starts.extend(places[done:])
        ends.extend([place + 1 for place in places[done:]])
        return starts, ends

    def _join(self, text: str) -> str:
        return self._parts.sub(self._joined, text) if self._any_parts.find(text) else text

    def _joined(self, match: re.Match[str]) -> str:
        return self._whole[match.group()]

    def _shape(self, text: str) -> str:
        return self._shapes.sub(self._taken_for, text)

    def _taken_for(self, match: re.Match[str]) -> str:
        return self.tables.shapes[match.group()]


def _pattern_of(strings: Iterable[str]) -> re.Pattern[str]:
    """Return what finds any of some strings, the longest first; by first letters, for speed."""
    rests: dict[str, list[str]] = {}
    for string in sorted(strings, key=len, reverse=True):
        rests.setdefault(string[0], []).append(string[1:])
    branches = []
    for first, own in rests.items():
        longer = [rest for rest in own if len(rest) > 1]
        single = "".join(rest for rest in own if len(rest) == 1)
        choices = [*longer, f"[{single}]"] if single else longer
        branches.append(f"{first}(?:{'|'.join(choices)})")
    return re.compile("|".join(branches))


def line_by_line(lines: Sequence[str], change: Callable[[str], str]) -> list[str]:
    """Return what a change makes of each of many short texts, which must hold no line breaks."""
    return change(LINE.join(lines)).split(LINE) if lines else []


def _may_have_noise(letters: str) -> bool:
    if _AGAIN.search(letters) is not None:
        return True
    return _FOREIGN.search(letters) is not None and _BETWEEN.search(letters) is not None


def _spread(values: list[int], sizes: list[int]) -> list[int]:
    return [value for value, size in zip(values, sizes, strict=True) for _ in range(size)]
