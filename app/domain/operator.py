"""A rule that an operator wrote: a condition over facts, its verdict and its words."""

from enum import StrEnum

from app.domain.decision import Topic, Verdict
from app.domain.values import dataclass


class OperatorMode(StrEnum):
    """Whether a rule counts, or is only noted while one watches what it would find."""

    ENFORCE = "enforce"
    SHADOW = "shadow"


@dataclass(frozen=True, slots=True)
class OperatorRule:
    """One rule of an operator, stored with every decision that it was part of.

    `condition` is in the language of `app/rules/operator`; `basis` says in words what the rule
    rests on (a clause, an order, a policy of the house).
    """

    id: str
    title_zh: str
    title_en: str
    condition: str
    topic: Topic
    verdict: Verdict
    mode: OperatorMode
    basis: str
    message_zh: str
    message_en: str
    fix_zh: str
    fix_en: str
