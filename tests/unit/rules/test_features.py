"""Features: a rule that is not asked because a push lacks something would have said nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.domain.facts import Facts, Unknown
from app.domain.signals import Family
from app.rules.catalogue import CATALOGUE
from app.rules.features import Feature, features_of
from app.rules.rule import Rule
from tests.fixtures.facts import facts_of
from tests.fixtures.yaml_files import read_yaml

CASES = sorted((Path(__file__).parents[2] / "rules").glob("*/*.yaml"))
FEATURED = [rule for rule in CATALOGUE if rule.feature is not None]


def facts_of_all_cases() -> Iterator[Facts]:
    for path in CASES:
        law: dict[str, Any] = read_yaml(path)
        for case in law["cases"]:
            yield facts_of(case.get("base", law["base"]), case.get("set", {}))


@pytest.fixture(scope="module")
def all_facts() -> list[Facts]:
    return list(facts_of_all_cases())


@pytest.mark.parametrize("rule", FEATURED, ids=lambda rule: rule.id)
def test_a_rule_has_nothing_to_say_without_its_feature(rule: Rule, all_facts: list[Facts]) -> None:
    lacking = [
        facts
        for facts in all_facts
        if facts.push.kind in rule.kinds and rule.feature not in features_of(facts)
    ]
    assert lacking
    assert [one for facts in lacking for one in rule.check(facts)] == []


@pytest.mark.parametrize("feature", Feature)
def test_every_feature_occurs_and_has_rules(feature: Feature, all_facts: list[Facts]) -> None:
    assert any(feature in features_of(facts) for facts in all_facts)
    assert any(rule.feature is feature for rule in FEATURED)


def test_text_that_was_not_screened_may_have_every_feature_of_text() -> None:
    facts = facts_of("news", {"screening": {"unknown_reason": "gone", "outage": True}})
    assert isinstance(facts.screening, Unknown)
    assert len(features_of(facts) - {Feature.LINKS}) == len(set(Family) - {Family.MANNER})
