"""Algorithm Provisions art. 24: algorithms that can sway opinion are filed, and have a number.

Whether a provider has such attributes is not for a program to say: what is not filed waits for a
person, who may know why it need not be.
"""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Verdict
from app.domain.facts import Facts
from app.domain.registers import AlgorithmKind
from app.rules.days import today
from app.rules.features import Feature
from app.rules.filings import filing, named_model
from app.rules.instruments import ALGORITHM, cite
from app.rules.rule import Rule

_MODEL = "/personalisation/model"


def check(facts: Facts) -> Iterator[Breach]:
    model = named_model(facts)
    if model is None:
        return
    named = {"model": model}
    found = filing(facts)
    if found is None:
        yield Breach("model-not-filed", _MODEL, params=named)
        return
    if found.kind is not AlgorithmKind.PERSONALISED_PUSH:
        yield Breach("filed-as-other", _MODEL, params=named | {"algorithm": found.kind.value})
    if found.number is None or found.filed_on is None:
        yield Breach("filing-number-missing", _MODEL, params=named)
    elif found.filed_on > today(facts):
        dated = {"number": found.number, "filed_on": found.filed_on.isoformat()}
        yield Breach("filed-in-future", _MODEL, params=named | dated)


RULE = Rule(
    id="algorithm-24-filing",
    topic=Topic.ALGORITHM,
    citation=cite(ALGORITHM, 24),
    in_force=date(2022, 3, 1),
    feature=Feature.PERSONALISATION,
    on_breach=Verdict.HOLD,
    check=check,
)
