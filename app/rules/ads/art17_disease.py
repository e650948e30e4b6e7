"""Advertising Law art. 17: other ads speak of no treatment and borrow no medical terms.

Food that claims a health function says that it is not what it was declared as.
"""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Citation, Topic, Unverifiable, Verdict
from app.domain.facts import Facts
from app.rules.claims import claims_of, unscreened
from app.rules.features import Feature
from app.rules.instruments import ABSOLUTE_TERMS, ADVERTISING_LAW, cite
from app.rules.rule import ADVERTISEMENTS, Rule


def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
    yield from unscreened(facts)
    for claim in claims_of(facts, "disease"):
        yield Breach("claim", claim.pointer, claim.span, {"text": claim.params["text"]})
    for claim in claims_of(facts, "food_function"):
        yield Breach("food-function", claim.pointer, claim.span, {"text": claim.params["text"]})


RULE = Rule(
    id="ads-17-disease",
    topic=Topic.UNLAWFUL_CLAIM,
    citation=cite(ADVERTISING_LAW, 17),
    also=(Citation(ABSOLUTE_TERMS, "从重情形"),),
    in_force=date(2015, 9, 1),
    kinds=ADVERTISEMENTS,
    feature=Feature.CLAIMS,
    on_breach=Verdict.HOLD,
    check=check,
)
