"""Internet Advertising Measures: knowledge about health comes without whom to buy from.

Who introduces health or how to keep well shows no address, contact or way to buy of a seller on
the same page; advertising of medicine and health food in that disguise is forbidden. A declared
advertisement is no disguise and has rules of its own.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from app.domain.decision import Breach, Citation, Topic, Unverifiable, Verdict
from app.domain.facts import Facts, Unknown
from app.domain.screening import ScreeningReport
from app.domain.signals import Family, Signal, overlap
from app.rules.content import screening_unknown
from app.rules.features import Feature
from app.rules.instruments import INTERNET_ADVERTISING
from app.rules.limits import HEALTH_KNOWLEDGE
from app.rules.links import is_own_contact
from app.rules.rule import NO_ADVERTISEMENTS, Rule

_CONTACTS: Final = frozenset(
    {"wechat", "qq", "group", "telegram", "asked", "phone", "landline", "site", "mail", "hinted"}
)
# A way to buy: where, and whom to turn to; "means" is how goods are handed over.
_WAYS: Final = frozenset({"contact", "call", "means"})
_LEAST: Final = 25
_MOST_SHOWN: Final = 4


def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
    """Yield each contact, way to buy and address beside what a text teaches about health."""
    report = facts.screening
    if isinstance(report, Unknown):
        yield screening_unknown(report)
        return
    taught = [one for one in report.of_family(Family.CLAIM) if one.kind == "health_knowledge"]
    if sum(one.weight for one in taught) < facts.limit(HEALTH_KNOWLEDGE) or not taught:
        return
    words = taught[0].params["text"]
    for signal in list(_sellers(facts, report))[:_MOST_SHOWN]:
        shown = signal.params.get("value", signal.params.get("text", ""))
        params = {"text": words, "seller": shown}
        yield Breach("health-with-seller", signal.pointer, signal.span, params)


def _sellers(facts: Facts, report: ScreeningReport) -> Iterator[Signal]:
    """Yield whom to buy from: contacts, ways to buy and addresses; one of a place once."""
    seen: list[Signal] = []
    contacts = [one for one in report.of_family(Family.CONTACT) if one.kind in _CONTACTS]
    ways = [
        one
        for one in report.of_family(Family.ADVERTISING)
        if one.kind in _WAYS and one.weight >= _LEAST
    ]
    places = [one for one in report.of_family(Family.CLAIM) if one.kind == "seller_place"]
    for one in (*contacts, *ways, *places):
        is_own = one.family is Family.CONTACT and is_own_contact(one, facts)
        if not is_own and not any(overlap(one, other) for other in seen):
            seen.append(one)
            yield one


RULE = Rule(
    id="internet-ads-health",
    topic=Topic.UNDECLARED_ADVERTISING,
    citation=Citation(INTERNET_ADVERTISING, "健康知识页面"),
    in_force=date(2023, 5, 1),
    kinds=NO_ADVERTISEMENTS,
    feature=Feature.CLAIMS,
    on_breach=Verdict.HOLD,
    check=check,
)
