"""Algorithm Provisions art. 7: review, ethics and anti-fraud systems of who recommends."""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Verdict
from app.domain.facts import Facts
from app.domain.registers import PolicyKind
from app.rules.features import Feature
from app.rules.instruments import ALGORITHM, cite
from app.rules.papers import policy_gaps
from app.rules.rule import Rule


def check(facts: Facts) -> Iterator[Breach]:
    if facts.push.personalisation.used:
        kinds = (PolicyKind.ALGORITHM_REVIEW, PolicyKind.ETHICS_REVIEW, PolicyKind.ANTI_FRAUD)
        yield from policy_gaps(facts, *kinds)


RULE = Rule(
    id="algorithm-07-systems",
    topic=Topic.ALGORITHM,
    citation=cite(ALGORITHM, 7),
    in_force=date(2022, 3, 1),
    feature=Feature.PERSONALISATION,
    on_breach=Verdict.HOLD,
    check=check,
)
