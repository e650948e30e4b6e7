"""The law cases in YAML, each decided by its own rule through the engine."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.domain.decision import Finding
from app.rules.catalogue import CATALOGUE
from app.rules.engine import decide
from tests.fixtures.facts import facts_of
from tests.fixtures.yaml_files import read_yaml

FOLDER = Path(__file__).parent
RULES = {rule.id: rule for rule in CATALOGUE}


@dataclass(frozen=True)
class Case:
    rule: str
    name: str
    base: str
    overrides: dict[str, object]
    finds: list[dict[str, Any]]


def all_cases() -> list[Case]:
    found = []
    for path in sorted(FOLDER.glob("*/*.yaml")):
        law = read_yaml(path)
        found += [
            Case(law["rule"], case["name"], case.get("base", law["base"]),
                 case.get("set", {}), case["finds"])
            for case in law["cases"]
        ]  # fmt: skip
    return found


def as_stated(finding: Finding, stated: dict[str, Any]) -> dict[str, Any]:
    """Return of a finding what the case states; a case may leave out what does not matter."""
    span = None if finding.span is None else list(finding.span)
    whole = {
        "code": finding.code,
        "verdict": finding.verdict.value,
        "pointer": finding.pointer,
        "span": span,
        "unverifiable": finding.unverifiable,
        "params": dict(finding.params),
        "cleared_by": finding.cleared_by,
    }
    return {name: whole[name] for name in stated}


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: f"{case.rule}: {case.name}")
def test_a_rule_finds_what_its_case_states(case: Case) -> None:
    decision = decide(facts_of(case.base, case.overrides), [RULES[case.rule]])
    assert len(decision.findings) == len(case.finds), decision.findings
    for finding, stated in zip(decision.findings, case.finds, strict=True):
        assert as_stated(finding, stated) == stated
        assert {"code", "verdict"} <= set(stated)
        assert ("unverifiable" in stated) == (finding.unverifiable is not None)


@pytest.mark.parametrize("base", ["news", "advertisement", "general"])
def test_a_push_in_order_is_held_for_a_person_and_for_nothing_else(base: str) -> None:
    decision = decide(facts_of(base))
    assert [finding.rule for finding in decision.findings] == ["human-review"]
