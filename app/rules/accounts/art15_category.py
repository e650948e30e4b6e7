"""Public Accounts Provisions art. 15: content stays within the category that was registered."""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Verdict
from app.domain.facts import Facts
from app.rules.instruments import ACCOUNTS, cite
from app.rules.rule import Rule


def check(facts: Facts) -> Iterator[Breach]:
    found = facts.push.content_class
    if found is not None and found not in facts.provider.on_file.content_classes:
        yield Breach(
            "class-not-registered", "/content_class", params={"content_class": found.value}
        )


RULE = Rule(
    id="accounts-15-category",
    topic=Topic.QUALIFICATION,
    citation=cite(ACCOUNTS, 15),
    in_force=date(2021, 2, 22),
    on_breach=Verdict.HOLD,
    check=check,
)
