"""Pop-up Provisions art. 2: who provides popups on a surface answers for them, and is known."""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Unverifiable, Verdict
from app.domain.facts import Facts, Unknown
from app.rules.instruments import popup
from app.rules.rule import Rule


def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
    if facts.provider.suspended:
        yield Breach("provider-suspended", "")
    surface = facts.surface
    if isinstance(surface, Unknown):
        reason = {"reason": surface.unknown_reason}
        yield Unverifiable("surface-unknown", "/surface", outage=surface.outage, params=reason)
    elif not surface.granted:
        # Its id, not its name: what another provider calls it is none of the sender's business.
        yield Breach("surface-not-granted", "/surface", params={"surface": facts.push.surface})


RULE = Rule(
    id="popup-02-registered-surface",
    topic=Topic.PROVIDER_IDENTITY,
    citation=popup(2),
    also=(popup(9),),
    in_force=date(2022, 9, 30),
    on_breach=Verdict.BLOCK,
    check=check,
)
