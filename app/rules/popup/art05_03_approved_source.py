"""Pop-up Provisions art. 5(3): news is reprinted only from units on the national source list.

A unit that is not listed is certain. Its address is not: the list names units and no domains,
and what we have registered may be incomplete, so a strange address is a question.
"""

from collections.abc import Iterator
from datetime import date
from typing import assert_never

from app.domain.decision import Breach, Param, Topic, Unverifiable, Verdict
from app.domain.facts import DomainMatch, Facts, SourceFacts, Unknown
from app.domain.push import Source
from app.rules.instruments import NEWS_SERVICE, cite, popup
from app.rules.rule import NEWS, Rule

_UNIT, _URL = "/source/unit", "/source/url"


def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
    push, listed = facts.push, facts.source
    if push.source is None:
        yield Breach("source-missing", "/source")
    elif listed is None:
        yield _unknown("the source was not looked up", outage=True)
    elif isinstance(listed, Unknown):
        yield _unknown(listed.unknown_reason, outage=listed.outage)
    elif listed.edition != facts.versions.source_edition:
        editions: dict[str, Param] = {
            "edition": listed.edition, "active": facts.versions.source_edition
        }  # fmt: skip
        yield Unverifiable("source-edition-changed", _UNIT, outage=True, params=editions)
    elif listed.unit is None:
        names = {"unit": push.source.unit, "edition": listed.edition}
        yield Breach("source-not-listed", _UNIT, params=names)
    else:
        yield from _address(push.source, listed, listed.unit)


def _unknown(reason: str, *, outage: bool) -> Unverifiable:
    return Unverifiable("source-list-unknown", "/source", outage=outage, params={"reason": reason})


def _address(source: Source, listed: SourceFacts, unit: str) -> Iterator[Breach | Unverifiable]:
    match listed.domain:
        case DomainMatch.DIFFERS:
            names = {
                "unit": unit, "url": source.url or "", "domains": ", ".join(listed.unit_domains)
            }  # fmt: skip
            yield Breach("source-domain-differs", _URL, params=names, at_most=Verdict.HOLD)
        case DomainMatch.UNIT_HAS_NONE:
            params = {"unit": unit}
            yield Unverifiable("source-domain-unknown", _URL, outage=False, params=params)
        case DomainMatch.NO_ADDRESS:
            yield Unverifiable("source-address-missing", _URL, outage=False)
        case DomainMatch.MATCHES:
            pass
        case _:  # pragma: no cover - mypy proves that there is no other
            assert_never(listed.domain)


RULE = Rule(
    id="popup-05-03-approved-source",
    topic=Topic.SOURCE_NOT_APPROVED,
    citation=popup(5, 3, draft_item=4),
    also=(cite(NEWS_SERVICE, 15),),
    in_force=date(2022, 9, 30),
    kinds=NEWS,
    on_breach=Verdict.BLOCK,
    check=check,
)
