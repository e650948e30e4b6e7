"""Ecosystem Provisions art. 7(8): nothing that leads minors to unsafe or immoral acts."""

from datetime import date

from app.domain.decision import Topic, Verdict
from app.domain.screening import TermCategory
from app.rules.content import content_check
from app.rules.features import Feature
from app.rules.instruments import ECOSYSTEM, MINORS_ONLINE, cite, popup
from app.rules.rule import Rule

RULE = Rule(
    id="ecosystem-07-08-minors",
    topic=Topic.MINORS,
    citation=cite(ECOSYSTEM, 7, 8),
    also=(popup(5, 1, draft_item=2), cite(ECOSYSTEM, 11), cite(MINORS_ONLINE, 24, paragraph=2)),
    in_force=date(2020, 3, 1),
    feature=Feature.CONTENT,
    on_breach=Verdict.BLOCK,
    check=content_check(TermCategory.HARM_TO_MINORS),
)
