"""Features: a rule that is not asked because a push lacks something would have said nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.domain.facts import Facts, Unknown
from app.domain.signals import Family
from app.rules.catalogue import CATALOGUE
from app.rules.features import Feature, features_of
from app.rules.rule import Rule
from tests.fixtures.facts import facts_of

CASES = sorted((Path(__file__).parents[2] / "rules").glob("*/*.yaml"))
FEATURED = [rule for rule in CATALOGUE if rule.feature is not None]


def facts_of_all_cases() -> Iterator[Facts]:
    for path in CASES:
        law: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
        for case in law["cases"]:
            yield facts_of(case.get("base", law["base"]), case.get("set", {}))


FACTS = list(facts_of_all_cases())


@pytest.mark.parametrize("rule", FEATURED, ids=lambda rule: rule.id)
def test_a_rule_has_nothing_to_say_without_its_feature(rule: Rule) -> None:
    lacking = [
        facts
        for facts in FACTS
        if facts.push.kind in rule.kinds and rule.feature not in features_of(facts)
    ]
    assert lacking
    assert [one for facts in lacking for one in rule.check(facts)] == []


@pytest.mark.parametrize("feature", Feature)
def test_every_feature_occurs_and_has_rules(feature: Feature) -> None:
    assert any(feature in features_of(facts) for facts in FACTS)
    assert any(rule.feature is feature for rule in FEATURED)


def test_text_that_was_not_screened_may_have_every_feature_of_text() -> None:
    facts = facts_of("news", {"screening": {"unknown_reason": "gone", "outage": True}})
    assert isinstance(facts.screening, Unknown)
    assert len(features_of(facts) - {Feature.LINKS}) == len(set(Family) - {Family.MANNER})
