"""Pop-up Provisions art. 5(2): content that needs a licence is pushed by who holds it.

Judged by the class that the push declares. News has a rule of its own; in an advertisement it is
the advertiser whose qualification counts.
"""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Verdict
from app.domain.facts import Facts
from app.domain.push import ContentKind
from app.domain.registers import LICENCE_FOR
from app.rules.days import today
from app.rules.instruments import ACCOUNTS, cite, popup
from app.rules.rule import Rule


def check(facts: Facts) -> Iterator[Breach]:
    push = facts.push
    if push.content_class is None:
        return
    kind = LICENCE_FOR[push.content_class]
    held = [one for one in facts.provider.licences if one.kind == kind]
    named = {"content_class": push.content_class.value, "licence": kind.value}
    if not held:
        yield Breach("class-licence-missing", "/content_class", params=named)
        return
    day = today(facts)
    if not any(one.valid_from <= day <= one.valid_to for one in held):
        latest = max(held, key=lambda one: one.valid_to)
        dates = {"from": latest.valid_from.isoformat(), "to": latest.valid_to.isoformat()}
        params = named | {"number": latest.number} | dates
        yield Breach("class-licence-not-valid", "/content_class", params=params)


RULE = Rule(
    id="popup-05-02-class-licence",
    topic=Topic.LICENCE,
    citation=popup(5, 2, draft_item=3),
    also=(cite(ACCOUNTS, 9),),
    in_force=date(2022, 9, 30),
    kinds=frozenset({ContentKind.GENERAL}),
    on_breach=Verdict.BLOCK,
    check=check,
)
