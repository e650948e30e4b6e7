"""Make hits of the places where terms are written, or say what excuses them."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from app.domain.screening import Excuse, Excused, Hit, Severity, Technique, TermCategory
from app.domain.values import dataclass
from app.screening.evidence import in_order as techniques_in_order
from app.screening.exemptions import Exemption
from app.screening.guard import BorderGuard
from app.screening.patterns import LONG_TERM
from app.screening.rewritings import Rewriting
from app.screening.wordlist import Term

Cover = tuple[int, int, Exemption]
# A word that is marked for its disguises is not disguised by these.
_PLAIN = frozenset({Technique.TRADITIONAL})
_EVASIONS = frozenset(technique for technique in Technique if technique.is_evasion)


@dataclass(frozen=True, slots=True)
class Occasion:
    """For whom and when: what exemptions depend on."""

    on: date
    provider: str | None


class Judge:
    """Judges places in one field; `covers` are the exempting phrases met there.

    `rewritten` says that the text is a rewriting, so that even plain letters are a disguise.
    """

    def __init__(
        self,
        pointer: str,
        guard: BorderGuard,
        covers: list[Cover],
        longest: int,
        *,
        rewritten: bool,
    ) -> None:
        self._pointer = pointer
        self._reading = guard.reading
        self._guard = guard
        self._rewritten = rewritten
        self._covers = sorted(covers, key=_cover_start)
        self._longest = longest
        self.hits: list[Hit] = []
        self.excused: list[Excused] = []

    def judge(
        self, term: Term, place: tuple[int, int], techniques: tuple[Technique, ...], when: Occasion
    ) -> None:
        """Note a hit at a place among the letters, or what excuses it.

        A place that cuts through a word excuses a short term marked hold. A long one is met by
        chance too rarely, and attackers could add a letter to glue its end to the next word; one
        marked exact is too grave to drop. Both count as hold there.
        """
        start, end = place
        span = self._reading.span(start, end)
        exemption = self._exemption(start, end, term, when) if self._covers else None
        if exemption is not None:
            self._excuse(term, span, Excuse.EXEMPTION, exemption.phrase)
            return
        severity = term.severity
        if severity is Severity.DISGUISED:
            if _PLAIN.issuperset(techniques) and not self._rewritten:
                return
            severity = Severity.HOLD
        if severity is Severity.EXACT or end - start < LONG_TERM:
            word = self._guard.word_cut(start, end)
            if word is not None and severity is Severity.HOLD:
                self._excuse(term, span, Excuse.WORD_BORDER, word)
                return
            if word is not None or not _EVASIONS.isdisjoint(techniques):
                severity = Severity.HOLD
        self.hits.append(
            Hit(
                term.text,
                term.category,
                severity,
                self._pointer,
                span,
                techniques,
                term.list_id,
                term.clause,
            )
        )

    def _exemption(self, start: int, end: int, term: Term, when: Occasion) -> Exemption | None:
        """Return the first exemption around a place; looks no further back than the longest."""
        first = bisect_left(self._covers, start - self._longest, key=_cover_start)
        for number in range(first, len(self._covers)):
            low, high, exemption = self._covers[number]
            if low > start:
                break
            if high >= end and exemption.holds(when.on, when.provider, term):
                return exemption
        return None

    def _excuse(self, term: Term, span: tuple[int, int], excuse: Excuse, by: str) -> None:
        self.excused.append(Excused(term.text, term.category, self._pointer, span, excuse, by))


def as_written(hits: Iterable[Hit], rewriting: Rewriting) -> Iterator[Hit]:
    """Yield the hits that only a rewriting shows, at their places in the text itself.

    Nobody writes so by accident, and nothing read so is certain: they hold.
    """
    for hit in hits:
        span = rewriting.original(hit.span)
        if span is not None:
            techniques = techniques_in_order({*hit.techniques, rewriting.technique})
            yield replace(hit, span=span, techniques=techniques, severity=Severity.HOLD)


def widest(hits: Iterable[Hit]) -> Iterator[Hit]:
    """Yield hits in order of place, without those inside one of their category as severe."""
    exact: dict[TermCategory, int] = {}
    held: dict[TermCategory, int] = {}
    for hit in in_order(hits):
        end = hit.span[1]
        if end <= exact.get(hit.category, -1):
            continue
        reach = exact if hit.severity is Severity.EXACT else held
        if end > reach.get(hit.category, -1):
            reach[hit.category] = end
            yield hit


def in_order(hits: Iterable[Hit]) -> list[Hit]:
    """Return hits by place, the wider first, then the severer."""
    return sorted(hits, key=_hit_order)


def excused_in_order(excused: Iterable[Excused]) -> list[Excused]:
    """Return what was let go by place, the wider first, each once."""
    return sorted(set(excused), key=_excused_order)


def _hit_order(hit: Hit) -> tuple[int, int, bool, str, str]:
    start, end = hit.span
    return start, -end, hit.severity is not Severity.EXACT, hit.list_id, hit.term


def _excused_order(excused: Excused) -> tuple[int, int, str, str, str]:
    start, end = excused.span
    return start, -end, excused.category, excused.term, excused.by


def _cover_start(cover: Cover) -> int:
    return cover[0]
