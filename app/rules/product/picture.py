"""House policy, art. 9: what a picture says is looked into, by the gateway or by the reviewer."""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Topic, Unverifiable, Verdict
from app.domain.facts import Facts
from app.domain.pictures import Reading
from app.rules.features import Feature
from app.rules.instruments import HOUSE, cite, popup
from app.rules.rule import Rule


def check(facts: Facts) -> Iterator[Unverifiable]:
    """Say of each picture what no machine has looked for in it."""
    for number, picture in enumerate(facts.pictures):
        at = f"/images/{number}"
        if picture.codes is None:
            yield Unverifiable("picture-codes-unread", at, outage=False)
        if picture.reading is Reading.PENDING:
            yield Unverifiable("picture-text-pending", at, outage=True)
        elif picture.reading is Reading.FAILED:
            yield Unverifiable("picture-text-failed", at, outage=False)
        elif picture.reading is Reading.OFF:
            yield Unverifiable("picture-text-unread", at, outage=False)


RULE = Rule(
    id="house-picture",
    topic=Topic.UNVERIFIABLE,
    citation=cite(HOUSE, 9),
    also=(popup(5, 5, draft_item=6),),
    in_force=date(2022, 9, 30),
    feature=Feature.PICTURES,
    on_breach=Verdict.HOLD,
    check=check,
)
