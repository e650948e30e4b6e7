"""Algorithm Provisions art. 8: algorithms and models are assessed again and again."""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Verdict
from app.domain.facts import Facts
from app.rules.days import today
from app.rules.features import Feature
from app.rules.filings import filing, named_model
from app.rules.instruments import ALGORITHM, cite
from app.rules.rule import Rule


def check(facts: Facts) -> Iterator[Breach]:
    found, model = filing(facts), named_model(facts)
    if found is not None and model is not None and found.review_by < today(facts):
        params = {"model": model, "review_by": found.review_by.isoformat()}
        yield Breach("model-review-overdue", "/personalisation/model", params=params)


RULE = Rule(
    id="algorithm-08-review",
    topic=Topic.ALGORITHM,
    citation=cite(ALGORITHM, 8),
    in_force=date(2022, 3, 1),
    feature=Feature.PERSONALISATION,
    on_breach=Verdict.HOLD,
    check=check,
)
