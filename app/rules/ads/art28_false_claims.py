"""Advertising Law art. 28: no false or misleading advertisement.

Outside of advertisements only words in disguise count: plainly written they are usually reported,
not claimed, and nobody disguises what he reports.
"""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Unverifiable, Verdict
from app.domain.facts import Facts, Unknown
from app.domain.push import ContentKind
from app.domain.screening import TermCategory
from app.rules.claims import claims_by_manner
from app.rules.content import content_check
from app.rules.features import Feature
from app.rules.instruments import ADVERTISING_LAW, cite
from app.rules.rule import Rule

_claims = content_check(TermCategory.FALSE_ADVERTISING)


def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
    if facts.push.kind is not ContentKind.ADVERTISEMENT:
        yield from _disguised(facts)
        return
    found = list(_claims(facts))
    yield from found
    if not found and not isinstance(facts.screening, Unknown):
        yield from claims_by_manner(facts, facts.screening)


def _disguised(facts: Facts) -> Iterator[Breach]:
    if isinstance(facts.screening, Unknown):
        return
    for hit in facts.screening.of_category(TermCategory.FALSE_ADVERTISING):
        if hit.is_evasion:
            params = {"term": hit.term, "list": hit.list_id}
            yield Breach("term", hit.pointer, hit.span, params, at_most=Verdict.HOLD)


RULE = Rule(
    id="ads-28-false-claims",
    topic=Topic.UNLAWFUL_CLAIM,
    citation=cite(ADVERTISING_LAW, 28),
    also=(cite(ADVERTISING_LAW, 9),),
    in_force=date(2015, 9, 1),
    feature=Feature.CONTENT,
    on_breach=Verdict.BLOCK,
    check=check,
)
