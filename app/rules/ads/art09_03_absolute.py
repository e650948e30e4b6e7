"""Advertising Law art. 9(3): no absolute terms, as the enforcement guide of 2023 reads them.

The judgement leaves out what is lawful by its wording; rank and order need both a condition in
the text (period and source) and proof, and then are lawful.
"""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Citation, Topic, Unverifiable, Verdict
from app.domain.facts import Facts
from app.rules.claims import claims_of, is_proven, unscreened
from app.rules.features import Feature
from app.rules.instruments import ABSOLUTE_TERMS, ADVERTISING_LAW, cite
from app.rules.rule import ADVERTISEMENTS, Rule


def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
    yield from unscreened(facts)
    proven = is_proven(facts)
    for claim in claims_of(facts, "absolute", "first"):
        is_stated = bool(claim.params["stated"])
        params = {"text": claim.params["text"]}
        if is_stated and proven:
            continue
        if is_stated:
            yield Breach("unproven", claim.pointer, claim.span, params)
        elif proven or claim.kind == "first":
            yield Breach("unconditional", claim.pointer, claim.span, params)
        else:
            yield Breach("absolute", claim.pointer, claim.span, params)


RULE = Rule(
    id="ads-09-03-absolute",
    topic=Topic.UNLAWFUL_CLAIM,
    citation=cite(ADVERTISING_LAW, 9, 3),
    also=(
        Citation(ABSOLUTE_TERMS, "适用的用语"),
        Citation(ABSOLUTE_TERMS, "例外"),
    ),
    in_force=date(2015, 9, 1),
    kinds=ADVERTISEMENTS,
    feature=Feature.CLAIMS,
    on_breach=Verdict.HOLD,
    check=check,
)
