"""Advertising Law art. 13: no advertisement disparages the goods or services of others."""

from datetime import date

from app.domain.decision import Topic, Verdict
from app.rules.claims import claim_check
from app.rules.features import Feature
from app.rules.instruments import ADVERTISING_LAW, cite
from app.rules.rule import ADVERTISEMENTS, Rule

RULE = Rule(
    id="ads-13-disparaging",
    topic=Topic.UNLAWFUL_CLAIM,
    citation=cite(ADVERTISING_LAW, 13),
    in_force=date(2015, 9, 1),
    kinds=ADVERTISEMENTS,
    feature=Feature.CLAIMS,
    on_breach=Verdict.HOLD,
    check=claim_check("disparaging"),
)
