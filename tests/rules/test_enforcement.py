"""Real enforcement cases, each decided by the whole catalogue with its text really judged."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.domain.decision import Verdict
from app.domain.screening import ScreeningReport
from app.pushes.judging import signals
from app.rules.engine import decide
from tests.fixtures.facts import facts_of
from tests.fixtures.yaml_files import read_yaml

CASES: list[dict[str, Any]] = read_yaml(Path(__file__).parent / "enforcement.yaml")


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_what_was_punished_is_found(case: dict[str, Any]) -> None:
    facts = facts_of(case["base"], case["set"])
    report = facts.screening
    assert isinstance(report, ScreeningReport)
    judged = replace(report, signals=signals(facts.push))
    decision = decide(replace(facts, screening=judged))
    worst: dict[str, Verdict] = {}
    for one in decision.findings:
        worst[one.rule] = max(one.verdict, worst.get(one.rule, one.verdict), key=lambda v: v.rank)
    must = {rule: Verdict(verdict) for rule, verdict in case["must"].items()}
    assert {rule: worst.get(rule) for rule in must} == must
    assert decision.verdict.rank >= max(verdict.rank for verdict in must.values())
