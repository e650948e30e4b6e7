"""Personal Information Law art. 31: under fourteen only with the guardian's consent.

The gateway does not know who is under fourteen: whoever may be a minor may be.
"""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Verdict
from app.domain.facts import Facts
from app.domain.push import MinorsAudience
from app.domain.registers import ConsentPurpose
from app.rules.consent import gaps
from app.rules.features import Feature
from app.rules.instruments import PERSONAL_INFORMATION, cite
from app.rules.rule import Rule


def check(facts: Facts) -> Iterator[Breach]:
    push = facts.push
    if push.personalisation.used and push.minors is not MinorsAudience.EXCLUDED:
        yield from gaps(facts, ConsentPurpose.GUARDIAN)


RULE = Rule(
    id="personal-information-31-guardian",
    topic=Topic.MINORS,
    citation=cite(PERSONAL_INFORMATION, 31),
    in_force=date(2021, 11, 1),
    feature=Feature.PERSONALISATION,
    on_breach=Verdict.HOLD,
    check=check,
)
