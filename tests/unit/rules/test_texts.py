"""What findings say in Chinese and in English."""

from dataclasses import replace

import pytest

from app.domain.decision import Citation
from app.domain.screening import Technique
from app.rules.catalogue import CATALOGUE
from app.rules.elsewhere import elsewhere, laws
from app.rules.engine import decide
from app.rules.instruments import ELDERLY_STANDARD, clause, popup
from app.rules.matrix import (
    citation_json,
    clause_in_english,
    clause_order,
    decision_json,
    elsewhere_matrix,
    finding_json,
    laws_matrix,
    rules_matrix,
)
from app.rules.texts import Language, render, wording
from tests.fixtures.facts import facts_of

SMALL = decide(facts_of("advertisement", {"push.presentation.ad_label.size_dp": 11}))


def test_a_finding_is_rendered_with_its_parameters() -> None:
    finding = SMALL.findings[0]
    assert render(finding, Language.ZH).message == "“广告”字号为 11 dp，小于 12 dp。"
    assert render(finding, Language.EN).fix == "Make it at least 12 dp."


def test_braces_in_a_parameter_are_left_alone() -> None:
    overrides = {"push.presentation.ad_label.text": "{0}{size_dp}"}
    finding = decide(facts_of("advertisement", overrides)).findings[0]
    assert "“{0}{size_dp}”" in render(finding, Language.ZH).message


@pytest.mark.parametrize("language", Language)
def test_a_finding_of_another_rule_set_is_shown_by_its_code(language: Language) -> None:
    finding = replace(SMALL.findings[0], rule="popup-99-gone", code="gone")
    words = render(finding, language)
    assert "popup-99-gone" in words.message
    assert "gone" in words.message
    assert finding_json(finding)["citation"] is None


def test_a_finding_on_the_wire_has_all_that_a_sender_needs() -> None:
    finding = finding_json(SMALL.findings[0])
    assert finding["rule"] == "popup-05-08-ad-label"
    assert finding["topic"] == "ad_label"
    assert finding["verdict"] == "block"
    assert finding["pointer"] == "/presentation/ad_label/size_dp"
    assert finding["span"] is None
    citation = finding["citation"]
    assert isinstance(citation, dict)
    assert citation["clause"] == "第五条第（八）项"
    assert citation["draft_clause"] == "第五条第（九）项"
    assert citation["in_force"] == "2022-09-30"
    assert citation["house"] is False


def test_a_span_on_the_wire_is_a_list() -> None:
    hidden = {
        "pointer": "/title", "span": [2, 3], "code_point": 8203, "name": "ZERO WIDTH SPACE",
        "kind": "zero_width",
    }  # fmt: skip
    decision = decide(facts_of("news", {"screening.hidden": [hidden]}))
    assert finding_json(decision.findings[1])["span"] == [2, 3]


def test_a_decision_on_the_wire_names_verdict_versions_and_findings() -> None:
    wire = decision_json(SMALL)
    assert wire["verdict"] == "block"
    assert (wire["rule_set"], wire["rule_pack"]) == (SMALL.rule_set, SMALL.rule_pack)
    findings = wire["findings"]
    assert isinstance(findings, list)
    assert len(findings) == len(SMALL.findings) == 3


def test_the_matrix_has_a_row_for_every_rule_and_duty() -> None:
    rows = rules_matrix()
    assert [row["id"] for row in rows] == [rule.id for rule in CATALOGUE]
    assert [row["id"] for row in elsewhere_matrix()] == [entry.id for entry in elsewhere()]
    assert {row["id"] for row in rows if row["house"]} == {
        "human-review", "house-evasion", "house-lifetime", "house-link-form", "house-picture"
    }  # fmt: skip
    for row in (*rows, *elsewhere_matrix()):
        for texts in (value for value in row.values() if isinstance(value, dict)):
            assert not {"zh", "en"} & set(texts) or set(texts) == {"zh", "en"}


def test_the_laws_are_told_with_what_became_of_them() -> None:
    rows = {row["id"]: row for row in laws_matrix()}
    assert list(rows) == list(laws())
    for law in laws().values():
        row = rows[law.id]
        assert row["title"] == {"zh": law.title[Language.ZH], "en": law.title[Language.EN]}
        for day in ("in_force", "repealed"):
            given = getattr(law, day)
            assert row[day] == (None if given is None else given.isoformat())
        assert (row["note"] is None) == (law.note is None)


def test_clauses_sort_as_the_law_has_them() -> None:
    in_order = ["附件", clause(2), clause(5), clause(5, 1), clause(5, 10), clause(44, paragraph=2)]
    mixed = in_order[3:] + in_order[:3]
    assert sorted(mixed, key=clause_order) == in_order


def test_a_repealed_rule_says_until_when_it_spoke() -> None:
    rule = replace(CATALOGUE[0], repealed=CATALOGUE[0].in_force.replace(year=2030))
    assert rules_matrix([rule])[0]["repealed"] == "2030-09-30"
    assert rules_matrix()[0]["repealed"] is None


@pytest.mark.parametrize(
    ("text", "english"),
    [
        (clause(5, 8), "art. 5(8)"),
        (clause(44, paragraph=2), "art. 44 para. 2"),
        (clause(6, 11), "art. 6(11)"),
        (clause(10), "art. 10"),
        (clause(20, 10, 3), "art. 20 para. 3(10)"),
        ("4.3.3", "4.3.3"),
    ],
)
def test_a_clause_reads_in_english_too(text: str, english: str) -> None:
    assert clause_in_english(text) == english


@pytest.mark.parametrize(
    ("number", "written"),
    [(1, "一"), (9, "九"), (10, "十"), (15, "十五"), (20, "二十"), (46, "四十六")],
)
def test_a_clause_is_written_as_the_law_writes_it(number: int, written: str) -> None:
    assert clause(number) == f"第{written}条"


def test_the_draft_number_is_given_only_where_it_differs() -> None:
    assert popup(6).draft_clause is None
    assert popup(5, 8, draft_item=9).draft_clause == "第五条第（九）项"


def test_a_clause_of_a_standard_is_cited_as_it_stands() -> None:
    cited = citation_json(Citation(ELDERLY_STANDARD, "4.3.3"))
    assert cited["clause"] == cited["clause_en"] == "4.3.3"


@pytest.mark.parametrize("language", list(Language))
def test_every_technique_of_evasion_has_a_name(language: Language) -> None:
    named = wording(language).values["techniques"]

    assert set(named) == {technique.value for technique in Technique}
    assert len(set(named.values())) == len(named)
