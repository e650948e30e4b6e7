"""Read numbers as they are written in Chinese text: digits, numerals, and both mixed."""

from functools import lru_cache
from typing import Final

_DIGITS: Final = {
    "零": 0, "〇": 0, "○": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5,
    "六": 6, "七": 7, "八": 8, "九": 9,
}  # fmt: skip
_TENS: Final = {"十": 10, "百": 100, "千": 1000}
_GROUPS: Final = {"万": 10_000, "亿": 100_000_000}

_SCALES: Final = {**_TENS, **_GROUPS}
_KEPT: Final = 4096
_NOWHERE: Final = "\0"
NUMERALS: Final = "零〇一二两三四五六七八九十百千万亿半"


@lru_cache(_KEPT)
def value_of(text: str) -> float:
    """Return the value of digits, numerals or digits with a scale ("1.2亿"); 0 for none."""
    head = text.rstrip("十百千万亿")
    scale = 1
    if head and head[-1].isdigit():
        for mark in text[len(head) :]:
            scale *= _SCALES[mark]
        return float(head.replace(",", "")) * scale
    if text == "半":
        return 0.5
    whole, point, fraction = text.partition("点")
    return _whole(whole) + (_fraction(fraction) if point else 0.0)


def numeral_of(value: float) -> str:
    """Return the letter of a number from two to nine, a mark that stands nowhere for any other."""
    return "两三四五六七八九"[int(value) - 2] if value in range(2, 10) else _NOWHERE


@lru_cache(_KEPT)
def step_of(text: str) -> float:
    """Return how much one more in the last written place is worth ("1.2亿": ten million)."""
    head = text.rstrip("十百千万亿")
    if not head or not head[-1].isdigit():
        return 1.0
    scale = value_of("1" + text[len(head) :])
    _, point, fraction = head.partition(".")
    return float(scale / 10 ** len(fraction)) if point else scale


def _whole(text: str) -> float:
    if len(text) > 1 and all(mark in _DIGITS for mark in text):
        return float("".join(str(_DIGITS[mark]) for mark in text))
    total, group, digit = 0.0, 0.0, 0.0
    for mark in text:
        if mark in _DIGITS:
            digit = _DIGITS[mark]
        elif mark in _TENS:
            group += (digit or 1) * _TENS[mark]
            digit = 0
        elif mark in _GROUPS:
            total = (total + group + digit or 1) * _GROUPS[mark]
            group = digit = 0
    return total + group + digit


def _fraction(text: str) -> float:
    return float("0." + "".join(str(_DIGITS[mark]) for mark in text))
