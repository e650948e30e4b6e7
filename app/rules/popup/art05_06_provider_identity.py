"""Pop-up Provisions art. 5(6): the popup conspicuously shows who provides it."""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Verdict
from app.domain.facts import Facts
from app.rules.instruments import popup
from app.rules.rule import Rule

_NAME = "/presentation/provider_name"


def check(facts: Facts) -> Iterator[Breach]:
    shown, provider = facts.push.presentation.provider_name, facts.provider
    if not shown.strip():
        yield Breach("name-missing", _NAME, params={"display": provider.display_name})
    elif shown not in {provider.display_name, provider.legal_name}:
        yield Breach(
            "name-differs", _NAME, params={"name": shown, "display": provider.display_name}
        )


RULE = Rule(
    id="popup-05-06-provider-identity",
    topic=Topic.PROVIDER_IDENTITY,
    citation=popup(5, 6, draft_item=7),
    in_force=date(2022, 9, 30),
    on_breach=Verdict.BLOCK,
    check=check,
)
