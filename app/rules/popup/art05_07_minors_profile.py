"""Pop-up Provisions art. 5(7): minors are not profiled to push them what may harm them.

Whether a content may harm is a judgement, so a profile that reaches minors holds.
"""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Verdict
from app.domain.facts import Facts
from app.domain.push import MinorsAudience
from app.rules.features import Feature
from app.rules.instruments import popup
from app.rules.rule import Rule


def check(facts: Facts) -> Iterator[Breach]:
    push = facts.push
    if push.personalisation.used and push.minors is not MinorsAudience.EXCLUDED:
        yield Breach(
            "minors-profiled", "/personalisation/used", params={"minors": push.minors.value}
        )


RULE = Rule(
    id="popup-05-07-minors-profile",
    topic=Topic.MINORS,
    citation=popup(5, 7, draft_item=8),
    in_force=date(2022, 9, 30),
    feature=Feature.PERSONALISATION,
    on_breach=Verdict.HOLD,
    check=check,
)
