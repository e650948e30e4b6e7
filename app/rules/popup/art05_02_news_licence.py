"""Pop-up Provisions art. 5(2): news only with an internet news information service licence."""

from collections.abc import Iterator
from datetime import date, timedelta, timezone

from app.domain.decision import Breach, Topic, Verdict
from app.domain.facts import NEWS_LICENCE, Facts, Licence, NewsService
from app.rules.instruments import NEWS_SERVICE, cite, popup
from app.rules.rule import NEWS, Rule

_BEIJING = timezone(timedelta(hours=8))


def check(facts: Facts) -> Iterator[Breach]:
    licences = [one for one in facts.provider.licences if one.kind == NEWS_LICENCE]
    if not licences:
        yield Breach("licence-missing", "/kind")
        return
    today = facts.now.astimezone(_BEIJING).date()
    valid = [one for one in licences if one.valid_from <= today <= one.valid_to]
    if valid:
        yield from _scope(valid)
    else:
        latest = max(licences, key=lambda one: one.valid_to)
        dates = {"from": latest.valid_from.isoformat(), "to": latest.valid_to.isoformat()}
        yield Breach("licence-not-valid", "/kind", params={"number": latest.number, **dates})


def _scope(valid: list[Licence]) -> Iterator[Breach]:
    """Reprinting must be covered; who may gather may at least push what is its own."""
    services = {service for licence in valid for service in licence.services}
    if NewsService.REPRINTING in services:
        return
    number = {"number": valid[0].number}
    if NewsService.GATHERING in services:
        yield Breach("licence-own-news-only", "/source", params=number, at_most=Verdict.HOLD)
    else:
        yield Breach("licence-scope", "/kind", params=number)


RULE = Rule(
    id="popup-05-02-news-licence",
    topic=Topic.LICENCE,
    citation=popup(5, 2, draft_item=3),
    also=(cite(NEWS_SERVICE, 5),),
    in_force=date(2022, 9, 30),
    kinds=NEWS,
    on_breach=Verdict.BLOCK,
    check=check,
)
