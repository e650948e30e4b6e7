"""Advertising Law art. 25: ads that expect a return warn of risk and promise none."""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Unverifiable, Verdict
from app.domain.facts import Facts
from app.rules.claims import claims_of, unscreened
from app.rules.features import Feature
from app.rules.instruments import ADVERTISING_LAW, cite
from app.rules.rule import ADVERTISEMENTS, Rule


def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
    yield from unscreened(facts)
    for claim in claims_of(facts, "finance"):
        yield Breach("claim", claim.pointer, claim.span, {"text": claim.params["text"]})
    for claim in claims_of(facts, "risk_warning"):
        yield Breach("warning-missing", claim.pointer, claim.span)


RULE = Rule(
    id="ads-25-returns",
    topic=Topic.UNLAWFUL_CLAIM,
    citation=cite(ADVERTISING_LAW, 25),
    in_force=date(2015, 9, 1),
    kinds=ADVERTISEMENTS,
    feature=Feature.CLAIMS,
    on_breach=Verdict.HOLD,
    check=check,
)
