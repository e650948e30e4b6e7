"""Judge a place where a variant of a term was met: by which techniques it is the term, if it is."""

from dataclasses import dataclass

from app.domain.screening import Technique
from app.screening.characters import LINE_CHARACTERS, SENTENCE_PUNCTUATION, Role, is_han, role
from app.screening.evidence import MAX_GAP, in_order, techniques_in
from app.screening.guard import BorderGuard
from app.screening.normalize import Folder, Reading
from app.screening.patterns import LONG_TERM, Pattern
from app.screening.variants import Variant, looked_for

Found = tuple[int, int, tuple[Technique, ...]]
_CHANGES_LETTERS = frozenset({Technique.SHAPE, Technique.HOMOPHONE})


@dataclass(slots=True)
class _Trace:
    """What the units of a variant were met as, the letters changed, and where units start."""

    techniques: set[Technique]
    changed: list[int]
    borders: set[int]
    start: int
    end: int
    insertions: int = 0


@dataclass(frozen=True, slots=True)
class Inspector:
    """Looks at places in one reading."""

    folder: Folder
    reading: Reading
    guard: BorderGuard

    def inspect(
        self, variant: Variant, pattern: Pattern, places: list[int], start: int
    ) -> Found | None:
        """Return the place among the letters and the techniques, or None for ordinary writing.

        `start` is in the view whose letters come from `places`.
        """
        trace = self._trace(variant, places, start)
        if trace is None or not trace.techniques:
            return None
        if not all(looked_for(variant.term, variant.sources, one) for one in trace.techniques):
            return None
        if not self._stands_alone(trace) or not self._is_no_accident(trace, variant):
            return None
        low, high = self.reading.span(trace.start, trace.end)
        text = self.reading.original[low:high]
        found = trace.techniques | techniques_in(self.folder, text, pattern.characters)
        if self._gaps(trace):
            found.add(Technique.SEPARATOR)
        return trace.start, trace.end, in_order(found)

    def _trace(self, variant: Variant, places: list[int], start: int) -> _Trace | None:
        trace = _Trace(set(), [], set(), places[start], places[start])
        if start and places[start - 1] == places[start]:
            return None
        at = start
        for unit, source in zip(variant.units, variant.sources, strict=True):
            covered = places[at : at + len(unit)]
            if at > start and covered[0] == places[at - 1]:
                return None
            self._between(trace, covered[0])
            if not self._unit(trace, unit, source, covered, variant):
                return None
            at += len(unit)
            trace.borders.add(covered[0])
            trace.end = covered[-1] + 1
        is_cut = at < len(places) and places[at] == places[at - 1]
        return None if is_cut else trace

    def _between(self, trace: _Trace, place: int) -> None:
        letters = self.reading.letters
        foreign = False
        for skipped in range(trace.end, place):
            repeats = skipped > 0 and letters[skipped] == letters[skipped - 1]
            again = repeats and is_han(letters[skipped])
            trace.techniques.add(Technique.REPEATED if again else Technique.INSERTED)
            foreign = foreign or not again
        trace.insertions += foreign

    def _unit(
        self, trace: _Trace, unit: str, source: str, covered: list[int], variant: Variant
    ) -> bool:
        """Note how one unit is written; return False where it is not."""
        written = self.reading.letters[covered[0] : covered[-1] + 1]
        if written == source:
            return True
        if written.isascii():
            trace.techniques.add(Technique.INITIALS if variant.is_initials else Technique.PINYIN)
            return is_han(source)
        if len(set(covered)) == 1:
            by_sound = unit.isascii()
            trace.techniques.add(Technique.HOMOPHONE if by_sound else Technique.SHAPE)
            trace.changed.append(covered[0])
            return is_han(source)
        trace.techniques.add(Technique.SPLIT)
        return not unit.isascii()

    def _stands_alone(self, trace: _Trace) -> bool:
        """Say whether no Latin word goes on beyond the ends and gaps are those of a disguise."""
        letters, breaks = self.reading.letters, self.reading.breaks
        for border in (trace.start, trace.end):
            inside = 0 < border < len(letters) and not breaks[border]
            if inside and _is_latin(letters[border - 1]) and _is_latin(letters[border]):
                return False
        inner = range(trace.start + 1, trace.end)
        gaps = self._gaps(trace)
        in_units = [place for place in gaps if place not in trace.borders]
        return not in_units or len(gaps) == len(inner) or Technique.PINYIN not in trace.techniques

    def _gaps(self, trace: _Trace) -> list[int]:
        inner = range(trace.start + 1, trace.end)
        return [place for place in inner if self.reading.breaks[place]]

    def _is_no_accident(self, trace: _Trace, variant: Variant) -> bool:
        """Say whether punctuation, dictionary words and numbers rule out ordinary writing."""
        if not self._gaps_are_narrow(trace, len(variant.units)):
            return False
        # One number or unit amid a short term is ordinary; strewn over it, it is not.
        if trace.insertions == 1 and len(variant.units) < LONG_TERM:
            return False
        return not _CHANGES_LETTERS & trace.techniques or self._makes_no_words(trace, variant)

    def _makes_no_words(self, trace: _Trace, variant: Variant) -> bool:
        """Say whether the changed letters do not make an ordinary text of other words."""
        is_long = len(variant.units) >= LONG_TERM
        if len(trace.changed) == len(variant.units) and not is_long:
            return False
        # One letter of a long term is no accident, whatever word it happens to make.
        if is_long and len(trace.changed) == 1:
            return True
        if self.guard.word_cut(trace.start, trace.end) is not None:
            return False
        return not all(self.guard.is_in_word(place) for place in trace.changed)

    def _gaps_are_narrow(self, trace: _Trace, units: int) -> bool:
        reading = self.reading
        for place in self._gaps(trace):
            between = reading.original[reading.index[place - 1] + 1 : reading.index[place]]
            marks = [part for part in between if role(part) is Role.SEPARATOR]
            parts = any(part in SENTENCE_PUNCTUATION for part in marks)
            is_line = any(part in LINE_CHARACTERS for part in marks)
            if len(marks) > MAX_GAP or is_line or (parts and units < LONG_TERM):
                return False
        return True


def _is_latin(letter: str) -> bool:
    return letter.isascii() and letter.isalnum()
