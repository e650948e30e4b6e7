"""Advertising Law art. 28: no false or misleading advertisement.

Outside of advertisements single words only count in disguise: plainly written they are usually
reported, not claimed, and nobody disguises what he reports. Where the wording as a whole claims
what no advertisement may, it is one whatever it was sent as.
"""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Unverifiable, Verdict
from app.domain.facts import Facts, Unknown
from app.domain.push import ContentKind
from app.domain.screening import TermCategory
from app.rules.claims import claims_by_manner
from app.rules.content import content_check, manner_breaches
from app.rules.features import Feature
from app.rules.instruments import ADVERTISING_LAW, cite
from app.rules.rule import Rule

_PRETENCE = ("pretence",)
_claims = content_check(TermCategory.FALSE_ADVERTISING)


def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
    if facts.push.kind is not ContentKind.ADVERTISEMENT:
        yield from _undeclared(facts)
        return
    found = list(_claims(facts))
    yield from found
    if not found and not isinstance(facts.screening, Unknown):
        yield from claims_by_manner(facts, facts.screening)


def _undeclared(facts: Facts) -> Iterator[Breach]:
    if isinstance(facts.screening, Unknown):
        return
    yield from manner_breaches(facts, facts.screening, _PRETENCE)
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
