"""Pop-up Provisions art. 5(6): members and ordinary users are not treated apart without reason.

Choosing recipients by what they pay is not forbidden as such, so that a person looks at the
reason. What nobody declares shows in the parity report.
"""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Verdict
from app.domain.facts import Facts
from app.rules.features import Feature
from app.rules.instruments import ALGORITHM, cite, popup
from app.rules.personal_data import tells_status
from app.rules.rule import Rule


def check(facts: Facts) -> Iterator[Breach]:
    chosen = facts.push.personalisation
    for part, names in (("fields", chosen.fields), ("tags", chosen.tags)):
        for at, name in enumerate(names):
            if tells_status(name):
                yield Breach(
                    "status-selected", f"/personalisation/{part}/{at}", params={"name": name}
                )


RULE = Rule(
    id="popup-05-06-status",
    topic=Topic.PARITY,
    citation=popup(5, 6, draft_item=7),
    also=(cite(ALGORITHM, 21),),
    in_force=date(2022, 9, 30),
    feature=Feature.PERSONALISATION,
    on_breach=Verdict.HOLD,
    check=check,
)
