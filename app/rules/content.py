"""From what the screening found to breaches of the clause that its category belongs to."""

from collections.abc import Collection, Iterable, Iterator

from app.domain.decision import Breach, Unverifiable, Verdict
from app.domain.facts import Facts, Unknown
from app.domain.push import ContentKind
from app.domain.screening import Hit, ScreeningReport, Severity, Technique, TermCategory
from app.domain.signals import DISGUISED, ORDINARY, REPORTED, Family, Signal, overlap
from app.rules.limits import (
    CONTENT_MIN_WEIGHT,
    CONTENT_NEWS_MIN_WEIGHT,
    MANNER_MIN_WEIGHT,
    MANNER_NEWS_MIN_WEIGHT,
    ORDINARY_MIN_WEIGHT,
    REPORT_MIN_WEIGHT,
)
from app.rules.rule import Check

# Words of this weight say it all by themselves, in whatever manner.
_SAYS_ALL = 100
_CONTENT = "content"
# A report may quote how a word is disguised, and may put a picture for one.
_QUOTED = frozenset({Technique.STYLE, Technique.INITIALS})


def content_check(*categories: TermCategory, report_excuses: bool = True) -> Check:
    """Return the check of a clause that forbids the given categories of content.

    Only a term marked exact is certain and keeps the rule's own verdict, whatever stands around
    it (app/README.md, decision 33); every other hit, words that stand together and the manner of
    the whole are a question to a reviewer. A text that reports or warns may name what it tells of
    by such other terms, unless naming it is the breach (`report_excuses` is false); words that
    stand together in an ordinary manner say nothing unless they say it all (decision 34).
    """
    kinds = frozenset(one.value for one in categories)

    def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
        report = facts.screening
        if isinstance(report, Unknown):
            yield screening_unknown(report)
            return
        listed = report.of_category(*categories) if report.hits else ()
        signals = [one for one in report.signals if one.kind in kinds]
        if not listed and not signals:
            return
        told = report_excuses and _is_told(facts, report)
        hits = [hit for hit in listed if _counts(hit, told=told)]
        for hit in hits:
            certain = hit.severity is Severity.EXACT
            yield Breach(
                "term",
                hit.pointer,
                hit.span,
                {"term": hit.term, "list": hit.list_id},
                at_most=Verdict.BLOCK if certain else Verdict.HOLD,
            )
        judged = list(_judged(facts, report, signals))
        for signal in judged:
            if not any(_is_same(signal, hit) for hit in hits):
                words = {"words": signal.params["words"]}
                yield Breach("context", signal.pointer, signal.span, words, at_most=Verdict.HOLD)
        if not hits and not judged:
            yield from manner_breaches(facts, report, kinds)

    return check


def manner_breaches(
    facts: Facts,
    report: ScreeningReport,
    kinds: Collection[str],
    *,
    in_news: str = MANNER_NEWS_MIN_WEIGHT,
) -> Iterator[Breach]:
    """Yield the breach that the wording as a whole resembles texts of one of the kinds.

    `in_news` names the limit that counts in news.
    """
    is_news = facts.push.kind is ContentKind.NEWS
    least = in_news if is_news else MANNER_MIN_WEIGHT
    for signal in report.of_family(Family.MANNER):
        if signal.kind in kinds and signal.weight >= facts.limit(least):
            params = {"weight": signal.weight, "words": signal.params["words"]}
            yield Breach("manner", signal.pointer, signal.span, params, at_most=Verdict.HOLD)


def is_ordinary(facts: Facts, report: ScreeningReport, judgement: str) -> bool:
    """Say whether a judgement finds the wording as a whole ordinary.

    Facts of before there were such judgements never are.
    """
    return ordinary(facts, report, judgement) > 0


def ordinary(facts: Facts, report: ScreeningReport, judgement: str) -> int:
    """Return how ordinary a judgement finds the wording as a whole, in hundredths; 0 below a limit.

    Facts of before there were such judgements have none.
    """
    found = (
        one.weight
        for one in report.of_family(Family.MANNER)
        if one.kind == ORDINARY and one.params["of"] == judgement
    )
    weight = max(found, default=0)
    return weight if weight and weight >= facts.limit(ORDINARY_MIN_WEIGHT) else 0


def screening_unknown(report: Unknown) -> Unverifiable:
    """Say that the text was not screened, so that no rule on content could judge."""
    reason = {"reason": report.unknown_reason}
    return Unverifiable("screening-unknown", "", outage=report.outage, params=reason)


def _is_told(facts: Facts, report: ScreeningReport) -> bool:
    """Say whether the text is a report or advice; facts of before there were signals are none."""
    told = [one.weight for one in report.of_family(Family.CONTENT) if one.kind == REPORTED]
    return bool(told) and max(told) >= facts.limit(REPORT_MIN_WEIGHT)


def _counts(hit: Hit, *, told: bool) -> bool:
    if not told or hit.severity is Severity.EXACT:
        return True
    return any(one.is_evasion and one not in _QUOTED for one in hit.techniques)


def _judged(facts: Facts, report: ScreeningReport, signals: Iterable[Signal]) -> Iterator[Signal]:
    is_news = facts.push.kind is ContentKind.NEWS
    least = CONTENT_NEWS_MIN_WEIGHT if is_news else CONTENT_MIN_WEIGHT
    for signal in signals:
        counts = signal.family is Family.CONTENT and signal.weight >= facts.limit(least)
        if counts and (_says_all(signal) or not is_ordinary(facts, report, _CONTENT)):
            yield signal


def _says_all(signal: Signal) -> bool:
    """Say whether words need no manner to be a question: clear by themselves, or disguised."""
    return signal.weight >= _SAYS_ALL or bool(signal.params.get(DISGUISED))


def _is_same(signal: Signal, hit: Hit) -> bool:
    """Say whether a hit of the list already tells what the words around it do."""
    return signal.kind == hit.category.value and overlap(signal, hit)
