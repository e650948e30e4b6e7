"""Advertising Law art. 23: alcohol ads do not induce drinking, show driving or promise relief."""

from datetime import date

from app.domain.decision import Topic, Verdict
from app.rules.claims import claim_check
from app.rules.features import Feature
from app.rules.instruments import ADVERTISING_LAW, cite
from app.rules.rule import ADVERTISEMENTS, Rule

RULE = Rule(
    id="ads-23-alcohol",
    topic=Topic.UNLAWFUL_CLAIM,
    citation=cite(ADVERTISING_LAW, 23),
    in_force=date(2015, 9, 1),
    kinds=ADVERTISEMENTS,
    feature=Feature.CLAIMS,
    on_breach=Verdict.HOLD,
    check=claim_check("alcohol"),
)
