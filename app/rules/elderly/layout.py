"""MIIT specification for the elderly: text of at least 18 dp and controls of 60 by 60."""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Citation, Topic, Unverifiable, Verdict
from app.domain.facts import Facts, Unknown
from app.rules import limits
from app.rules.instruments import ELDERLY_SPECIFICATION
from app.rules.rule import Rule


def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
    """Compare text and close mark with what elderly mode asks for."""
    surface = facts.surface
    if isinstance(surface, Unknown):
        reason = {"reason": surface.unknown_reason}
        yield Unverifiable("surface-unknown", "/surface", outage=surface.outage, params=reason)
        return
    if not surface.elderly_mode:
        return
    shown = facts.push.presentation
    size = facts.limit(limits.ELDERLY_BODY_MIN)
    if shown.body_size_dp < size:
        params = {"size_dp": shown.body_size_dp, "limit_dp": size}
        yield Breach("elderly-text-small", "/presentation/body_size_dp", params=params)
    side, close = facts.limit(limits.ELDERLY_CLOSE_MIN), shown.close
    if close.present and min(close.width_dp, close.height_dp) < side:
        measures = {"width_dp": close.width_dp, "height_dp": close.height_dp, "limit_dp": side}
        yield Breach("elderly-close-small", "/presentation/close/width_dp", params=measures)


RULE = Rule(
    id="elderly-layout",
    topic=Topic.ONE_TAP_CLOSE,
    citation=Citation(ELDERLY_SPECIFICATION, "2.1"),
    also=(Citation(ELDERLY_SPECIFICATION, "1.1"),),
    in_force=date(2021, 4, 6),
    on_breach=Verdict.HOLD,
    check=check,
)
