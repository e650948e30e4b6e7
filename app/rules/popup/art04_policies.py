"""Pop-up Provisions art. 4: management systems for review, ecology, data, personal data, minors.

The text in force names five; network security stood in the draft and follows from the
Cybersecurity Law, so that a document on it is asked for as well.
"""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Verdict
from app.domain.facts import Facts
from app.domain.registers import ASKED_OF_ALL
from app.rules.instruments import popup
from app.rules.papers import policy_gaps
from app.rules.rule import Rule


def check(facts: Facts) -> Iterator[Breach]:
    yield from policy_gaps(facts, *ASKED_OF_ALL)


RULE = Rule(
    id="popup-04-policies",
    topic=Topic.QUALIFICATION,
    citation=popup(4),
    in_force=date(2022, 9, 30),
    on_breach=Verdict.HOLD,
    check=check,
)
