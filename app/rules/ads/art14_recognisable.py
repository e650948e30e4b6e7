"""Advertising Law art. 14: an advertisement can be recognised as one and is not dressed as news.

Only what the push says of itself is judged here; reviewers judge the text.
"""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Verdict
from app.domain.facts import Facts
from app.rules.instruments import ADVERTISING_LAW, INTERNET_ADVERTISING, cite
from app.rules.rule import NO_ADVERTISEMENTS, Rule


def check(facts: Facts) -> Iterator[Breach]:
    push = facts.push
    if push.advertiser is not None:
        yield Breach("advertiser-on-other-kind", "/advertiser", params={"kind": push.kind.value})
    if push.presentation.ad_label is not None:
        params = {"kind": push.kind.value}
        yield Breach("label-on-other-kind", "/presentation/ad_label", params=params)


RULE = Rule(
    id="ads-14-recognisable",
    topic=Topic.UNDECLARED_ADVERTISING,
    citation=cite(ADVERTISING_LAW, 14),
    also=(cite(INTERNET_ADVERTISING, 9),),
    in_force=date(2015, 9, 1),
    kinds=NO_ADVERTISEMENTS,
    on_breach=Verdict.HOLD,
    check=check,
)
