"""Ecosystem Provisions art. 7(3): no improper comment on disasters and accidents."""

from datetime import date

from app.domain.decision import Topic, Verdict
from app.domain.screening import TermCategory
from app.rules.content import content_check
from app.rules.features import Feature
from app.rules.instruments import ECOSYSTEM, cite, popup
from app.rules.rule import Rule

RULE = Rule(
    id="ecosystem-07-03-disaster",
    topic=Topic.UNDESIRABLE_CONTENT,
    citation=cite(ECOSYSTEM, 7, 3),
    also=(popup(5, 1, draft_item=2), popup(5, 4, draft_item=5), cite(ECOSYSTEM, 11)),
    in_force=date(2020, 3, 1),
    feature=Feature.CONTENT,
    on_breach=Verdict.BLOCK,
    check=content_check(TermCategory.DISASTER, report_excuses=False),
)
