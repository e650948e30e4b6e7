"""Ecosystem Provisions art. 6(7): no superstition that is sold."""

from datetime import date

from app.domain.decision import Topic, Verdict
from app.domain.screening import TermCategory
from app.rules.content import content_check
from app.rules.features import Feature
from app.rules.instruments import ECOSYSTEM, cite, popup
from app.rules.rule import Rule

RULE = Rule(
    id="ecosystem-06-07-superstition",
    topic=Topic.PROHIBITED_CONTENT,
    citation=cite(ECOSYSTEM, 6, 7),
    also=(popup(5, 1, draft_item=2),),
    in_force=date(2020, 3, 1),
    feature=Feature.CONTENT,
    on_breach=Verdict.BLOCK,
    check=content_check(TermCategory.SUPERSTITION),
)
