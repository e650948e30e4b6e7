"""Pop-up Provisions art. 6: a convenient entry for complaints, and somebody who handles them."""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Unverifiable, Verdict
from app.domain.facts import Facts, Unknown
from app.rules.instruments import ECOSYSTEM, cite, popup
from app.rules.rule import Rule


def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
    if not facts.push.presentation.complaint_entry:
        yield Breach("entry-missing", "/presentation/complaint_entry")
    surface = facts.surface
    if isinstance(surface, Unknown):
        reason = {"reason": surface.unknown_reason}
        yield Unverifiable("surface-unknown", "/surface", outage=surface.outage, params=reason)
    elif not surface.complaint_contact.strip():
        params = {"surface": surface.name}
        yield Breach("contact-missing", "/surface", params=params, at_most=Verdict.HOLD)


RULE = Rule(
    id="popup-06-complaint-entry",
    topic=Topic.COMPLAINT_ENTRY,
    citation=popup(6),
    also=(cite(ECOSYSTEM, 16),),
    in_force=date(2022, 9, 30),
    on_breach=Verdict.BLOCK,
    check=check,
)
