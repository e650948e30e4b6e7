"""Public Accounts Provisions art. 6: a named person heads the safety of the content."""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Verdict
from app.domain.facts import Facts
from app.rules.instruments import ACCOUNTS, cite
from app.rules.rule import Rule


def check(facts: Facts) -> Iterator[Breach]:
    if not facts.provider.on_file.content_head.strip():
        yield Breach("content-head-missing", "")


RULE = Rule(
    id="accounts-06-content-head",
    topic=Topic.QUALIFICATION,
    citation=cite(ACCOUNTS, 6),
    in_force=date(2021, 2, 22),
    on_breach=Verdict.HOLD,
    check=check,
)
