"""Screen the texts of a push: normalise, match, judge each place, and report it as a fact."""

import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Self

from app.domain.screening import (
    Excuse,
    Excused,
    HiddenCharacter,
    Hit,
    ScreeningReport,
    Severity,
    Technique,
)
from app.screening.disguise import Inspector
from app.screening.evidence import techniques_at
from app.screening.exemptions import Exemption
from app.screening.guard import BorderGuard
from app.screening.hidden import find_hidden
from app.screening.lexicon import Lexicon
from app.screening.matcher import BETWEEN, Matcher, Occurrence
from app.screening.normalize import Folder, Reading
from app.screening.patterns import LONG_TERM, PatternSet
from app.screening.tables import Tables
from app.screening.tokenizer import Tokenizer, dictionary_version
from app.screening.variants import Variant
from app.screening.views import View, Views
from app.screening.wordlist import Term

# Raised with every change of what is found; Unicode and dictionaries can change it as well.
_ENGINE = "2"
# In one field; a person looks at the first of them, and further ones would only take time.
_MOST_DISGUISED = 200

Field = tuple[str, str]
_Cover = tuple[int, int, Exemption]
_Candidate = tuple[Term, int, int, tuple[Technique, ...]]
_Seen = list[tuple[frozenset[View], list[Occurrence]]]


@dataclass(frozen=True, slots=True)
class _Terms:
    """For whom and when: what exemptions depend on."""

    on: date
    provider: str | None


class Screener:
    """A lexicon made ready for matching; immutable, so that a new lexicon is a new screener."""

    def __init__(
        self, lexicon: Lexicon, folder: Folder, views: Views, patterns: PatternSet, words: Tokenizer
    ) -> None:
        self._folder = folder
        self._views = views
        self._patterns = patterns
        self._matcher = Matcher(patterns.strings)
        self._counts_in = patterns.views()
        self._tokenizer = words
        self.lexicon = lexicon
        self.word_list_digest = lexicon.digest
        self.engine_version = (
            f"screening-{_ENGINE},unicode-{unicodedata.unidata_version},{dictionary_version()}"
        )

    @classmethod
    def load(cls, lexicon: Lexicon) -> Self:
        """Fold and compile the lists and read the dictionaries: about a second, 150 MB.

        Raise WordListError where a term could never be met.
        """
        folder = Folder.load()
        views = Views(Tables.load())
        patterns = PatternSet.compile(lexicon, folder, views)
        terms = (pattern.letters for pattern in patterns.patterns if pattern.terms)
        return cls(lexicon, folder, views, patterns, Tokenizer.load(terms))

    def screen(
        self, fields: Sequence[Field], *, on: date, provider: str | None = None
    ) -> ScreeningReport:
        """Report on (pointer, text) fields, each at any length and with any code points.

        `on` is the Beijing day, `provider` the id of the pushing provider: exemptions end and may
        hold for some providers only. The same input gives the same report. Never raises.
        """
        hits: list[Hit] = []
        hidden: list[HiddenCharacter] = []
        excused: list[Excused] = []
        seen = self._search(fields)
        for number, (pointer, text) in enumerate(fields):
            hidden.extend(find_hidden(pointer, text))
            if number in seen:
                found = self._judge(pointer, text, seen[number], _Terms(on, provider))
                hits.extend(_widest(item for item in found if isinstance(item, Hit)))
                excused.extend(
                    sorted(
                        {item for item in found if isinstance(item, Excused)}, key=_excused_order
                    )
                )
        return ScreeningReport(
            tuple(hits), tuple(hidden), tuple(excused), self.word_list_digest, self.engine_version
        )

    def every_hit(self, text: str, *, on: date, provider: str | None = None) -> tuple[Hit, ...]:
        """Return the hits in one text, also those that a report leaves out for a wider one."""
        seen = self._search([("", text)])
        found = self._judge("", text, seen[0], _Terms(on, provider)) if 0 in seen else []
        return tuple(sorted({item for item in found if isinstance(item, Hit)}, key=_hit_order))

    def _search(self, fields: Sequence[Field]) -> dict[int, _Seen]:
        """Return by number of field what was met in its views, in one pass over all of them."""
        views = self._views.of(BETWEEN.join([self._folder.fold(text) for _, text in fields]))
        parts = self._matcher.find_in_parts(BETWEEN.join([string for _, string in views]))
        seen: dict[int, _Seen] = {}
        for part in sorted(parts):
            view, field = divmod(part, len(fields))
            kinds = views[view][0]
            met = [one for one in parts[part] if not kinds.isdisjoint(self._counts_in[one[0]])]
            if met:
                seen.setdefault(field, []).append((kinds, met))
        return seen

    def _judge(self, pointer: str, text: str, seen: _Seen, terms: _Terms) -> list[Hit | Excused]:
        reading = self._folder.read(text)
        place = _Place(pointer, reading, BorderGuard(self._tokenizer, reading))
        raw = [one for kinds, met in seen if View.RAW in kinds for one in met]
        covers: list[_Cover] = []
        candidates = list(self._disguised(place, seen, raw))
        for number, start, end in raw:
            if number >= len(self._patterns.patterns):
                continue
            pattern = self._patterns.patterns[number]
            techniques = techniques_at(self._folder, reading, (start, end), pattern)
            if techniques is None:
                continue
            candidates.extend((term, start, end, techniques) for term in pattern.terms)
            if not any(technique.is_evasion for technique in techniques):
                covers.extend((start, end, exemption) for exemption in pattern.exemptions)
        covers.sort(key=_cover_start)
        judged: list[Hit | Excused] = []
        for term, start, end, techniques in candidates:
            if term.off.isdisjoint(techniques):
                exemption = self._exemption(covers, (start, end), term, terms)
                judged.append(place.judge(term, (start, end), techniques, exemption))
        return judged

    def _disguised(
        self, place: "_Place", seen: _Seen, raw: list[Occurrence]
    ) -> Iterator[_Candidate]:
        """Yield the places where a term is written so that only another view shows it."""
        inspector = Inspector(self._folder, place.reading, place.guard)
        places: dict[View, list[int]] = {}
        done: set[tuple[str, int, int]] = set()
        for variant, own, view, start in self._disguises(seen, raw):
            if view not in places:
                places[view] = self._views.places(place.reading.letters, view)
            key = (variant.term.list_id, own, places[view][start])
            if key in done:
                continue
            found = inspector.inspect(variant, self._patterns.patterns[own], places[view], start)
            if found is not None:
                done.add(key)
                yield (variant.term, *found)
            if len(done) >= _MOST_DISGUISED:
                return

    def _disguises(
        self, seen: _Seen, raw: list[Occurrence]
    ) -> Iterator[tuple[Variant, int, View, int]]:
        """Yield what may be a disguise: variant, number of its term's pattern, view and start.

        A term in its own letters shows in every view: where none shows it more often than the
        letters themselves do, there is nothing to look at.
        """
        plain = Counter(number for number, _, _ in raw)
        for kinds, met in seen:
            counts = Counter(number for number, _, _ in met)
            for number, start, _ in met:
                for variant, own in self._patterns.variants.get(number, ()):
                    view = variant.view_in(kinds)
                    is_plain = variant.is_whole and counts[number] <= plain[own]
                    if view is not None and not is_plain:
                        yield variant, own, view, start

    def _exemption(
        self, covers: list[_Cover], span: tuple[int, int], term: Term, terms: _Terms
    ) -> Exemption | None:
        """Return the first exemption around a span; looks no further back than the longest."""
        start, end = span
        first = bisect_left(covers, start - self._patterns.longest_phrase, key=_cover_start)
        for number in range(first, len(covers)):
            low, high, exemption = covers[number]
            if low > start:
                break
            if high >= end and exemption.holds(terms.on, terms.provider, term):
                return exemption
        return None


@dataclass(frozen=True, slots=True)
class _Place:
    pointer: str
    reading: Reading
    guard: BorderGuard

    def judge(
        self,
        term: Term,
        letters: tuple[int, int],
        techniques: tuple[Technique, ...],
        exemption: Exemption | None,
    ) -> Hit | Excused:
        """Make a hit of a place, or say what excuses it.

        A place that cuts through a word excuses a short term marked hold. A long one is met by
        chance too rarely, and attackers could add a letter to glue its end to the next word; one
        marked exact is too grave to drop. Both count as hold there.
        """
        span = self.reading.span(*letters)
        if exemption is not None:
            return self._excused(term, span, Excuse.EXEMPTION, exemption.phrase)
        word = self.guard.word_cut(*letters)
        is_long = letters[1] - letters[0] >= LONG_TERM
        if word is not None and term.severity is Severity.HOLD and not is_long:
            return self._excused(term, span, Excuse.WORD_BORDER, word)
        hit = Hit(
            term=term.text,
            category=term.category,
            severity=term.severity,
            pointer=self.pointer,
            span=span,
            techniques=techniques,
            list_id=term.list_id,
            clause=term.clause,
        )
        return replace(hit, severity=Severity.HOLD) if word is not None or hit.is_evasion else hit

    def _excused(self, term: Term, span: tuple[int, int], excuse: Excuse, by: str) -> Excused:
        return Excused(term.text, term.category, self.pointer, span, excuse, by)


def _widest(hits: Iterable[Hit]) -> Iterator[Hit]:
    """Yield hits in order of place, without those inside one of their category as severe."""
    reach: dict[tuple[str, Severity], int] = {}
    for hit in sorted(hits, key=_hit_order):
        end = hit.span[1]
        severer = reach.get((hit.category, Severity.EXACT), -1)
        equal = reach.get((hit.category, hit.severity), -1)
        if end > max(severer, equal):
            reach[hit.category, hit.severity] = end
            yield hit


def _hit_order(hit: Hit) -> tuple[int, int, bool, str, str]:
    start, end = hit.span
    return start, -end, hit.severity is not Severity.EXACT, hit.list_id, hit.term


def _excused_order(excused: Excused) -> tuple[int, int, str, str, str]:
    start, end = excused.span
    return start, -end, excused.category, excused.term, excused.by


def _cover_start(cover: _Cover) -> int:
    return cover[0]
