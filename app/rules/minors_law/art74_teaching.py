"""Minors Protection Law art. 74(3): online teaching for minors carries no unrelated advertisement.

Whether an advertisement has to do with the teaching is a judgement, so it waits for a person.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from app.domain.decision import Breach, Topic, Unverifiable, Verdict
from app.domain.facts import Facts, Unknown
from app.rules.instruments import MINORS_LAW, cite
from app.rules.rule import ADVERTISEMENTS, Rule

_TEACHING: Final = "education"


def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
    surface = facts.surface
    if isinstance(surface, Unknown):
        reason = {"reason": surface.unknown_reason}
        yield Unverifiable("surface-unknown", "/surface", outage=surface.outage, params=reason)
    elif surface.for_minors and surface.app_category == _TEACHING:
        yield Breach("ad-in-teaching", "/kind", params={"surface": surface.name})


RULE = Rule(
    id="minors-law-74-teaching",
    topic=Topic.MINORS,
    citation=cite(MINORS_LAW, 74, paragraph=3),
    in_force=date(2021, 6, 1),
    kinds=ADVERTISEMENTS,
    on_breach=Verdict.HOLD,
    check=check,
)
