"""The clause matrix: every rule in force, and every duty that is seen to elsewhere; public."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from fastapi import Response

from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import render
from app.errors import CannotJudge
from app.rules.matrix import (
    clause_in_english,
    clause_order,
    elsewhere_matrix,
    laws_matrix,
    limits_matrix,
    rules_matrix,
)
from app.rules.version import rule_set_version

pages = Pages()

Row = dict[str, Any]
TREATMENTS: Final = (
    "block", "hold", "enforced", "recorded", "shown", "reviewer", "planned", "not_ours",
    "superseded",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Instrument:
    """A law, standard or house policy with its rows; `law` is what is known of the text itself."""

    id: str
    title: str
    law: Row
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class RulesView:
    """The matrix by instrument, `shown` of `total` rows, with what it was narrowed to."""

    instruments: tuple[Instrument, ...]
    every: tuple[tuple[str, str], ...]
    titles: dict[str, str]
    rule_set: str
    counts: dict[str, int]
    shown: int
    total: int
    treatments: tuple[str, ...]
    treatment: str
    instrument: str
    text: str
    pack: str
    limits: tuple[Row, ...]


@pages.get("/rules", Permission.ANYBODY)
async def rules(visit: Visit) -> Response:
    """Show the matrix, narrowed to an instrument, a treatment or a text."""
    titles = {law["id"]: visit.t.pick(law["title"]) for law in _laws()}
    treatment, text = visit.query("treatment"), visit.query("q")[:100]
    treatment = treatment if treatment in TREATMENTS else ""
    wanted = visit.query("instrument")
    wanted = wanted if wanted in titles else ""
    found = [
        row
        for row in _rows()
        if (not treatment or row["treatment"] == treatment)
        and (not wanted or row["instrument_id"] == wanted)
        and text.casefold() in row["words"]
    ]
    pack, limits = await _limits(visit)
    view = RulesView(
        instruments=_by_instrument(found, titles),
        every=tuple(titles.items()),
        titles=titles,
        rule_set=rule_set_version(),
        counts=_counts(),
        shown=len(found),
        total=len(_rows()),
        treatments=TREATMENTS,
        treatment=treatment,
        instrument=wanted,
        text=text,
        pack=pack,
        limits=limits,
    )
    return await render(visit, "rules.html", view)


async def _limits(visit: Visit) -> tuple[str, tuple[Row, ...]]:
    """Return the version of the rule pack in force and its numbers; none where it is unknown."""
    try:
        numbers = await visit.services.packs.numbers()
    except CannotJudge:
        return "", ()
    return numbers.rule_pack, tuple(limits_matrix(numbers.limits, numbers.since))


@cache
def _rows() -> tuple[Row, ...]:
    """Return the whole matrix: a rule under every clause that it cites, then the duties."""
    rows = [_rule_row(rule, citation) for rule in _rules() for citation in _cited(rule)]
    rows += [_duty_row(duty) for duty in elsewhere_matrix()]
    return tuple(sorted(rows, key=lambda row: clause_order(row["citation"]["clause"])))


@cache
def _rules() -> tuple[Row, ...]:
    return tuple(rules_matrix())


@cache
def _laws() -> tuple[Row, ...]:
    """Return every instrument in the order of the matrix; those that only rules cite come last."""
    known: list[Row] = list(laws_matrix())
    ids = {law["id"] for law in known}
    for row in _rows():
        citation = row["citation"]
        if citation["instrument_id"] not in ids:
            ids.add(citation["instrument_id"])
            known.append(_law_of(citation))
    return tuple(known)


@cache
def _counts() -> dict[str, int]:
    counts = dict.fromkeys(TREATMENTS, 0)
    for rule in _rules():
        counts[rule["on_breach"]] += 1
    for duty in elsewhere_matrix():
        counts[str(duty["placing"])] += 1
    return counts


def _law_of(citation: Row) -> Row:
    return {
        "id": citation["instrument_id"],
        "title": {"zh": citation["instrument"], "en": citation["instrument_en"]},
        "in_force": citation["in_force"],
        "repealed": None,
        "superseded_by": None,
        "binding": True,
        "house": citation["house"],
        "source": "full",
        "note": None,
    }


def _cited(rule: Row) -> list[Row]:
    return [rule["citation"], *rule["also"]]


def _rule_row(rule: Row, citation: Row) -> Row:
    return _searchable(
        {
            "id": rule["id"],
            "rule": True,
            "anchor": citation is rule["citation"],
            "citation": citation,
            "treatment": rule["on_breach"],
            "says": rule["clause"],
            "does": rule["action"],
            "why": None,
            "house": rule["house"],
            "rules": [],
            "area": None,
            "successor": None,
            "source": "full",
        }
    )


def _duty_row(duty: Row) -> Row:
    return _searchable(
        {
            "id": duty["id"],
            "rule": False,
            "anchor": True,
            "citation": duty["citation"],
            "treatment": duty["placing"],
            "says": duty["duty"],
            "does": duty["where"],
            "why": duty["why"],
            "house": False,
            "rules": duty["rules"],
            "area": duty["area"],
            "successor": _clause(duty["successor"]),
            "source": duty["source"],
        }
    )


def _searchable(row: Row) -> Row:
    return row | {
        "instrument_id": row["citation"]["instrument_id"],
        "draft": _clause(row["citation"]["draft_clause"]),
        "words": _words(row).casefold(),
    }


def _clause(clause: str | None) -> dict[str, str] | None:
    return None if clause is None else {"zh": clause, "en": clause_in_english(clause)}


def _words(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(_words(one) for one in value.values())
    if isinstance(value, list):
        return " ".join(_words(one) for one in value)
    return str(value)


def _by_instrument(rows: Iterable[Row], titles: dict[str, str]) -> tuple[Instrument, ...]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["instrument_id"], []).append(row)
    return tuple(
        Instrument(law["id"], titles[law["id"]], law, tuple(found[law["id"]]))
        for law in _laws()
        if law["id"] in found
    )
