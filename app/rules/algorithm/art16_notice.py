"""Algorithm Provisions art. 16: users are told of the algorithm, its principle and purpose."""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Verdict
from app.domain.facts import Facts
from app.rules.features import Feature
from app.rules.filings import filing, named_model
from app.rules.instruments import ALGORITHM, cite
from app.rules.rule import Rule


def check(facts: Facts) -> Iterator[Breach]:
    found, model = filing(facts), named_model(facts)
    if found is not None and model is not None and found.notice_url is None:
        yield Breach("notice-missing", "/personalisation/model", params={"model": model})


RULE = Rule(
    id="algorithm-16-notice",
    topic=Topic.ALGORITHM,
    citation=cite(ALGORITHM, 16),
    in_force=date(2022, 3, 1),
    feature=Feature.PERSONALISATION,
    on_breach=Verdict.HOLD,
    check=check,
)
