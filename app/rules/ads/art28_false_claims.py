"""Advertising Law art. 28: no false or misleading advertisement.

Runs on advertisements alone: the same words in a news headline are usually reported, not claimed.
"""

from datetime import date

from app.domain.decision import Topic, Verdict
from app.domain.screening import TermCategory
from app.rules.content import content_check
from app.rules.features import Feature
from app.rules.instruments import ADVERTISING_LAW, cite
from app.rules.rule import ADVERTISEMENTS, Rule

RULE = Rule(
    id="ads-28-false-claims",
    topic=Topic.UNLAWFUL_CLAIM,
    citation=cite(ADVERTISING_LAW, 28),
    also=(cite(ADVERTISING_LAW, 9),),
    in_force=date(2015, 9, 1),
    kinds=ADVERTISEMENTS,
    feature=Feature.CONTENT,
    on_breach=Verdict.BLOCK,
    check=content_check(TermCategory.FALSE_ADVERTISING),
)
