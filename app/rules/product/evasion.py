"""House policy, art. 2: a text does not hide characters or disguise words from the screening."""

from collections.abc import Iterator
from datetime import date

from app.domain.decision import Breach, Topic, Unverifiable, Verdict
from app.domain.facts import Facts, Unknown
from app.domain.screening import ScreeningReport
from app.rules.content import screening_unknown
from app.rules.instruments import HOUSE, cite
from app.rules.rule import Rule


def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
    """Report hidden characters, terms found in disguise, and what was not read to its end."""
    report = facts.screening
    if isinstance(report, Unknown):
        yield screening_unknown(report)
        return
    yield from _hidden(report)
    for hit in report.hits:
        if hit.is_evasion:
            tricks = ", ".join(one.value for one in hit.techniques if one.is_evasion)
            params = {"term": hit.term, "techniques": tricks}
            yield Breach("disguised-term", hit.pointer, hit.span, params)
    for one in report.unread:
        yield Unverifiable("not-read-to-end", one.pointer, outage=False, span=one.span)


def _hidden(report: ScreeningReport) -> Iterator[Breach]:
    for hidden in report.hidden:
        params = {"character": f"U+{hidden.code_point:04X}", "name": hidden.name}
        yield Breach("hidden-character", hidden.pointer, hidden.span, params)


RULE = Rule(
    id="house-evasion",
    topic=Topic.EVASION,
    citation=cite(HOUSE, 2),
    in_force=date(2022, 9, 30),
    on_breach=Verdict.HOLD,
    check=check,
)
