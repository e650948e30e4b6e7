"""Personal Information Law art. 29: sensitive personal information needs a consent of its own."""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Verdict
from app.domain.facts import Facts
from app.domain.registers import ConsentPurpose
from app.rules.consent import gaps
from app.rules.features import Feature
from app.rules.instruments import PERSONAL_INFORMATION, cite
from app.rules.personal_data import sensitive
from app.rules.rule import Rule


def check(facts: Facts) -> Iterator[Breach]:
    chosen = facts.push.personalisation
    used = [
        (f"/personalisation/fields/{at}", name)
        for at, name in enumerate(chosen.fields)
        if sensitive(name) is not None
    ]
    if used:
        yield from gaps(facts, ConsentPurpose.SENSITIVE, *used)
    for at, name in enumerate(chosen.tags):
        kind = sensitive(name)
        if kind is not None:
            params = {"tag": name, "sensitive": kind}
            yield Breach("sensitive-tag", f"/personalisation/tags/{at}", params=params)


RULE = Rule(
    id="personal-information-29-sensitive",
    topic=Topic.PERSONAL_DATA,
    citation=cite(PERSONAL_INFORMATION, 29),
    also=(cite(PERSONAL_INFORMATION, 28),),
    in_force=date(2021, 11, 1),
    feature=Feature.PERSONALISATION,
    on_breach=Verdict.HOLD,
    check=check,
)
