"""Minors Online Regulations art. 24(3): no marketing to minors by automated decision."""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Verdict
from app.domain.facts import Facts
from app.domain.push import MinorsAudience
from app.rules.features import Feature
from app.rules.instruments import MINORS_ONLINE, cite
from app.rules.rule import ADVERTISEMENTS, Rule


def check(facts: Facts) -> Iterator[Breach]:
    push = facts.push
    if not push.personalisation.used:
        return
    if push.minors is not MinorsAudience.EXCLUDED:
        yield Breach("personalised-ad-to-minors", "/minors", params={"minors": push.minors.value})


RULE = Rule(
    id="minors-24-marketing",
    topic=Topic.MINORS,
    citation=cite(MINORS_ONLINE, 24, paragraph=3),
    in_force=date(2024, 1, 1),
    kinds=ADVERTISEMENTS,
    feature=Feature.PERSONALISATION,
    on_breach=Verdict.BLOCK,
    check=check,
)
