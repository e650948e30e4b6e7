"""Advertising Law art. 34: the advertiser's documents were checked, and the check still counts."""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Verdict
from app.domain.facts import Facts
from app.domain.registers import PolicyKind
from app.rules.days import today
from app.rules.instruments import ADVERTISING_LAW, cite
from app.rules.papers import policy_gaps
from app.rules.personal_data import plain
from app.rules.rule import ADVERTISEMENTS, Rule

_CODE = "/advertiser/credit_code"


def check(facts: Facts) -> Iterator[Breach]:
    push = facts.push
    yield from policy_gaps(facts, PolicyKind.ADVERTISING)
    named = push.advertiser
    if named is None or not (named.credit_code or "").strip():
        return
    known = facts.advertiser
    if known is None:
        yield Breach("advertiser-unknown", _CODE, params={"name": named.name})
        return
    if plain(known.name) != plain(named.name):
        params = {"name": named.name, "registered": known.name}
        yield Breach("advertiser-name-differs", "/advertiser/name", params=params)
    if not known.checked_on <= today(facts) <= known.valid_to:
        params = {"name": known.name, "valid_to": known.valid_to.isoformat()}
        yield Breach("advertiser-check-over", _CODE, params=params)


RULE = Rule(
    id="ads-34-register",
    topic=Topic.ADVERTISER,
    citation=cite(ADVERTISING_LAW, 34),
    in_force=date(2015, 9, 1),
    kinds=ADVERTISEMENTS,
    on_breach=Verdict.HOLD,
    check=check,
)
