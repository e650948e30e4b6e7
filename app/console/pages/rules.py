"""The clause matrix: every rule in force, and every duty that is seen to elsewhere; public."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Response

from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import render
from app.rules.matrix import elsewhere_matrix, rules_matrix
from app.rules.version import rule_set_version

pages = Pages()

VERDICTS: Final = ("block", "hold")


@dataclass(frozen=True, slots=True)
class Instrument:
    """A law or regulation with the rows that cite it."""

    id: str
    title: str
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class RulesView:
    """Rules and duties by instrument."""

    rules: tuple[Instrument, ...]
    elsewhere: tuple[Instrument, ...]
    rule_set: str
    count: int
    blocks: int
    holds: int
    verdict: str
    text: str


@pages.get("/rules", Permission.ANYBODY)
async def rules(visit: Visit) -> Response:
    """Show the matrix, narrowed to a verdict or a text."""
    every: list[dict[str, Any]] = rules_matrix()
    duties: list[dict[str, Any]] = elsewhere_matrix()
    verdict, text = visit.query("verdict"), visit.query("q")[:100]
    verdict = verdict if verdict in VERDICTS else ""
    shown = [row for row in every if not verdict or row["on_breach"] == verdict]
    view = RulesView(
        rules=_by_instrument(visit, _matching(shown, text)),
        elsewhere=() if verdict else _by_instrument(visit, _matching(duties, text)),
        rule_set=rule_set_version(),
        count=len(every),
        blocks=sum(1 for row in every if row["on_breach"] == "block"),
        holds=sum(1 for row in every if row["on_breach"] == "hold"),
        verdict=verdict,
        text=text,
    )
    return await render(visit, "rules.html", view)


def _matching(rows: Iterable[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    return [row for row in rows if text.casefold() in _words(row).casefold()]


def _words(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(_words(one) for one in value.values())
    if isinstance(value, list):
        return " ".join(_words(one) for one in value)
    return str(value)


def _by_instrument(visit: Visit, rows: Iterable[dict[str, Any]]) -> tuple[Instrument, ...]:
    found: dict[str, list[dict[str, Any]]] = {}
    titles: dict[str, str] = {}
    for row in rows:
        citation = row["citation"]
        found.setdefault(citation["instrument_id"], []).append(row)
        spoken = "instrument_en" if visit.t.language == "en" else "instrument"
        titles[citation["instrument_id"]] = citation[spoken]
    return tuple(Instrument(key, titles[key], tuple(rows)) for key, rows in found.items())
