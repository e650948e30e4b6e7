"""Ecosystem Provisions art. 7(1): no title that is built to bait, whatever words it uses."""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Verdict
from app.domain.facts import Facts
from app.rules.features import Feature
from app.rules.instruments import ECOSYSTEM, cite, popup
from app.rules.limits import CLICK_BAIT
from app.rules.rule import Rule
from app.rules.titles import enough, is_bait


def check(facts: Facts) -> Iterator[Breach]:
    for signal in enough(facts, CLICK_BAIT, is_bait):
        params = {"bait": signal.kind, "text": signal.params["new"]}
        yield Breach("built-to-bait", signal.pointer, signal.span, params)


RULE = Rule(
    id="ecosystem-07-01-built-to-bait",
    topic=Topic.CLICKBAIT,
    citation=cite(ECOSYSTEM, 7, 1),
    also=(popup(5, 1, draft_item=2), cite(ECOSYSTEM, 11)),
    in_force=date(2020, 3, 1),
    feature=Feature.TITLE,
    on_breach=Verdict.HOLD,
    check=check,
)
