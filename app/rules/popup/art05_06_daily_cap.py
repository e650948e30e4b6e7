"""Pop-up Provisions art. 5(6): how often popups come is planned and announced.

The law gives no number; the caps come from the published policy. Counting them per recipient is
the dispatcher's; here a push without any cap, or that no cap could count, is stopped.
"""

from collections.abc import Iterator
from datetime import date, datetime

from app.domain.decision import Breach, Topic, Unverifiable, Verdict
from app.domain.facts import Facts, Unknown
from app.domain.policy import Cap, DailyCap
from app.domain.push import Audience, AudienceKind
from app.rules.instruments import popup
from app.rules.rule import Rule

_BROADCASTS = frozenset({AudienceKind.SEGMENT, AudienceKind.EVERYONE})


def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
    yield from _audience(facts.push.audience)
    found = facts.caps
    if isinstance(found, Unknown):
        reason = {"reason": found.unknown_reason}
        yield Unverifiable("caps-unknown", "/kind", outage=found.outage, params=reason)
        return
    counting = [cap for cap in found.caps if _counts(cap, facts.now)]
    if not any(isinstance(cap, DailyCap) or cap.is_each_recipients for cap in counting):
        params = {"kind": facts.push.kind.value, "policy": found.policy}
        yield Unverifiable("cap-missing", "/kind", outage=True, params=params)
    for cap in counting:
        if (cap.limit if isinstance(cap, DailyCap) else cap.own_limit) < 1:
            params = {"cap": cap.id, "policy": found.policy}
            yield Breach("cap-is-zero", "/kind", params=params)


def _counts(cap: Cap | DailyCap, now: datetime) -> bool:
    """Tell whether a cap counts and stops; quiet hours, shadow caps and later ones do not."""
    return isinstance(cap, DailyCap) or (cap.is_counted and cap.binds and cap.is_in_force(now))


def _audience(audience: Audience) -> Iterator[Breach | Unverifiable]:
    """Recipients must be countable: no cap keeps a broadcast share yet, so none may broadcast."""
    if audience.kind in _BROADCASTS:
        params = {"audience": audience.kind.value}
        yield Breach("broadcast-not-planned", "/audience/kind", params=params)
    elif audience.size is None:
        yield Unverifiable("audience-size-unknown", "/audience", outage=True)
    elif audience.size < 1:
        yield Breach("audience-empty", "/audience")


RULE = Rule(
    id="popup-05-06-daily-cap",
    topic=Topic.FREQUENCY,
    citation=popup(5, 6, draft_item=7),
    in_force=date(2022, 9, 30),
    on_breach=Verdict.BLOCK,
    check=check,
)
