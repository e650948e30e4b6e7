"""Other ways to read a text: pictures and initials as the words they stand for, turned text.

Turned text is read as it is shown.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.domain.screening import Technique
from app.screening.tables import Initials

Span = tuple[int, int]
Replaced = tuple[int, int, str]
# What a right-to-left override turns: all up to its end, the line's or the text's.
_TURNED = re.compile("\u202e([^\u202c\u202d\u202e\n]+)")
_LATIN = re.compile("[a-zA-Z]+")
# Where all pictures are; a class of two ranges is found faster than one of hundreds of members.
_PICTURE = re.compile("[\u2190-\u2bff\U0001f000-\U0001faff]")
# Beside these Latin letters are part of an address, a code or a number.
_OF_A_CODE = re.compile("[0-9a-zA-Z@._/#&+-]")
# So many initials are no accident; of fewer it takes so many different ones.
_SURE_LETTERS, _SURE_WORDS = 3, 2


@dataclass(frozen=True, slots=True)
class Rewriting:
    """A text rewritten: `places[i]` is where the character i comes from in the original.

    `changed` are the half-open spans in `text` that read otherwise, in order; a place that takes
    in none of them was found in the text itself. Where they are not `sure`, a place inside one of
    them says nothing either: it takes what stands around.
    """

    text: str
    places: list[int]
    changed: list[Span]
    technique: Technique
    sure: bool = True

    def original(self, span: Span) -> Span | None:
        """Return the span in the original of one in `text`; None where nothing in it is changed."""
        start, end = span
        changed = [one for one in self.changed if one[0] < end and start < one[1]]
        if not changed or not (self.sure or any(_reaches_beyond(span, one) for one in changed)):
            return None
        return self.place(span)

    def place(self, span: Span) -> Span:
        """Return the span in the original that one in `text` was made from."""
        places = self.places[span[0] : span[1]]
        return min(places), max(places) + 1


class Rewriter:
    """Rewrites texts that give reason to; most do not."""

    def __init__(self, pictures: dict[str, str], initials: Iterable[Initials]) -> None:
        self._pictures = pictures
        self._initials: dict[str, list[tuple[str, str]]] = {}
        for topic, word, spellings in initials:
            for spelling in spellings:
                self._initials.setdefault(spelling, []).append((topic, word))

    def rewritings(self, text: str) -> Iterator[Rewriting]:
        """Yield each other way in which a text is to be read."""
        if text.isascii():
            return
        met = [match for match in _PICTURE.finditer(text) if match.group() in self._pictures]
        pictures = [(*match.span(), self._pictures[match.group()]) for match in met]
        if pictures:
            yield _worded(text, pictures, Technique.STYLE)
        yield from self._spelled(text)
        if _TURNED.search(text):
            yield _turned(text)

    def _spelled(self, text: str) -> Iterator[Rewriting]:
        """Yield, by topic, the text with the words that initials in it stand for."""
        found: dict[str, dict[int, tuple[int, int, str]]] = {}
        for match in _LATIN.finditer(text):
            for start, end in self._with_neighbours(text, *match.span()):
                for topic, word in self._initials.get(text[start:end].lower(), ()):
                    found.setdefault(topic, {}).setdefault(match.start(), (start, end, word))
        for replaced in found.values():
            places = list(replaced.values())
            spelled = {text[start:end].lower() for start, end, _ in places}
            sure = len(spelled) >= _SURE_WORDS or any(map(_is_sure, spelled))
            yield _worded(text, _apart(places), Technique.INITIALS, sure=sure)

    def _with_neighbours(self, text: str, start: int, end: int) -> Iterator[Span]:
        """Yield where a word of initials may stand that is or takes in some Latin letters."""
        before, after = text[start - 1 : start] if start else "", text[end : end + 1]
        if _OF_A_CODE.match(before) or _OF_A_CODE.match(after):
            return
        size = end - start
        if size == 1 or not text[start:end].isupper():
            if before:
                yield start - 1, end
            if after:
                yield start, end + 1
        if text[start:end].islower() or (text[start:end].isupper() and size >= _SURE_LETTERS):
            yield start, end


def _is_sure(spelled: str) -> bool:
    return not spelled.isascii() or len(spelled) >= _SURE_LETTERS


def _reaches_beyond(span: Span, changed: Span) -> bool:
    return span[0] < changed[0] or changed[1] < span[1]


def _apart(places: Sequence[Replaced]) -> list[Replaced]:
    """Leave out what begins in what stands before it."""
    taken: list[Replaced] = []
    for one in places:
        if not taken or taken[-1][1] <= one[0]:
            taken.append(one)
    return taken


def _worded(
    text: str, replaced: Sequence[Replaced], technique: Technique, *, sure: bool = True
) -> Rewriting:
    letters: list[str] = []
    places: list[int] = []
    changed: list[Span] = []
    done = 0
    for start, end, word in replaced:
        letters.extend(text[done:start])
        places.extend(range(done, start))
        changed.append((len(places), len(places) + len(word)))
        letters.append(word)
        # The first of several characters is the word's first letter, the last all that follow.
        places.extend([start, *[end - 1] * (len(word) - 1)])
        done = end
    letters.extend(text[done:])
    places.extend(range(done, len(text)))
    return Rewriting("".join(letters), places, changed, technique, sure)


def _turned(text: str) -> Rewriting:
    places = list(range(len(text)))
    changed = [match.span(1) for match in _TURNED.finditer(text)]
    for low, high in changed:
        places[low:high] = reversed(places[low:high])
    return Rewriting("".join([text[place] for place in places]), places, changed, Technique.HIDDEN)
