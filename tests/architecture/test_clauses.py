"""No clause of an instrument is forgotten, and none is placed in two ways that contradict."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from app.rules.catalogue import CATALOGUE
from app.rules.elsewhere import Placing, elsewhere, laws
from app.rules.instruments import HOUSE
from app.rules.matrix import clause_in_english
from app.rules.texts import Language
from tests.architecture.test_rules import ROOT

LISTS = {path.stem: path for path in sorted((ROOT / "tests/rules/clauses").glob("*.toml"))}
# What the gateway does itself, in whatever part of it.
MET = {Placing.ENFORCED, Placing.RECORDED, Placing.SHOWN, Placing.REVIEWER}
OPEN = {Placing.PLANNED, Placing.NOT_OURS, Placing.SUPERSEDED}


@cache
def clauses_of(instrument: str) -> dict[str, dict[str, list[str]]]:
    """Return the duties of each clause of an instrument, each with the ids that place it."""
    rows = tomllib.loads(LISTS[instrument].read_text(encoding="utf-8"))["clauses"]
    found = {row["clause"]: row["duties"] for row in rows}
    assert len(found) == len(rows), f"{instrument}: a clause is listed twice"
    return found


def placings(instrument: str) -> set[tuple[str, str]]:
    """Return clause and id of every rule and every duty that places a part of an instrument."""
    found = {(one.clause, one.id) for one in elsewhere() if one.law.id == instrument}
    for rule in CATALOGUE:
        for citation in (rule.citation, *rule.also):
            if citation.instrument.id == instrument:
                found.add((citation.clause, rule.id))
    return found


@pytest.mark.parametrize("instrument", LISTS)
def test_every_clause_of_an_instrument_is_placed_as_listed(instrument: str) -> None:
    listed = clauses_of(instrument)
    stated = {
        (clause, owner)
        for clause, duties in listed.items()
        for owners in duties.values()
        for owner in owners
    }
    assert stated == placings(instrument)
    assert all(owners for duties in listed.values() for owners in duties.values())


def test_every_instrument_has_a_list_of_its_clauses() -> None:
    cited = {
        citation.instrument.id
        for rule in CATALOGUE
        for citation in (rule.citation, *rule.also)
        if citation.instrument is not HOUSE
    }
    assert set(laws()) == set(LISTS)
    assert cited <= set(LISTS)


def test_no_duty_is_placed_twice() -> None:
    seen = [(one.law.id, one.clause, one.duty[Language.ZH]) for one in elsewhere()]
    assert len(seen) == len(set(seen))


def test_a_duty_says_who_sees_to_it() -> None:
    rules = {rule.id for rule in CATALOGUE}
    for duty in elsewhere():
        assert set(duty.rules) <= rules
        assert (duty.part is not None) == (duty.placing in MET)
        assert (duty.area is not None) == (duty.placing is Placing.PLANNED)
        assert not duty.rules or duty.placing in MET
        assert (duty.part == "rules") == bool(duty.rules)
        assert duty.placing in MET | OPEN


def test_a_duty_has_its_words_in_both_languages() -> None:
    for duty in elsewhere():
        for texts in (duty.duty, duty.where, duty.why):
            if texts is None:
                continue
            assert all(text.strip() for text in texts.values())
            assert re.search("[一-鿿]", texts[Language.ZH])
        assert not re.search("[一-鿿]", duty.duty[Language.EN])
        assert not re.search("[一-鿿]", duty.clause_en or clause_in_english(duty.clause))


def test_a_superseded_text_names_what_took_its_place() -> None:
    for duty in elsewhere():
        assert (duty.placing is Placing.SUPERSEDED) <= (duty.law.superseded_by is not None)
        if duty.successor is not None:
            assert duty.placing is Placing.SUPERSEDED
            assert duty.successor in clauses_of(str(duty.law.superseded_by))


def test_what_took_the_place_of_a_text_is_itself_in_the_matrix() -> None:
    for law in laws().values():
        if law.superseded_by is not None:
            assert law.superseded_by in laws()
            assert law.repealed is not None or law.in_force is None
            if law.repealed is not None:
                assert law.repealed == laws()[law.superseded_by].in_force


def test_no_rule_cites_a_text_that_was_replaced() -> None:
    for rule in CATALOGUE:
        for citation in (rule.citation, *rule.also):
            law = laws().get(citation.instrument.id)
            assert law is None or law.superseded_by is None, rule.id


def test_the_matrix_and_the_rules_call_an_instrument_alike() -> None:
    cited: dict[str, Any] = {
        citation.instrument.id: citation.instrument
        for rule in CATALOGUE
        for citation in (rule.citation, *rule.also)
    }
    for law in laws().values():
        if law.id in cited:
            instrument = cited[law.id]
            assert law.title == {
                Language.ZH: instrument.title_zh,
                Language.EN: instrument.title_en,
            }
            assert (law.in_force, law.repealed) == (instrument.in_force, instrument.repealed)
            assert law.house == instrument.house


def test_the_files_of_duties_stay_short() -> None:
    folder: Path = ROOT / "app/rules/duties"
    for path in folder.glob("*.toml"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 300, path.name
