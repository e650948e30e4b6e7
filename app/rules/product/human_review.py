"""House policy, art. 1: no popup leaves without a person who is not its submitter.

The draft of the pop-up provisions (art. 5(6)) asked for it; the text in force (art. 5(5)) asks
only for reviewers in proportion. The product keeps the stricter duty by choice.
"""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Verdict
from app.domain.facts import Facts
from app.rules.instruments import HOUSE, cite, popup
from app.rules.rule import Rule


def check(facts: Facts) -> Iterator[Breach]:  # noqa: ARG001 - it holds for every push
    """Hold every push; only a ruling over the same bytes clears it (see the engine)."""
    yield Breach("person-needed", "")


RULE = Rule(
    id="human-review",
    topic=Topic.HUMAN_REVIEW,
    citation=cite(HOUSE, 1),
    also=(popup(5, 5, draft_item=6),),
    in_force=date(2022, 9, 30),
    on_breach=Verdict.HOLD,
    check=check,
)
