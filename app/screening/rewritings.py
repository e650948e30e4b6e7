"""Other ways to read a text: pictures as the words they stand for, turned text as it is shown."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.screening import Technique

Span = tuple[int, int]
# What a right-to-left override turns: all up to its end, the line's or the text's.
_TURNED = re.compile("\u202e([^\u202c\u202d\u202e\n]+)")


@dataclass(frozen=True, slots=True)
class Rewriting:
    """A text rewritten: `places[i]` is where the character i comes from in the original.

    `changed` are the half-open spans in `text` that read otherwise, in order; a place that takes
    in none of them was found in the text itself.
    """

    text: str
    places: list[int]
    changed: list[Span]
    technique: Technique

    def original(self, span: Span) -> Span | None:
        """Return the span in the original of one in `text`; None where nothing in it is changed."""
        start, end = span
        if not any(low < end and start < high for low, high in self.changed):
            return None
        places = self.places[start:end]
        return min(places), max(places) + 1


class Rewriter:
    """Rewrites texts that give reason to; most do not."""

    def __init__(self, pictures: dict[str, str]) -> None:
        self._pictures = pictures
        self._picture = re.compile(f"[{''.join(pictures)}]")

    def rewritings(self, text: str) -> Iterator[Rewriting]:
        """Yield each other way in which a text is to be read."""
        if text.isascii():
            return
        if self._picture.search(text):
            yield self._worded(text)
        if _TURNED.search(text):
            yield _turned(text)

    def _worded(self, text: str) -> Rewriting:
        letters: list[str] = []
        places: list[int] = []
        changed: list[Span] = []
        for place, character in enumerate(text):
            word = self._pictures.get(character, character)
            if word is not character:
                changed.append((len(places), len(places) + len(word)))
            letters.append(word)
            places.extend([place] * len(word))
        return Rewriting("".join(letters), places, changed, Technique.STYLE)


def _turned(text: str) -> Rewriting:
    places = list(range(len(text)))
    changed = [match.span(1) for match in _TURNED.finditer(text)]
    for low, high in changed:
        places[low:high] = reversed(places[low:high])
    return Rewriting("".join([text[place] for place in places]), places, changed, Technique.HIDDEN)
