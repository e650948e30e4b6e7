"""Pop-up Provisions art. 5(8): an advertisement shows a close mark and closes with one tap."""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Citation, Topic, Unverifiable, Verdict
from app.domain.facts import Facts
from app.rules.closing import obstacles
from app.rules.instruments import (
    ADVERTISING_LAW,
    ELDERLY_SPECIFICATION,
    ELDERLY_STANDARD,
    INTERNET_ADVERTISING,
    cite,
    popup,
)
from app.rules.rule import ADVERTISEMENTS, Rule


def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
    yield from obstacles(facts, form=Verdict.BLOCK)


RULE = Rule(
    id="popup-05-08-one-tap-close",
    topic=Topic.ONE_TAP_CLOSE,
    citation=popup(5, 8, draft_item=9),
    also=(
        cite(ADVERTISING_LAW, 44, paragraph=2),
        cite(INTERNET_ADVERTISING, 10),
        Citation(ELDERLY_STANDARD, "4.3.3"),
        Citation(ELDERLY_SPECIFICATION, "1.3"),
    ),
    in_force=date(2022, 9, 30),
    kinds=ADVERTISEMENTS,
    on_breach=Verdict.BLOCK,
    check=check,
)
