"""Operators' rules find, hold, wait and stay in shadow like rules of the law, and replay."""

from dataclasses import replace

import pytest

from app.domain.decision import Finding, Topic, Verdict
from app.domain.facts import Facts, Unknown
from app.domain.operator import OperatorMode, OperatorRule
from app.pushes.stored import facts_bytes, facts_from
from app.rules.engine import decide, encode
from app.rules.matrix import decision_json, finding_json
from tests.fixtures.facts import facts_of

NEWS = facts_of("news")
RULE = OperatorRule(
    id="operator-01",
    title_zh="深夜不推",
    title_en="Nothing at night",
    condition='title contains "秋粮"',
    topic=Topic.FREQUENCY,
    verdict=Verdict.HOLD,
    mode=OperatorMode.ENFORCE,
    basis="内部通知 2026-3",
    message_zh="标题提到秋粮。",
    message_en="The title speaks of grain.",
    fix_zh="换一个标题。",
    fix_en="Choose another title.",
)


def found(facts: Facts) -> list[Finding]:
    return [one for one in decide(facts).findings if one.rule == RULE.id]


def with_rule(facts: Facts = NEWS, **changes: object) -> Facts:
    return replace(facts, operator_rules=(replace(RULE, **changes),))  # type: ignore[arg-type]


def test_a_rule_finds_its_place_and_says_its_own_words() -> None:
    [finding] = found(with_rule())
    assert (finding.verdict, finding.pointer, finding.span) == (Verdict.HOLD, "/title", (2, 4))
    shown = finding_json(finding)
    assert shown["message"] == {"zh": RULE.message_zh, "en": RULE.message_en}
    assert shown["fix"] == {"zh": RULE.fix_zh, "en": RULE.fix_en}
    citation = shown["citation"]
    assert isinstance(citation, dict)
    assert citation["instrument_id"] == "operator-policy"
    assert citation["clause"] == RULE.basis
    assert citation["house"] is False


def test_a_rule_that_does_not_apply_finds_nothing() -> None:
    assert found(with_rule(condition='kind == "general"')) == []


def test_a_block_is_the_verdict_of_the_decision() -> None:
    assert decide(with_rule(verdict=Verdict.BLOCK)).verdict is Verdict.BLOCK


def test_a_condition_without_a_place_points_at_the_whole_push() -> None:
    [finding] = found(with_rule(condition='not title contains "夏粮"'))
    assert (finding.pointer, finding.span) == ("", None)


def test_shadow_notes_and_lets_pass_and_is_not_told_to_senders() -> None:
    facts = with_rule(mode=OperatorMode.SHADOW, verdict=Verdict.BLOCK)
    decision = decide(facts)
    assert [one.verdict for one in found(facts)] == [Verdict.ALLOW]
    assert decision.verdict is Verdict.HOLD
    assert "operator-01" not in str(decision_json(decision))
    blind = with_rule(
        replace(NEWS, surface=Unknown("gone", outage=True)),
        mode=OperatorMode.SHADOW, condition='surface.name == "a"',
    )  # fmt: skip
    assert found(blind) == []


@pytest.mark.parametrize("outage", [True, False])
def test_a_missing_fact_holds(outage: bool) -> None:
    blind = replace(NEWS, surface=Unknown("gone", outage=outage))
    [finding] = found(with_rule(blind, condition='surface.name == "a"'))
    assert finding.verdict is Verdict.HOLD
    assert finding.unverifiable == ("outage" if outage else "unknowable")
    assert "gone" in str(finding_json(finding)["message"])


def test_a_condition_that_cannot_be_read_any_more_holds() -> None:
    [finding] = found(with_rule(condition="no such thing"))
    assert (finding.code, finding.unverifiable) == ("rule-failed", "outage")


def test_a_decision_replays_with_the_rules_it_was_made_with() -> None:
    facts = with_rule()
    read_back = facts_from(facts_bytes(facts))
    assert read_back == facts
    assert encode(decide(read_back)) == encode(decide(facts))
