"""Judge what a text is about by words that stand together: a thing, an offer, a way to deal.

No word of these tables says enough by itself, since reports and advice use the same. Solicitation
puts them close together; a report says who found, fined or warns.
"""

from collections.abc import Sequence
from functools import cache

from app.domain.signals import DISGUISED, REPORTED, Family, Signal
from app.screening.characters import CLAUSE_MARKS
from app.screening.content_weights import LEAST, MOST, Weighed, best_place, frame_of
from app.screening.content_words import HEADS, Part, Place, Topic, Use, Vocabulary, plain
from app.screening.matcher import BETWEEN
from app.screening.patterns import LONG_TERM

_TITLE_OPENS, _TITLE_CLOSES = "《", "》"

_TELLING = (Part.AGENT, Part.DEED, Part.REPORT, Part.ADVICE)

Field = tuple[str, str]


@cache
def vocabulary() -> Vocabulary:
    """Return the tables, read once."""
    return Vocabulary.load()


def content_signals(fields: Sequence[Field], *, contacted: bool = False) -> tuple[Signal, ...]:
    """Return one signal a topic that the (pointer, text) fields, read together, speak for.

    `contacted` is whether they name somebody to turn to, which no report does.
    """
    letters = _letters(fields)
    if not vocabulary().has_head(BETWEEN.join(letters)):
        return ()
    text = _Text(fields, letters)
    frame = None if contacted else text.frame()
    signals = []
    for topic, own in text.topics.items():
        excused = 0 if frame is None else min(topic.excused, frame.weight)
        best = best_place(topic, own, text.shared, contacted=contacted)
        if best is not None and best.weight - excused >= LEAST:
            weight = min(MOST, best.weight - excused)
            signals.append(text.signal(topic.family, topic.kind, weight, best.words))
    return tuple(signals)


def reported_signals(fields: Sequence[Field]) -> tuple[Signal, ...]:
    """Return the signal of kind `REPORTED` where the fields tell of something, else nothing.

    Worth asking only where listed terms were found, which a report excuses.
    """
    text = _Text(fields, _letters(fields))
    frame = text.frame()
    if frame is None:
        return ()
    return (text.signal(Family.CONTENT, REPORTED, frame.weight, frame.words),)


def _letters(fields: Sequence[Field]) -> list[str]:
    return [plain(vocabulary().folder.fold(text)) for _, text in fields]


class _Text:
    """The fields of one push, and the words found in their joined letters."""

    def __init__(self, fields: Sequence[Field], letters: list[str]) -> None:
        words = vocabulary()
        self._fields = fields
        self._joined = BETWEEN.join(letters)
        self._folder = words.folder
        self._firsts = [0]
        for part in letters:
            self._firsts.append(self._firsts[-1] + len(part) + 1)
        self.topics: dict[Topic, list[Place]] = {}
        self.shared: list[Place] = []
        found = words.find(self._joined)
        covers = self._titles()
        covers += [one for number, *one in found if words.covers[number]]
        uses = words.uses
        # Words of a topic without a head come to nothing.
        meant = {topic for number, _, _ in found for topic, part in uses[number] if part in HEADS}
        parted = self._parted()
        for number, start, end in found:
            around = [one for one in covers if one[0] <= start and end <= one[1]]
            # What covers others may itself report: 约谈 is no 约.
            if around and (around != [[start, end]] or not all(map(_tells, uses[number]))):
                continue
            if end - start < LONG_TERM and not parted.isdisjoint(range(start + 1, end)):
                continue
            for topic, part in uses[number]:
                if topic is None:
                    self.shared.append(Place(start, end, part))
                elif topic in meant:
                    self.topics.setdefault(topic, []).append(Place(start, end, part))

    def frame(self) -> Weighed | None:
        """Return the words that report or advise, None without any."""
        return frame_of(self.shared, self._joined)

    def signal(self, family: Family, kind: str, weight: int, words: Sequence[Place]) -> Signal:
        """Make a signal that spans those words that stand in the field of the first.

        It says so where some word is written otherwise than plainly.
        """
        field = self._field_of(words[0])
        ordered = sorted(words, key=lambda word: word.start)
        inside = [self._span(word) for word in ordered if self._field_of(word) == field]
        pointer, _ = self._fields[field]
        span = (inside[0][0], max(end for _, end in inside))
        named = dict.fromkeys(self._original(word) for word in ordered)
        params: dict[str, str | bool] = {"words": "、".join(named)}
        if any(map(self._is_disguised, ordered)):
            params[DISGUISED] = True
        return Signal(family, kind, pointer, span, weight, params)

    def _is_disguised(self, word: Place) -> bool:
        """Say whether a word is written otherwise than plainly; capitals throughout are plain."""
        original = self._original(word)
        letters = original.lower() if original.isupper() else original
        return plain(letters) != self._joined[word.start : word.end]

    def _titles(self) -> list[list[int]]:
        """Return where the letters of titles of works and laws stand: they are names, no offers."""
        found = []
        for field, (_, text) in enumerate(self._fields):
            opens = text.find(_TITLE_OPENS)
            while opens >= 0:
                closes = text.find(_TITLE_CLOSES, opens)
                if closes < 0:
                    break
                before = self._firsts[field] + len(self._folder.fold(text[:opens]))
                found.append([before, before + len(self._folder.fold(text[opens:closes]))])
                opens = text.find(_TITLE_OPENS, closes)
        return found

    def _parted(self) -> set[int]:
        """Return the places of the joined letters that a clause's punctuation stands before."""
        found: set[int] = set()
        for first, (_, text) in zip(self._firsts, self._fields, strict=False):
            reading = self._folder.read(text)
            for place in reading.gaps(0, len(reading.letters)):
                between = text[reading.index[place - 1] + 1 : reading.index[place]]
                if not CLAUSE_MARKS.isdisjoint(between):
                    found.add(first + place)
        return found

    def _field_of(self, word: Place) -> int:
        return max(n for n, first in enumerate(self._firsts[:-1]) if first <= word.start)

    def _span(self, word: Place) -> tuple[int, int]:
        field = self._field_of(word)
        first = self._firsts[field]
        return self._folder.read(self._fields[field][1]).span(word.start - first, word.end - first)

    def _original(self, word: Place) -> str:
        """Return a word as the text has it, digits included."""
        low, high = self._span(word)
        return self._fields[self._field_of(word)][1][low:high]


def _tells(use: Use) -> bool:
    topic, part = use
    return topic is None and part in _TELLING
