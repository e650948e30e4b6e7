"""Advertising Law art. 28: no advertisement promises an effect that it cannot have.

A measured rate with proof is a fact, and not a promise.
"""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Unverifiable, Verdict
from app.domain.facts import Facts
from app.rules.claims import claims_of, is_proven, unscreened
from app.rules.features import Feature
from app.rules.instruments import ADVERTISING_LAW, cite
from app.rules.rule import ADVERTISEMENTS, Rule


def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
    yield from unscreened(facts)
    for claim in claims_of(facts, "effect"):
        if not (is_proven(facts) and claim.params["stated"]):
            yield Breach("claim", claim.pointer, claim.span, {"text": claim.params["text"]})


RULE = Rule(
    id="ads-28-promised-effect",
    topic=Topic.UNLAWFUL_CLAIM,
    citation=cite(ADVERTISING_LAW, 28),
    in_force=date(2015, 9, 1),
    kinds=ADVERTISEMENTS,
    feature=Feature.CLAIMS,
    on_breach=Verdict.HOLD,
    check=check,
)
