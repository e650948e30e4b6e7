"""Necessary Information Provisions art. 5: what each category of app may use without more consent.

Choosing who gets a popup is no basic function of any category, so that a field that is not on its
list needs a consent. Thirteen categories need nothing: there an identifier is a finding by itself.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from app.domain.decision import Breach, Topic, Unverifiable, Verdict
from app.domain.facts import Facts, Unknown
from app.domain.registers import ConsentPurpose
from app.rules.consent import gaps
from app.rules.features import Feature
from app.rules.instruments import NECESSARY_DATA, cite
from app.rules.personal_data import IDENTIFIERS, NECESSARY, kind_of
from app.rules.rule import Rule

_NONE: Final[frozenset[str]] = frozenset()


def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
    fields = facts.push.personalisation.fields
    if not fields:
        return
    surface = facts.surface
    if isinstance(surface, Unknown):
        reason = {"reason": surface.unknown_reason}
        yield Unverifiable("surface-unknown", "/surface", outage=surface.outage, params=reason)
        return
    category = surface.app_category
    allowed = NECESSARY.get(category, _NONE)
    spare = [
        (f"/personalisation/fields/{at}", name)
        for at, name in enumerate(fields)
        if kind_of(name) not in allowed
    ]
    if category in NECESSARY and not allowed:
        for pointer, name in spare:
            if kind_of(name) in IDENTIFIERS:
                params = {"field": name, "category": category}
                yield Breach("identifier-not-needed", pointer, params=params)
    if spare:
        yield from gaps(facts, ConsentPurpose.PERSONALISATION, *spare)


RULE = Rule(
    id="necessary-05-fields",
    topic=Topic.PERSONAL_DATA,
    citation=cite(NECESSARY_DATA, 5),
    also=(cite(NECESSARY_DATA, 3),),
    in_force=date(2021, 5, 1),
    feature=Feature.PERSONALISATION,
    on_breach=Verdict.HOLD,
    check=check,
)
