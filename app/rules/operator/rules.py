"""Operators' rules as rules of the engine: noticed, judged and cleared like those of the law."""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Final

from app.domain.decision import Breach, Citation, Param, Unverifiable, Verdict
from app.domain.facts import Facts
from app.domain.operator import OperatorMode, OperatorRule
from app.rules.instruments import OPERATOR_POLICY
from app.rules.operator.condition import compiled
from app.rules.operator.programs import Trace
from app.rules.rule import Check, Rule

PREFIX: Final = "operator-"
"""How the ids of operators' rules begin, and no other's."""

_CACHED: Final = 512
_ALWAYS: Final = date(2000, 1, 1)


def operator_rules(facts: Facts) -> list[Rule]:
    """Return the operator's rules that were in force when the facts were gathered."""
    return [_rule(one) for one in facts.operator_rules]


@lru_cache(maxsize=_CACHED)
def _rule(one: OperatorRule) -> Rule:
    return Rule(
        id=one.id,
        topic=one.topic,
        citation=Citation(OPERATOR_POLICY, one.basis),
        in_force=_ALWAYS,
        on_breach=one.verdict,
        check=_check(one),
    )


def _check(one: OperatorRule) -> Check:
    shadow = one.mode is OperatorMode.SHADOW
    words: dict[str, Param] = {
        "title_zh": one.title_zh,
        "title_en": one.title_en,
        "message_zh": one.message_zh,
        "message_en": one.message_en,
        "fix_zh": one.fix_zh,
        "fix_en": one.fix_en,
        "basis": one.basis,
        "shadow": shadow,
    }

    def check(facts: Facts) -> Iterator[Breach | Unverifiable]:
        # A condition of older code that cannot be read any more raises, which holds the push.
        trace = Trace()
        found = compiled(one.condition).run(facts, trace)
        if found:
            pointer, span = trace.places[0] if trace.places else ("", None)
            at_most = Verdict.ALLOW if shadow else Verdict.BLOCK
            yield Breach("operator-breach", pointer, span, words, at_most=at_most)
        elif found is None and not shadow:
            first = trace.missing[0]
            reason = {**words, "reason": first.unknown_reason}
            yield Unverifiable("operator-unknown", "", outage=first.outage, params=reason)

    return check
