"""Advertising Law art. 28: no false or misleading advertisement.

Runs on advertisements alone: the same words in a news headline are usually reported, not claimed.
"""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Unverifiable, Verdict
from app.domain.facts import Facts
from app.domain.push import ContentKind
from app.domain.screening import TermCategory
from app.rules.content import content_check
from app.rules.instruments import ADVERTISING_LAW, cite
from app.rules.rule import Rule

_claims = content_check(TermCategory.FALSE_ADVERTISING)


def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
    if facts.push.kind is ContentKind.ADVERTISEMENT:
        yield from _claims(facts)


RULE = Rule(
    id="ads-28-false-claims",
    topic=Topic.UNLAWFUL_CLAIM,
    citation=cite(ADVERTISING_LAW, 28),
    also=(cite(ADVERTISING_LAW, 9),),
    in_force=date(2015, 9, 1),
    on_breach=Verdict.BLOCK,
    check=check,
)
