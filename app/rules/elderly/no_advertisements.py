"""MIIT specification for the elderly: no advertisements and no ad popups in elderly mode."""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Citation, Topic, Unverifiable, Verdict
from app.domain.facts import Facts, Unknown
from app.rules.instruments import ELDERLY_SPECIFICATION
from app.rules.rule import ADVERTISEMENTS, Rule


def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
    """Report an advertisement that would pop up in elderly mode."""
    surface = facts.surface
    if isinstance(surface, Unknown):
        reason = {"reason": surface.unknown_reason}
        yield Unverifiable("surface-unknown", "/surface", outage=surface.outage, params=reason)
    elif surface.elderly_mode:
        yield Breach("ad-in-elderly-mode", "/kind", params={"surface": surface.name})


RULE = Rule(
    id="elderly-no-ads",
    topic=Topic.QUALIFICATION,
    citation=Citation(ELDERLY_SPECIFICATION, "广告"),
    in_force=date(2021, 4, 6),
    kinds=ADVERTISEMENTS,
    on_breach=Verdict.BLOCK,
    check=check,
)
