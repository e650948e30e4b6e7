"""House policy, art. 3: a push has a window in which it may be shown, and not too long a one."""

from collections.abc import Iterator
from datetime import date, timedelta

from app.domain.decision import Breach, Topic, Verdict
from app.domain.facts import Facts
from app.rules.instruments import HOUSE, cite
from app.rules.limits import LIFETIME_HOURS
from app.rules.rule import Rule


def check(facts: Facts) -> Iterator[Breach]:
    """Compare the window from `not_before` to `expires_at` with the time of the decision."""
    push = facts.push
    if push.expires_at <= facts.now:
        yield Breach("expired", "/expires_at")
        return
    if push.not_before is not None and push.not_before >= push.expires_at:
        yield Breach("window-empty", "/not_before")
        return
    hours = facts.limit(LIFETIME_HOURS)
    if push.expires_at - facts.now > timedelta(hours=hours):
        params = {"limit_hours": hours}
        yield Breach("window-too-long", "/expires_at", params=params, at_most=Verdict.HOLD)


RULE = Rule(
    id="house-lifetime",
    topic=Topic.FREQUENCY,
    citation=cite(HOUSE, 3),
    in_force=date(2022, 9, 30),
    on_breach=Verdict.BLOCK,
    check=check,
)
