"""Public Accounts Provisions art. 8: a provider's identity is checked, and checked anew.

A new legal name ends the check: who takes over an account is verified before pushing (art. 11).
"""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Verdict
from app.domain.facts import Facts
from app.rules.days import today
from app.rules.instruments import ACCOUNTS, cite
from app.rules.rule import Rule


def check(facts: Facts) -> Iterator[Breach]:
    until = facts.provider.on_file.verified_until
    if until is None:
        yield Breach("identity-unchecked", "")
    elif until < today(facts):
        yield Breach("identity-check-over", "", params={"until": until.isoformat()})


RULE = Rule(
    id="accounts-08-identity",
    topic=Topic.QUALIFICATION,
    citation=cite(ACCOUNTS, 8),
    also=(cite(ACCOUNTS, 11),),
    in_force=date(2021, 2, 22),
    on_breach=Verdict.HOLD,
    check=check,
)
