"""Advertising Law art. 16: medical, medicine and device ads assert no effect or cure rate.

Medicine, devices for personal use and food for special medical purposes say who guides their use.
"""

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
    for claim in claims_of(facts, "cure"):
        yield Breach("claim", claim.pointer, claim.span, {"text": claim.params["text"]})
    for claim in claims_of(facts, "guidance"):
        yield Breach("guidance-missing", claim.pointer, claim.span)


RULE = Rule(
    id="ads-16-medical",
    topic=Topic.UNLAWFUL_CLAIM,
    citation=cite(ADVERTISING_LAW, 16),
    in_force=date(2015, 9, 1),
    kinds=ADVERTISEMENTS,
    feature=Feature.CLAIMS,
    on_breach=Verdict.HOLD,
    check=check,
)
