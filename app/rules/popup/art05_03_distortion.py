"""Pop-up Provisions art. 5(3): the meaning of the title and the news are not distorted or altered.

Whether a change distorts is a person's judgement, so everything here is held. A claim that no lead
was handed in for cannot be checked, and neither can a title without its original.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from app.domain.decision import Breach, Topic, Unverifiable, Verdict
from app.domain.facts import Facts, Unknown
from app.domain.signals import Signal
from app.rules.content import screening_unknown
from app.rules.instruments import NEWS_SERVICE, cite, popup
from app.rules.limits import TITLE_DISTORTION
from app.rules.rule import NEWS, Rule
from app.rules.titles import enough, is_bait, outermost

_UNKNOWN: Final = "claim_unknown"


def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
    source = facts.push.source
    if source is None:
        return
    if isinstance(facts.screening, Unknown):
        yield screening_unknown(facts.screening)
        return
    if not (source.title or "").strip():
        yield Unverifiable("original-missing", "/source/title", outage=False)
        return
    for signal in outermost(enough(facts, TITLE_DISTORTION, _is_told)):
        yield _breach(signal)
    for signal in enough(facts, TITLE_DISTORTION, _is_unknown)[:1]:
        params = {"new": signal.params["new"]}
        yield Unverifiable("lead-missing", "/source/lead", outage=False, params=params)


def _is_told(signal: Signal) -> bool:
    return not is_bait(signal) and signal.kind != _UNKNOWN


def _is_unknown(signal: Signal) -> bool:
    return signal.kind == _UNKNOWN


def _breach(signal: Signal) -> Breach:
    """Say it with what the original has, what the popup has, or both."""
    params = {"change": signal.kind, **signal.params}
    if "new" not in params:
        return Breach("dropped", signal.pointer, None, params)
    if "old" not in params:
        return Breach("added", signal.pointer, signal.span, params)
    return Breach("changed", signal.pointer, signal.span, params)


RULE = Rule(
    id="popup-05-03-distortion",
    topic=Topic.TITLE_DISTORTION,
    citation=popup(5, 3, draft_item=4),
    also=(cite(NEWS_SERVICE, 15),),
    in_force=date(2022, 9, 30),
    kinds=NEWS,
    on_breach=Verdict.HOLD,
    check=check,
)
