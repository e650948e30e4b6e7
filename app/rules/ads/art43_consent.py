"""Advertising Law art. 43: no electronic advertisement without the recipients' consent or request.

The same holds for vehicles, navigation devices and smart appliances (Internet Advertising
Measures). Who sends and how to refuse stand in other rules and in the popup itself.
"""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Verdict
from app.domain.facts import Facts
from app.domain.registers import ConsentPurpose
from app.rules.consent import gaps
from app.rules.instruments import ADVERTISING_LAW, cite
from app.rules.rule import ADVERTISEMENTS, Rule


def check(facts: Facts) -> Iterator[Breach]:
    yield from gaps(facts, ConsentPurpose.ADVERTISING)


RULE = Rule(
    id="ads-43-consent",
    topic=Topic.PERSONAL_DATA,
    citation=cite(ADVERTISING_LAW, 43),
    in_force=date(2015, 9, 1),
    kinds=ADVERTISEMENTS,
    on_breach=Verdict.HOLD,
    check=check,
)
