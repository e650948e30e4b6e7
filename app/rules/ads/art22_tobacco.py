"""Advertising Law art. 22: no tobacco advertisements in mass media.

The declared category is certain and blocks; words are for the reviewer.
"""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Citation, Topic, Unverifiable, Verdict
from app.domain.facts import Facts
from app.rules.claims import CATEGORY, claims_of, declared, unscreened
from app.rules.features import Feature
from app.rules.instruments import ADVERTISING_LAW, INTERNET_ADVERTISING, cite
from app.rules.rule import ADVERTISEMENTS, Rule


def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
    yield from unscreened(facts)
    trade = declared(facts, "tobacco")
    if trade is not None:
        yield Breach("declared", CATEGORY, trade.span, at_most=trade.at_most)
    for claim in claims_of(facts, "tobacco"):
        params = {"text": claim.params["text"]}
        yield Breach("claim", claim.pointer, claim.span, params, at_most=Verdict.HOLD)


RULE = Rule(
    id="ads-22-tobacco",
    topic=Topic.UNLAWFUL_CLAIM,
    citation=cite(ADVERTISING_LAW, 22),
    also=(Citation(INTERNET_ADVERTISING, "烟草和处方药"),),
    in_force=date(2015, 9, 1),
    kinds=ADVERTISEMENTS,
    feature=Feature.CLAIMS,
    on_breach=Verdict.BLOCK,
    check=check,
)
