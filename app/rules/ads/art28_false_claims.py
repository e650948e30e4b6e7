"""Advertising Law art. 28: no false or misleading advertisement.

Runs on advertisements alone: the same words in a news headline are usually reported, not claimed.
"""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Unverifiable, Verdict
from app.domain.facts import Facts, Unknown
from app.domain.screening import TermCategory
from app.rules.claims import claims_by_manner
from app.rules.content import content_check
from app.rules.features import Feature
from app.rules.instruments import ADVERTISING_LAW, cite
from app.rules.rule import ADVERTISEMENTS, Rule

_claims = content_check(TermCategory.FALSE_ADVERTISING)


def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
    found = list(_claims(facts))
    yield from found
    if not found and not isinstance(facts.screening, Unknown):
        yield from claims_by_manner(facts, facts.screening)


RULE = Rule(
    id="ads-28-false-claims",
    topic=Topic.UNLAWFUL_CLAIM,
    citation=cite(ADVERTISING_LAW, 28),
    also=(cite(ADVERTISING_LAW, 9),),
    in_force=date(2015, 9, 1),
    kinds=ADVERTISEMENTS,
    feature=Feature.CONTENT,
    on_breach=Verdict.BLOCK,
    check=check,
)
