"""Pop-up Provisions art. 5(6): nothing hinders a recipient from closing any popup.

Advertisements have a rule of their own (art. 5(8)). For all else the size and the contrast of
the mark stand in a standard only, so they hold instead of block.
"""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Unverifiable, Verdict
from app.domain.facts import Facts
from app.rules.closing import obstacles
from app.rules.instruments import popup
from app.rules.rule import NO_ADVERTISEMENTS, Rule


def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
    yield from obstacles(facts, form=Verdict.HOLD)


RULE = Rule(
    id="popup-05-06-closable",
    topic=Topic.ONE_TAP_CLOSE,
    citation=popup(5, 6, draft_item=7),
    in_force=date(2022, 9, 30),
    kinds=NO_ADVERTISEMENTS,
    on_breach=Verdict.BLOCK,
    check=check,
)
