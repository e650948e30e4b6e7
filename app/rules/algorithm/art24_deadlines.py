"""Algorithm Provisions art. 24: filings, changes and ends are reported within working days.

The register says when the service began, changed and ended; what was not reported by the last day
waits for a person. A model whose service has ended chooses no recipients any more.
"""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Verdict
from app.domain.facts import Facts
from app.rules.days import today
from app.rules.deadlines import LIMITS, Deadline, Step, deadlines
from app.rules.features import Feature
from app.rules.filings import filing, named_model
from app.rules.instruments import ALGORITHM, cite
from app.rules.rule import Rule

_MODEL = "/personalisation/model"


def check(facts: Facts) -> Iterator[Breach]:
    """Yield what is overdue in the filing of the push's model."""
    found = filing(facts)
    if found is None:
        return
    model, day = {"model": named_model(facts) or ""}, today(facts)
    if found.ended_on is not None and day > found.ended_on:
        ended = {"ended_on": found.ended_on.isoformat()}
        yield Breach("model-ended", _MODEL, params=model | ended)
    for deadline in deadlines(found, {step: facts.limit(name) for step, name in LIMITS.items()}):
        if deadline.is_overdue(day):
            yield _overdue(deadline, model)


def _overdue(deadline: Deadline, model: dict[str, str]) -> Breach:
    params = model | {
        "since": deadline.since.isoformat(),
        "due": deadline.due.day.isoformat(),
        "calendar": "arranged" if deadline.due.is_arranged else "weekends",
    }
    match deadline.step:
        case Step.FILING:
            return Breach("filing-overdue", _MODEL, params=params)
        case Step.CHANGE:
            return Breach("change-overdue", _MODEL, params=params)
        case _:
            return Breach("end-overdue", _MODEL, params=params)


RULE = Rule(
    id="algorithm-24-deadlines",
    topic=Topic.ALGORITHM,
    citation=cite(ALGORITHM, 24),
    in_force=date(2022, 3, 1),
    feature=Feature.PERSONALISATION,
    on_breach=Verdict.HOLD,
    check=check,
)
