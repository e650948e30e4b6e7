"""Advertising Law art. 46: medical, medicine, device, pesticide, veterinary, health food: approved.

A declared class without an approval number is certain. A class that is read out of the category's
words, a number that the register lacks, and other qualifications are for a person.
"""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Verdict
from app.domain.facts import Facts
from app.domain.registers import NEEDS_APPROVAL, AdClass
from app.rules.ad_classes import class_of
from app.rules.days import today
from app.rules.instruments import ADVERTISING_LAW, cite
from app.rules.rule import ADVERTISEMENTS, Rule

_NUMBER = "/advertiser/approval_number"


def check(facts: Facts) -> Iterator[Breach]:
    push = facts.push
    if push.advertiser is None:
        return
    found = class_of(push.advertiser)
    if found is None:
        return
    declared = push.advertiser.ad_class is not None
    number = (push.advertiser.approval_number or "").strip()
    if found in NEEDS_APPROVAL and not number:
        at_most = Verdict.BLOCK if declared else Verdict.HOLD
        yield Breach("approval-missing", _NUMBER, params={"ad_class": found.value}, at_most=at_most)
    elif facts.advertiser is not None:
        yield from _registered(facts, found, number)


def _registered(facts: Facts, ad_class: AdClass, number: str) -> Iterator[Breach]:
    """Compare with what the register has; an unknown advertiser is another rule's to report."""
    named = {"ad_class": ad_class.value, "number": number}
    held = () if facts.advertiser is None else facts.advertiser.approvals
    same = [one for one in held if one.ad_class is ad_class and number in {"", one.number}]
    if not same and number:
        yield Breach("approval-unknown", _NUMBER, params=named, at_most=Verdict.HOLD)
    elif not same:
        params = {"ad_class": ad_class.value}
        yield Breach("qualification-missing", _NUMBER, params=params, at_most=Verdict.HOLD)
    elif max(one.valid_to for one in same) < today(facts):
        latest = max(same, key=lambda one: one.valid_to)
        params = named | {"number": latest.number, "valid_to": latest.valid_to.isoformat()}
        yield Breach("approval-over", _NUMBER, params=params)


RULE = Rule(
    id="ads-46-approval",
    topic=Topic.QUALIFICATION,
    citation=cite(ADVERTISING_LAW, 46),
    in_force=date(2015, 9, 1),
    kinds=ADVERTISEMENTS,
    on_breach=Verdict.BLOCK,
    check=check,
)
