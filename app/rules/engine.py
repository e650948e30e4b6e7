"""The pure decision: every rule in force, all findings, the worst verdict that nobody cleared."""

import contextlib
from collections.abc import Iterable
from datetime import date, timedelta, timezone
from functools import lru_cache

from app.domain.canonical import plain_canonical_bytes
from app.domain.decision import (
    Breach,
    Decision,
    Finding,
    Ruling,
    RulingVerdict,
    Topic,
    Unverifiable,
    Verdict,
)
from app.domain.facts import Facts
from app.domain.push import ContentKind
from app.rules.catalogue import CATALOGUE
from app.rules.features import Feature, features_of
from app.rules.operator.rules import operator_rules
from app.rules.rule import Noticed, Rule

RULE_FAILED = "rule-failed"
OUTAGE, UNKNOWABLE = "outage", "unknowable"

_BEIJING = timezone(timedelta(hours=8))


class NoRulesInForceError(RuntimeError):
    """There is no rule to decide by; that must never read as "allow"."""


def beijing_date(facts: Facts) -> date:
    """Return the day on which the decision is made; the law counts in Beijing days."""
    return facts.now.astimezone(_BEIJING).date()


def decide(facts: Facts, rules: Iterable[Rule] = CATALOGUE) -> Decision:
    """Run every rule in force and return all findings, in the order of `rules`.

    The operator's own rules stand among the facts and come last.

    The same facts give the same decision, always: nothing but `facts` and `rules` is read. A
    rule that raises holds the push like an outage. Raises `NoRulesInForceError` if there is none.
    """
    asked = (beijing_date(facts), facts.push.kind, features_of(facts))
    standing = _law_for(*asked) if rules is CATALOGUE else _standing(rules, *asked)
    clearing = _clearing(facts)
    findings: list[Finding] = []
    for rule in (*standing, *operator_rules(facts)):
        try:
            noticed = [*rule.check(facts)]
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the push must not pass
            noticed = [*_before_failure(rule, facts), _failed(error)]
        if noticed:
            findings += [_finding(rule, one, clearing.get(rule.id)) for one in noticed]
    return Decision(
        verdict=_worst(findings),
        rule_set=facts.versions.rule_set,
        rule_pack=facts.versions.rule_pack,
        findings=tuple(findings),
    )


@lru_cache(maxsize=512)
def _law_for(day: date, kind: ContentKind, features: frozenset[Feature]) -> tuple[Rule, ...]:
    return _standing(CATALOGUE, day, kind, features)


def _standing(
    rules: Iterable[Rule], day: date, kind: ContentKind, features: frozenset[Feature]
) -> tuple[Rule, ...]:
    in_force = [rule for rule in rules if rule.in_force_on(day)]
    if not in_force:
        raise NoRulesInForceError(f"no rule is in force on {day}")
    return tuple(
        rule
        for rule in in_force
        if kind in rule.kinds and (rule.feature is None or rule.feature in features)
    )


def encode(decision: Decision) -> bytes:
    """Return the canonical bytes of a decision: what is stored, hashed and compared on replay."""
    return plain_canonical_bytes(
        {
            "verdict": decision.verdict.value,
            "rule_set": decision.rule_set,
            "rule_pack": decision.rule_pack,
            "findings": [
                {
                    "rule": finding.rule,
                    "topic": finding.topic.value,
                    "verdict": finding.verdict.value,
                    "code": finding.code,
                    "pointer": finding.pointer,
                    "span": None if finding.span is None else list(finding.span),
                    "params": dict(finding.params),
                    "unverifiable": finding.unverifiable,
                    "cleared_by": finding.cleared_by,
                }
                for finding in decision.findings
            ],
        }
    )


def _before_failure(rule: Rule, facts: Facts) -> list[Noticed]:
    """Run a rule that failed once more, for what it noticed before, which still counts."""
    noticed: list[Noticed] = []
    with contextlib.suppress(Exception):
        for one in rule.check(facts):
            noticed.append(one)  # noqa: PERF402 - `extend` would not promise to keep the first ones
    return noticed


def _failed(error: Exception) -> Unverifiable:
    return Unverifiable(RULE_FAILED, "", outage=True, params={"error": type(error).__name__})


def _finding(rule: Rule, noticed: Noticed, ruling: str | None) -> Finding:
    if isinstance(noticed, Breach):
        verdict = min(rule.on_breach, noticed.at_most, key=lambda one: one.rank)
        return Finding(
            rule=rule.id,
            topic=rule.topic,
            verdict=verdict,
            code=noticed.code,
            pointer=noticed.pointer,
            span=noticed.span,
            params=noticed.params,
            unverifiable=None,
            cleared_by=ruling if verdict is Verdict.HOLD else None,
        )
    return Finding(
        rule=rule.id,
        topic=Topic.UNVERIFIABLE,
        verdict=Verdict.HOLD,
        code=noticed.code,
        pointer=noticed.pointer,
        span=noticed.span,
        params=noticed.params,
        unverifiable=OUTAGE if noticed.outage else UNKNOWABLE,
        cleared_by=None if noticed.outage else ruling,
    )


def _clearing(facts: Facts) -> dict[str, str]:
    """Map each rule id that a person cleared to the ruling that did.

    Only approvals over exactly these bytes by somebody who did not submit them count, and none
    that was given before a refusal or return of the same bytes.
    """
    cleared: dict[str, str] = {}
    for ruling in sorted(facts.rulings, key=lambda one: (one.given_at, one.id)):
        if ruling.digest != facts.push_digest:
            continue
        if ruling.verdict is not RulingVerdict.APPROVE:
            cleared.clear()
        elif _independent(ruling, facts):
            for rule in ruling.clears:
                cleared.setdefault(rule, ruling.id)
    return cleared


def _independent(ruling: Ruling, facts: Facts) -> bool:
    return ruling.reviewer not in {"", facts.submitter, ruling.submitter}


def _worst(findings: Iterable[Finding]) -> Verdict:
    verdicts = (finding.verdict for finding in findings if finding.cleared_by is None)
    return max(verdicts, key=lambda one: one.rank, default=Verdict.ALLOW)
