"""Algorithm Provisions art. 10: no unlawful or undesirable keyword serves as a user's tag."""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Unverifiable, Verdict
from app.domain.facts import Facts, Unknown
from app.domain.screening import Severity
from app.rules.content import screening_unknown
from app.rules.features import Feature
from app.rules.instruments import ALGORITHM, cite
from app.rules.rule import Rule


def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
    report = facts.screening
    if isinstance(report, Unknown):
        if facts.push.personalisation.tags:
            yield screening_unknown(report)
        return
    for hit in report.tags:
        certain = hit.severity is Severity.EXACT
        params = {"term": hit.term, "list": hit.list_id}
        at_most = Verdict.BLOCK if certain else Verdict.HOLD
        yield Breach("unlawful-tag", hit.pointer, hit.span, params, at_most=at_most)


RULE = Rule(
    id="algorithm-10-tags",
    topic=Topic.TAGS,
    citation=cite(ALGORITHM, 10),
    in_force=date(2022, 3, 1),
    feature=Feature.PERSONALISATION,
    on_breach=Verdict.BLOCK,
    check=check,
)
