"""Pop-up Provisions art. 5(6): users are told form, content, frequency and ways to cancel.

What counts is the newest version of the service agreement that is in effect on the day.
"""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Verdict
from app.domain.facts import Facts
from app.domain.registers import Agreement, AgreementItem
from app.domain.worked_out import WorkedOut
from app.rules.days import today
from app.rules.instruments import popup
from app.rules.rule import Rule


def check(facts: Facts) -> Iterator[Breach]:
    day = today(facts)
    held = [one for one in facts.provider.on_file.agreements if one.effective_on <= day]
    if not held:
        yield Breach("agreement-missing", "")
        return
    newest = max(held, key=lambda one: one.effective_on)
    unsaid = _unsaid(newest)
    if unsaid:
        params = {"version": newest.version, "items": unsaid}
        yield Breach("agreement-silent", "", params=params)


@WorkedOut
def _unsaid(agreement: Agreement) -> str:
    return ", ".join(item.value for item in AgreementItem if item not in agreement.states)


RULE = Rule(
    id="popup-05-06-agreement",
    topic=Topic.QUALIFICATION,
    citation=popup(5, 6, draft_item=7),
    in_force=date(2022, 9, 30),
    on_breach=Verdict.HOLD,
    check=check,
)
