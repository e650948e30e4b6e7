"""The engine runs every rule, takes the worst verdict, and never passes on missing facts."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.decision import (
    Breach,
    Decision,
    Ruling,
    RulingVerdict,
    Topic,
    Unverifiable,
    Verdict,
)
from app.domain.facts import Facts, Unknown
from app.domain.push import ContentKind
from app.rules.catalogue import CATALOGUE
from app.rules.engine import RULE_FAILED, NoRulesInForceError, decide, encode
from app.rules.features import Feature
from app.rules.instruments import HOUSE, cite
from app.rules.rule import ADVERTISEMENTS, Noticed, Rule
from tests.fixtures.facts import facts_of

FACTS = facts_of("news")
GIVEN = datetime(2026, 11, 20, 3, tzinfo=UTC)
ALL_IDS = tuple(rule.id for rule in CATALOGUE)


def a_rule(*noticed: Noticed, on_breach: Verdict = Verdict.HOLD, name: str = "r") -> Rule:
    def check(facts: Facts) -> Iterable[Noticed]:
        assert facts is not None
        return noticed

    return Rule(name, Topic.TAGS, cite(HOUSE, 1), date(2020, 1, 1), on_breach, check)


def a_ruling(**changes: object) -> Ruling:
    ruling = Ruling(
        id="rul_1",
        push_id="psh_1",
        digest=FACTS.push_digest,
        verdict=RulingVerdict.APPROVE,
        reviewer="staff:stf_1",
        submitter=FACTS.submitter,
        clause=None,
        reason="属实",
        clears=("r", *ALL_IDS),
        given_at=GIVEN,
    )
    return replace(ruling, **changes)  # type: ignore[arg-type]


def ruled(*rulings: Ruling, facts: Facts = FACTS) -> Facts:
    return replace(facts, rulings=rulings)


breaches = st.builds(
    Breach,
    code=st.sampled_from(["a", "b"]),
    pointer=st.just("/title"),
    at_most=st.sampled_from(Verdict),
)
unverifiables = st.builds(
    Unverifiable, code=st.just("u"), pointer=st.just("/body"), outage=st.booleans()
)
rules = st.builds(
    lambda noticed, verdict: a_rule(*noticed, on_breach=verdict),
    st.lists(breaches | unverifiables, max_size=4),
    st.sampled_from(Verdict),
)


def test_no_rules_is_an_error_and_not_an_allow() -> None:
    with pytest.raises(NoRulesInForceError):
        decide(FACTS, ())


def test_no_rule_in_force_is_an_error_and_not_an_allow() -> None:
    with pytest.raises(NoRulesInForceError, match="2026-11-20"):
        decide(FACTS, [replace(a_rule(), repealed=date(2026, 11, 20))])


@pytest.mark.parametrize(
    ("now", "found"),
    [("2026-11-19T15:59:59+00:00", 0), ("2026-11-19T16:00:00+00:00", 1)],
)
def test_a_rule_comes_into_force_at_midnight_in_beijing(now: str, found: int) -> None:
    rule = replace(a_rule(Breach("a", "")), in_force=date(2026, 11, 20))
    facts = replace(FACTS, now=datetime.fromisoformat(now))
    assert len(decide(facts, [rule, a_rule(name="other")]).findings) == found


def test_a_repealed_rule_speaks_until_the_day_before() -> None:
    rule = replace(a_rule(Breach("a", "")), repealed=date(2026, 11, 21))
    assert len(decide(FACTS, [rule]).findings) == 1


def test_a_rule_speaks_of_its_kinds_of_push_alone() -> None:
    rule = replace(a_rule(Breach("a", "")), kinds=ADVERTISEMENTS)
    assert decide(FACTS, [rule, a_rule(name="other")]).findings == ()
    assert len(decide(facts_of("advertisement"), [rule]).findings) == 1


@pytest.mark.parametrize("kind", ContentKind)
def test_some_rule_of_the_catalogue_speaks_of_every_push(kind: ContentKind) -> None:
    always = [one for one in CATALOGUE if kind in one.kinds and one.feature is None]
    assert any(one.in_force_on(date(2023, 1, 1)) and one.repealed is None for one in always)


def test_a_rule_without_its_feature_is_not_asked() -> None:
    rule = replace(a_rule(Breach("a", "")), feature=Feature.PICTURES)
    assert decide(FACTS, [rule]).findings == ()


def test_a_decision_names_the_versions_of_its_facts() -> None:
    decision = decide(FACTS)
    assert (decision.rule_set, decision.rule_pack) == ("sha256:44", "pack-1")


def test_findings_come_in_the_order_of_the_rules() -> None:
    first, second = (a_rule(Breach("a", ""), name=name) for name in ("z", "a"))
    assert [finding.rule for finding in decide(FACTS, [first, second]).findings] == ["z", "a"]


def test_a_rule_that_raises_holds_like_an_outage_and_keeps_what_it_had_found() -> None:
    def check(facts: Facts) -> Iterator[Noticed]:
        yield Breach("a", "/title")
        raise ZeroDivisionError(facts.submitter)

    decision = decide(ruled(a_ruling()), [replace(a_rule(), check=check, on_breach=Verdict.BLOCK)])
    assert [finding.code for finding in decision.findings] == ["a", "rule-failed"]
    assert decision.verdict is Verdict.BLOCK
    failed = decision.findings[1]
    assert (failed.unverifiable, failed.cleared_by) == ("outage", None)
    assert failed.params == {"error": "ZeroDivisionError"}


def test_a_rule_that_raises_only_the_first_time_holds_all_the_same() -> None:
    asked = []

    def check(facts: Facts) -> Iterable[Noticed]:
        asked.append(facts)
        if len(asked) == 1:
            raise ValueError
        return [Breach("a", "")]

    found = decide(FACTS, [replace(a_rule(), check=check)]).findings
    assert [finding.code for finding in found] == ["a", RULE_FAILED]


def test_a_rule_that_raises_before_it_yields_does_not_let_pass() -> None:
    def check(facts: Facts) -> list[Noticed]:
        raise KeyError(facts.submitter)

    decision = decide(ruled(a_ruling()), [replace(a_rule(), check=check)])
    assert decision.verdict is Verdict.HOLD
    assert decision.waits_for_outage


def test_a_breach_may_ask_for_less_than_its_rule_but_not_for_more() -> None:
    less = a_rule(Breach("a", "", at_most=Verdict.HOLD), on_breach=Verdict.BLOCK)
    more = a_rule(Breach("a", "", at_most=Verdict.BLOCK), on_breach=Verdict.HOLD)
    assert decide(FACTS, [less]).verdict is Verdict.HOLD
    assert decide(FACTS, [more]).verdict is Verdict.HOLD


def test_an_unverifiable_fact_has_its_own_topic() -> None:
    noticed = Unverifiable("u", "/source", outage=False, span=(3, 5))
    decision = decide(FACTS, [a_rule(noticed)])
    assert decision.findings[0].topic is Topic.UNVERIFIABLE
    assert decision.findings[0].span == (3, 5)


@given(st.lists(rules, min_size=1, max_size=5))
def test_the_worst_finding_gives_the_verdict(given_rules: list[Rule]) -> None:
    decision = decide(FACTS, given_rules)
    worst = max((finding.verdict.rank for finding in decision.findings), default=0)
    assert decision.verdict.rank == worst


@given(st.lists(rules, min_size=1, max_size=5))
def test_a_ruling_never_clears_a_block_or_an_outage(given_rules: list[Rule]) -> None:
    decision = decide(ruled(a_ruling()), given_rules)
    for finding in decision.findings:
        held = finding.verdict is Verdict.HOLD and finding.unverifiable != "outage"
        assert finding.cleared_by == ("rul_1" if held else None)
    blocked = any(finding.verdict is Verdict.BLOCK for finding in decision.findings)
    assert (decision.verdict is Verdict.BLOCK) == blocked
    if not blocked:
        assert (decision.verdict is Verdict.HOLD) == decision.waits_for_outage


@given(st.lists(rules, min_size=1, max_size=5))
def test_what_cannot_be_checked_never_passes_without_a_ruling(given_rules: list[Rule]) -> None:
    decision = decide(FACTS, given_rules)
    if any(finding.unverifiable for finding in decision.findings):
        assert decision.verdict is not Verdict.ALLOW


@pytest.mark.parametrize(
    "changes",
    [
        {"digest": "sha256:other"},
        {"reviewer": FACTS.submitter},
        {"reviewer": "staff:stf_9", "submitter": "staff:stf_9"},
        {"reviewer": ""},
        {"clears": ()},
        {"clears": ("popup-05-08-ad-label",)},
        {"verdict": RulingVerdict.REFUSE},
        {"verdict": RulingVerdict.RETURN},
    ],
)
def test_only_an_independent_approval_of_these_bytes_clears_the_hold_it_names(
    changes: dict[str, object],
) -> None:
    assert decide(FACTS).verdict is Verdict.HOLD
    assert decide(ruled(a_ruling())).verdict is Verdict.ALLOW
    assert decide(ruled(a_ruling(**changes))).verdict is Verdict.HOLD


def test_a_later_refusal_of_the_same_bytes_takes_an_approval_back() -> None:
    refusal = a_ruling(
        id="rul_2", verdict=RulingVerdict.REFUSE, given_at=GIVEN + timedelta(seconds=1)
    )
    assert decide(ruled(refusal, a_ruling())).verdict is Verdict.HOLD


def test_an_approval_after_a_refusal_counts() -> None:
    refusal = a_ruling(
        id="rul_2", verdict=RulingVerdict.REFUSE, given_at=GIVEN - timedelta(seconds=1)
    )
    assert decide(ruled(a_ruling(), refusal)).verdict is Verdict.ALLOW


def test_of_two_approvals_the_earlier_one_is_recorded() -> None:
    second = a_ruling(id="rul_0", reviewer="staff:stf_2", given_at=GIVEN + timedelta(seconds=1))
    decision = decide(ruled(second, a_ruling()))
    assert {finding.cleared_by for finding in decision.findings} == {"rul_1"}


def test_a_refusal_of_other_bytes_changes_nothing() -> None:
    refusal = a_ruling(
        id="rul_2",
        verdict=RulingVerdict.REFUSE,
        digest="sha256:other",
        given_at=GIVEN + timedelta(seconds=1),
    )
    assert decide(ruled(a_ruling(), refusal)).verdict is Verdict.ALLOW


@pytest.mark.parametrize("fact", ["surface", "source", "screening", "caps"])
@pytest.mark.parametrize("outage", [True, False])
def test_an_unknown_fact_never_allows(fact: str, outage: bool) -> None:
    unknown = replace(FACTS, **{fact: Unknown("gone", outage=outage)})  # type: ignore[arg-type]
    decision = decide(unknown, [rule for rule in CATALOGUE if rule.id != "human-review"])
    assert decision.verdict is Verdict.HOLD
    assert decision.waits_for_outage == outage
    after = decide(ruled(a_ruling(), facts=unknown))
    assert after.verdict is (Verdict.HOLD if outage else Verdict.ALLOW)


def decided_twice(facts: Facts) -> tuple[bytes, bytes]:
    return encode(decide(facts)), encode(decide(replace(facts)))


@given(
    base=st.sampled_from(["news", "advertisement", "general"]),
    url=st.text(max_size=40).filter(lambda text: text.isprintable()),
    color=st.from_regex(r"#[0-9A-F]{6}", fullmatch=True),
    size=st.integers(0, 400),
)
def test_the_same_facts_give_the_same_bytes(base: str, url: str, color: str, size: int) -> None:
    facts = facts_of(
        base,
        {
            "push.link.url": url,
            "push.presentation.close.color": color,
            "push.presentation.close.width_dp": size,
        },
    )
    first, second = decided_twice(facts)
    assert first == second


def test_the_open_holds_name_each_rule_once_until_it_is_cleared() -> None:
    twice = a_rule(Breach("a", ""), Unverifiable("u", "", outage=False))
    blocked = a_rule(Breach("a", ""), on_breach=Verdict.BLOCK, name="b")
    assert decide(FACTS, [twice, blocked]).open_holds == ("r",)
    assert decide(ruled(a_ruling()), [twice, blocked]).open_holds == ()


def test_the_bytes_of_a_decision_are_canonical_and_complete() -> None:
    decision = Decision(Verdict.HOLD, "rs", "rp", decide(FACTS).findings)
    assert encode(decision) == (
        b'{"findings":[{"cleared_by":null,"code":"person-needed","params":{},"pointer":"",'
        b'"rule":"human-review","span":null,"topic":"human_review","unverifiable":null,'
        b'"verdict":"hold"}],"rule_pack":"rp","rule_set":"rs","verdict":"hold"}'
    )


def test_a_span_is_part_of_the_bytes() -> None:
    rule = a_rule(Breach("a", "/title", (3, 7), {"term": "词"}))
    text = encode(decide(FACTS, [rule])).decode()
    assert '"span":[3,7]' in text
    assert '"params":{"term":"词"}' in text
