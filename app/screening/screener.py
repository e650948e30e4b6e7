"""Screen the texts of a push: normalise, match, judge each place, and report it as a fact."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Self

from app.domain.screening import (
    Excused,
    HiddenCharacter,
    Hit,
    ScreeningReport,
    Severity,
    Technique,
)
from app.domain.signals import Span
from app.domain.unread import Unread
from app.screening.disguise import Inspector
from app.screening.evidence import Evidence, Techniques
from app.screening.guard import BorderGuard
from app.screening.hidden import find_hidden
from app.screening.judge import (
    Cover,
    Judge,
    Occasion,
    as_written,
    excused_in_order,
    in_order,
    widest,
)
from app.screening.lexicon import Lexicon
from app.screening.matcher import Matcher, Occurrence
from app.screening.normalize import Folder, Reading
from app.screening.patterns import PatternSet
from app.screening.rewritings import Rewriter
from app.screening.tables import Tables
from app.screening.tokenizer import Tokenizer
from app.screening.variants import looked_for
from app.screening.versions import engine_version
from app.screening.views import Covers, View, Views
from app.screening.wordlist import Term

# In one field; a person looks at the first of them, and further ones would only take time.
_MOST_DISGUISED = 100
# Places looked at in one field for a disguise, so that no text costs more than some 15 ms.
# What lies beyond either is reported as not read.
_MOST_TRIED = 700

Field = tuple[str, str]
# Hits, what was let go, and the first place that was not looked at, if any.
Judged = tuple[list[Hit], list[Excused], list[Span]]
_Candidate = tuple[Term, int, int, Techniques]
# Occurrences in one field by the views they were met in.
_Seen = list[tuple[int, list[Occurrence]]]
_VIEWS = tuple(int(view) for view in View)
_RAW = int(View.RAW)


class Screener:
    """A lexicon made ready for matching; immutable, so that a new lexicon is a new screener."""

    def __init__(
        self, lexicon: Lexicon, folder: Folder, views: Views, patterns: PatternSet, words: Tokenizer
    ) -> None:
        self._folder = folder
        self._views = views
        self._rewriter = Rewriter(views.tables.pictures, views.tables.initials)
        self._patterns = patterns
        self._matcher = Matcher(patterns.strings)
        self._tokenizer = words
        self.lexicon = lexicon
        self.word_list_digest = lexicon.digest
        self.engine_version = engine_version()

    @classmethod
    def load(cls, lexicon: Lexicon) -> Self:
        """Fold and compile the lists and read the dictionary: 0.3 s, with 60,000 terms 1.5 s.

        Raise WordListError where a term could never be met.
        """
        folder = Folder.load()
        views = Views(Tables.load())
        patterns = PatternSet.compile(lexicon, folder, views)
        return cls(lexicon, folder, views, patterns, Tokenizer.load(patterns.words))

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
        unread: list[Unread] = []
        when = Occasion(on, provider)
        for (pointer, text), (found, let_go, left) in zip(
            fields, self._found(fields, when), strict=True
        ):
            hidden.extend(find_hidden(pointer, text))
            if found:
                hits.extend(widest(found))
            if let_go:
                excused.extend(excused_in_order(let_go))
            if left:
                unread.append(Unread(pointer, min(left)))
        return ScreeningReport(
            tuple(hits),
            tuple(hidden),
            tuple(excused),
            self.word_list_digest,
            self.engine_version,
            unread=tuple(unread),
        )

    def every_hit(self, text: str, *, on: date, provider: str | None = None) -> tuple[Hit, ...]:
        """Return the hits in one text, also those that a report leaves out for a wider one."""
        ((found, _, _),) = self._found([("", text)], Occasion(on, provider))
        return tuple(in_order(set(found)))

    def _found(self, fields: Sequence[Field], when: Occasion) -> list[Judged]:
        """Return hits and what was let go in each field, rewritings of it included."""
        others = [
            (number, other)
            for number, (_, text) in enumerate(fields)
            for other in self._rewriter.rewritings(text)
        ]
        texts = [*fields, *((fields[number][0], other.text) for number, other in others)]
        seen = self._search(texts)
        found: list[Judged] = [([], [], []) for _ in fields]
        for number in sorted(seen):
            pointer, text = texts[number]
            is_own = number < len(fields)
            by = None if is_own else others[number - len(fields)][1].technique
            judged = self._judge(pointer, text, seen[number], when, by)
            if is_own:
                found[number] = judged
            else:
                own, other = others[number - len(fields)]
                found[own][0].extend(as_written(judged[0], other))
                found[own][2].extend(other.place(span) for span in judged[2])
        return found

    def _search(self, fields: Sequence[Field]) -> dict[int, _Seen]:
        """Return by number of field what was met in its views, in one pass over all of them."""
        fold = self._folder.fold
        strings: list[str] = []
        views: list[tuple[int, int]] = []
        for number, (_, text) in enumerate(fields):
            for view, string in self._views.of(fold(text)):
                strings.append(string)
                views.append((number, view))
        counts_in = self._patterns.counts_in
        seen: dict[int, _Seen] = {}
        for part, found in self._matcher.find_in_parts(strings).items():
            number, view = views[part]
            met = [one for one in found if counts_in[one[0]] & view]
            if met:
                seen.setdefault(number, []).append((view, met))
        return seen

    def _judge(
        self, pointer: str, text: str, seen: _Seen, when: Occasion, rewritten: Technique | None
    ) -> Judged:
        """Judge what was met in a field, or in a rewriting of one by a technique."""
        reading = self._folder.read(text)
        guard = BorderGuard(self._tokenizer, reading)
        patterns = self._patterns
        raw = [one for view, met in seen if view & _RAW for one in met if one[0] < patterns.size]
        covers: list[Cover] = []
        unread: list[Span] = []
        candidates = self._written(raw, reading, covers, unread, rewritten=rewritten is not None)
        candidates += self._disguised(
            Inspector(self._folder, self._views, reading, guard), seen, raw, unread
        )
        judge = Judge(
            pointer, guard, covers, patterns.longest_phrase, rewritten=rewritten is not None
        )
        for term, start, end, techniques in candidates:
            if not term.off or term.off.isdisjoint((*techniques, rewritten)):
                judge.judge(term, (start, end), techniques, when)
        return judge.hits, judge.excused, unread

    def _written(
        self,
        raw: list[Occurrence],
        reading: Reading,
        covers: list[Cover],
        unread: list[Span],
        *,
        rewritten: bool,
    ) -> list[_Candidate]:
        """Return the places where the letters of a term stand; note what exempts some.

        Of terms that count in disguise alone note the first that is one too many.
        """
        evidence = Evidence(self._folder, reading)
        candidates: list[_Candidate] = []
        disguised = 0
        for number, start, end in raw:
            pattern = self._patterns.pattern(number)
            techniques = evidence.techniques_at(start, end, pattern)
            if techniques is None:
                continue
            is_disguised = rewritten or bool(techniques)
            disguised += is_disguised
            for term in pattern.terms:
                if term.severity is not Severity.DISGUISED or (
                    is_disguised and disguised <= _MOST_DISGUISED
                ):
                    candidates.append((term, start, end, techniques))
                elif is_disguised and not unread:
                    unread.append(reading.span(start, end))
            if pattern.exemptions and not any(one.is_evasion for one in techniques):
                covers += [(start, end, exemption) for exemption in pattern.exemptions]
        return candidates

    def _disguised(
        self, inspector: Inspector, seen: _Seen, raw: list[Occurrence], unread: list[Span]
    ) -> Iterator[_Candidate]:
        """Yield the places where a term is written so that only another view shows it.

        Note the first that is one too many to be looked at.
        """
        done = 0
        plain = set(raw)
        reading = inspector.reading
        places = self._disguises(reading.letters, seen, plain)
        for tried, (view, own, number, covers, start) in enumerate(places):
            variant = self._patterns.variant(own, number, view)
            if tried == _MOST_TRIED or done == _MOST_DISGUISED:
                unread.append(reading.span(covers[0][start], covers[1][start + variant.size - 1]))
                return
            pattern = self._patterns.pattern(own)
            found = inspector.inspect(variant, pattern, covers, start)
            if found is None:
                continue
            low, high, techniques = found
            plain.add((own, low, high))
            for term in pattern.terms:
                if all(looked_for(term, variant.letters, one) for one in techniques):
                    yield term, low, high, techniques
            done += 1

    def _disguises(
        self, letters: str, seen: _Seen, plain: set[Occurrence]
    ) -> Iterator[tuple[int, int, int, Covers, int]]:
        """Yield what may be a disguise: view, own pattern, string, covers of the view and start.

        A term in its own letters shows in every view: where none shows it more often than the
        letters themselves do, there is nothing to look at.
        """
        for views, met in seen:
            for view in _VIEWS:
                found = list(self._owned(met, views, view)) if views & view else []
                if not found or (view != _RAW and _shows_no_more(found, plain)):
                    continue
                covers = self._views.covers(letters, view)
                for own, number, start, end in found:
                    if (own, covers[0][start], covers[1][end - 1]) not in plain:
                        yield view, own, number, covers, start

    def _owned(
        self, met: list[Occurrence], views: int, view: int
    ) -> Iterator[tuple[int, int, int, int]]:
        """Yield the patterns of which the strings met in a view may be a disguise."""
        counts_in, owners = self._patterns.counts_in, self._patterns.owners(view)
        is_raw = views & _RAW
        for number, start, end in met:
            if counts_in[number] & view:
                for own in owners.get(number) or (() if is_raw else (number,)):
                    # The letters themselves where nothing is seen otherwise.
                    if own != number or not is_raw:
                        yield own, number, start, end


def _shows_no_more(found: list[tuple[int, int, int, int]], plain: set[Occurrence]) -> bool:
    """Say whether no term is found more often than it stands there in its own letters."""
    counts: dict[int, int] = {}
    for number, _, _ in plain:
        counts[number] = counts.get(number, 0) + 1
    for own, _, _, _ in found:
        left = counts.get(own, 0)
        if left == 0:
            return False
        counts[own] = left - 1
    return True
