"""Pop-up Provisions art. 5(7): no algorithm that hides information or recommends too much.

Whoever lets a model choose the recipients names the model, so that it can be answered for.
"""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Verdict
from app.domain.facts import Facts
from app.rules.features import Feature
from app.rules.instruments import popup
from app.rules.rule import Rule


def check(facts: Facts) -> Iterator[Breach]:
    used = facts.push.personalisation
    if used.used and not (used.model or "").strip():
        yield Breach("model-undeclared", "/personalisation/model")
    if not used.used and (used.model or used.fields or used.tags):
        yield Breach("personalisation-denied", "/personalisation/used")


RULE = Rule(
    id="popup-05-07-algorithm",
    topic=Topic.ALGORITHM,
    citation=popup(5, 7, draft_item=8),
    in_force=date(2022, 9, 30),
    feature=Feature.PERSONALISATION,
    on_breach=Verdict.HOLD,
    check=check,
)
