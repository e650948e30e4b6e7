"""Advertising Law art. 34: who advertises is registered and checked before publishing."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from app.domain.decision import Breach, Topic, Verdict
from app.domain.facts import Facts
from app.rules.instruments import ADVERTISING_LAW, cite
from app.rules.rule import ADVERTISEMENTS, Rule

_SYMBOLS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_CODE = "/advertiser/credit_code"


def check(facts: Facts) -> Iterator[Breach]:
    push = facts.push
    if push.advertiser is None or not push.advertiser.name.strip():
        yield Breach("advertiser-missing", "/advertiser")
        return
    code = push.advertiser.credit_code
    if code is None or not code.strip():
        yield Breach("credit-code-missing", _CODE, at_most=Verdict.HOLD)
    elif not _is_credit_code(code.strip()):
        yield Breach("credit-code-wrong", _CODE, params={"code": code}, at_most=Verdict.HOLD)


def _is_credit_code(code: str) -> bool:
    """Check the last character of a unified social credit code (GB 32100-2015)."""
    if len(code) != len(_WEIGHTS) + 1 or any(symbol not in _SYMBOLS for symbol in code):
        return False
    weighted = zip(code[:-1], _WEIGHTS, strict=True)
    total = sum(_SYMBOLS.index(symbol) * weight for symbol, weight in weighted)
    return _SYMBOLS[-total % len(_SYMBOLS)] == code[-1]


RULE = Rule(
    id="ads-34-advertiser",
    topic=Topic.ADVERTISER,
    citation=cite(ADVERTISING_LAW, 34),
    in_force=date(2015, 9, 1),
    kinds=ADVERTISEMENTS,
    on_breach=Verdict.BLOCK,
    check=check,
)
