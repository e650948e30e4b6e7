"""Pop-up Provisions art. 5(9): recipients are not induced to click.

Unread counts, calls, system notices and rewards that do not exist, threats, forced sharing.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from app.domain.decision import Breach, Topic, Unverifiable, Verdict
from app.domain.facts import Facts, Unknown
from app.domain.signals import Family
from app.rules.content import manner_breaches, screening_unknown
from app.rules.features import Feature
from app.rules.instruments import INTERNET_ADVERTISING, cite, popup
from app.rules.limits import INDUCEMENT_MIN_WEIGHT
from app.rules.rule import Rule

_FORMS: Final = frozenset(
    {"fake_unread", "fake_call", "fake_system", "fake_reward", "threat", "forced_share"}
)

_MANNERS: Final = frozenset({"inducement"})


def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
    report = facts.screening
    if isinstance(report, Unknown):
        yield screening_unknown(report)
        return
    found = [
        signal
        for signal in report.of_family(Family.CONTACT)
        if signal.kind in _FORMS and signal.weight >= facts.limit(INDUCEMENT_MIN_WEIGHT)
    ]
    for signal in found:
        params = {"form": signal.kind, "words": signal.params["words"]}
        yield Breach("induced-click", signal.pointer, signal.span, params)
    if not found:
        yield from manner_breaches(facts, report, _MANNERS)


RULE = Rule(
    id="popup-05-09-inducement",
    topic=Topic.INDUCEMENT,
    citation=popup(5, 9, draft_item=10),
    also=(cite(INTERNET_ADVERTISING, 11),),
    in_force=date(2022, 9, 30),
    feature=Feature.CONTACT,
    on_breach=Verdict.HOLD,
    check=check,
)
