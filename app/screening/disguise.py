"""Judge a place where a variant of a term was met: by which techniques it is the term, if it is."""

from dataclasses import dataclass, field

from app.domain.screening import Technique
from app.screening.characters import LINE_CHARACTERS, SENTENCE_PUNCTUATION, Role, is_han, role
from app.screening.evidence import MAX_GAP, in_order, techniques_in
from app.screening.guard import BorderGuard
from app.screening.normalize import Folder, Reading
from app.screening.patterns import LONG_TERM, Pattern
from app.screening.variants import Variant
from app.screening.views import Covers, Views

Found = tuple[int, int, tuple[Technique, ...]]
_CHANGES_LETTERS = frozenset({Technique.SHAPE, Technique.HOMOPHONE})


@dataclass(slots=True)
class _Trace:
    """What the units of a variant were met as, the letters changed, and where units start."""

    start: int
    end: int
    techniques: set[Technique] = field(default_factory=set)
    changed: list[int] = field(default_factory=list)
    borders: list[int] = field(default_factory=list)
    insertions: int = 0


@dataclass(frozen=True, slots=True)
class Inspector:
    """Looks at places in one reading."""

    folder: Folder
    views: Views
    reading: Reading
    guard: BorderGuard

    def inspect(
        self, variant: Variant, pattern: Pattern, covers: Covers, start: int
    ) -> Found | None:
        """Return the place among the letters and the techniques, or None for ordinary writing.

        `start` is in the view whose letters come from `covers`.
        """
        stop = start + variant.size
        if not self._is_whole(covers[0], start, stop):
            return None
        trace = self._trace(variant, covers, start)
        if trace is None or not trace.techniques:
            return None
        gaps = self.reading.gaps(trace.start, trace.end)
        if gaps and not self._gaps_disguise(trace, gaps, len(variant.units)):
            return None
        if not self._is_no_accident(trace, variant):
            return None
        low, high = self.reading.span(trace.start, trace.end)
        text = self.reading.original[low:high]
        found = trace.techniques | techniques_in(self.folder, text, pattern.characters)
        if gaps:
            found.add(Technique.SEPARATOR)
        return trace.start, trace.end, in_order(found)

    def _trace(self, variant: Variant, covers: Covers, start: int) -> _Trace | None:
        """Follow the units; None where one is not written or begins within a letter's sound."""
        starts, ends = covers
        letters = self.reading.letters
        trace = _Trace(starts[start], starts[start])
        at = start
        for unit, source in zip(variant.units, variant.sources, strict=True):
            low = starts[at]
            if at > start and starts[at - 1] == low:
                return None
            at += len(unit)
            high = ends[at - 1]
            if low > trace.end:
                self._between(trace, low)
            written = letters[low:high]
            if written != source and not self._unit(trace, unit, source, written, variant):
                return None
            trace.borders.append(low)
            trace.end = high
        return trace

    def _between(self, trace: _Trace, place: int) -> None:
        letters = self.reading.letters
        foreign = False
        for skipped in range(trace.end, place):
            again = letters[skipped] == letters[skipped - 1] and is_han(letters[skipped])
            trace.techniques.add(Technique.REPEATED if again else Technique.INSERTED)
            foreign = foreign or not again
        # The initial of what follows is no number or unit: 脑c残.
        trace.insertions += foreign and not self._is_initial(letters[trace.end : place + 1])

    def _is_initial(self, letters: str) -> bool:
        """Say whether Latin letters begin the sound of the letter behind them."""
        readings = self.views.tables.readings.get(letters[-1], ())
        return any(reading.startswith(letters[:-1]) for reading in readings)

    def _unit(self, trace: _Trace, unit: str, source: str, written: str, variant: Variant) -> bool:
        """Note how one unit is written otherwise than in the term; return False where it is not."""
        if written.isascii():
            trace.techniques.add(Technique.INITIALS if variant.is_initials else Technique.PINYIN)
            return is_han(source[0])
        by_sound = unit.isascii()
        if len(written) == len(source) == 1:
            trace.techniques.add(Technique.HOMOPHONE if by_sound else Technique.SHAPE)
            trace.changed.append(trace.end)
            return is_han(source)
        if len(written) <= len(source):
            # The term's own letters happen to be parts of a character that the text has whole.
            return False
        trace.techniques.add(Technique.SPLIT)
        return not by_sound or self.views.whole(written) == source

    def _is_whole(self, starts: list[int], start: int, stop: int) -> bool:
        """Say whether neither a letter's sound nor a Latin word goes on beyond the ends."""
        for border in (start, stop):
            if 0 < border < len(starts) and (
                starts[border] == starts[border - 1] or self.reading.is_in_latin(starts[border])
            ):
                return False
        return True

    def _gaps_disguise(self, trace: _Trace, gaps: list[int], units: int) -> bool:
        """Say whether separators inside are those of a disguise, and not of a text's layout."""
        reading = self.reading
        for place in gaps:
            between = reading.original[reading.index[place - 1] + 1 : reading.index[place]]
            marks = [part for part in between if role(part) is Role.SEPARATOR]
            parts = not SENTENCE_PUNCTUATION.isdisjoint(marks)
            is_line = any(part in LINE_CHARACTERS for part in marks)
            if len(marks) > MAX_GAP or is_line or (parts and units < LONG_TERM):
                return False
        everywhere = len(gaps) == trace.end - trace.start - 1
        in_units = not set(gaps).issubset(trace.borders)
        return not in_units or everywhere or Technique.PINYIN not in trace.techniques

    def _is_no_accident(self, trace: _Trace, variant: Variant) -> bool:
        """Say whether dictionary words and numbers rule out ordinary writing."""
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
        return not all(map(self.guard.is_in_word, trace.changed))
