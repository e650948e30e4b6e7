"""From the hits of the screening to breaches of the clause that their category belongs to."""

from collections.abc import Iterator

from app.domain.decision import Breach, Unverifiable, Verdict
from app.domain.facts import Facts, Unknown
from app.domain.screening import Severity, TermCategory
from app.rules.rule import Check


def content_check(*categories: TermCategory) -> Check:
    """Return the check of a clause that forbids the given categories of content.

    Only a term marked exact is certain and keeps the rule's own verdict; every other hit is a
    question to a reviewer.
    """

    def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
        report = facts.screening
        if isinstance(report, Unknown):
            yield screening_unknown(report)
            return
        if not report.hits:
            return
        for hit in report.of_category(*categories):
            certain = hit.severity is Severity.EXACT
            yield Breach(
                "term",
                hit.pointer,
                hit.span,
                {"term": hit.term, "list": hit.list_id},
                at_most=Verdict.BLOCK if certain else Verdict.HOLD,
            )

    return check


def screening_unknown(report: Unknown) -> Unverifiable:
    """Say that the text was not screened, so that no rule on content could judge."""
    reason = {"reason": report.unknown_reason}
    return Unverifiable("screening-unknown", "", outage=report.outage, params=reason)
