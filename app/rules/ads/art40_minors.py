"""Advertising Law art. 40: in media for minors many goods must not be advertised at all.

Which goods they are is the reviewer's question, so an advertisement for minors alone holds.
"""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Verdict
from app.domain.facts import Facts
from app.domain.push import MinorsAudience
from app.rules.instruments import ADVERTISING_LAW, cite
from app.rules.rule import ADVERTISEMENTS, Rule


def check(facts: Facts) -> Iterator[Breach]:
    push = facts.push
    if push.minors is MinorsAudience.ONLY:
        yield Breach("ad-for-minors", "/minors")


RULE = Rule(
    id="ads-40-minors",
    topic=Topic.MINORS,
    citation=cite(ADVERTISING_LAW, 40),
    in_force=date(2015, 9, 1),
    kinds=ADVERTISEMENTS,
    on_breach=Verdict.HOLD,
    check=check,
)
