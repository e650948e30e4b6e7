"""Pop-up Provisions art. 5(9): no bait that leads recipients to somebody else's contacts.

An advertisement may give a telephone number and an address; a private account or a group leads
away from whom it names, there too. Whether bait is malicious is a judgement, so nothing blocks.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from app.domain.decision import Breach, Topic, Unverifiable, Verdict
from app.domain.facts import Facts, Unknown
from app.domain.push import ContentKind
from app.domain.signals import Family
from app.rules.content import screening_unknown
from app.rules.features import Feature
from app.rules.instruments import popup
from app.rules.limits import CONTACT_MIN_WEIGHT
from app.rules.links import is_own_contact
from app.rules.rule import Rule

_PRIVATE: Final = frozenset({"wechat", "qq", "group", "telegram", "asked"})
_ALL: Final = _PRIVATE | {"phone", "landline", "site", "mail", "hinted"}


def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
    report = facts.screening
    if isinstance(report, Unknown):
        yield screening_unknown(report)
        return
    kinds = _PRIVATE if facts.push.kind is ContentKind.ADVERTISEMENT else _ALL
    found = [
        signal
        for signal in report.of_family(Family.CONTACT)
        if signal.kind in kinds and not is_own_contact(signal, facts)
    ]
    if not found or sum(signal.weight for signal in found) < facts.limit(CONTACT_MIN_WEIGHT):
        return
    for signal in found:
        params = {"contact": signal.kind, "value": signal.params["value"]}
        yield Breach("contact-in-text", signal.pointer, signal.span, params)


RULE = Rule(
    id="popup-05-09-contact",
    topic=Topic.CONTACT_BAIT,
    citation=popup(5, 9, draft_item=10),
    in_force=date(2022, 9, 30),
    feature=Feature.CONTACT,
    on_breach=Verdict.HOLD,
    check=check,
)
