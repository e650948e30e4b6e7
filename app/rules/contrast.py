"""Contrast of two colours by WCAG 2.x, in whole hundredths, the same on every machine."""

import re
from decimal import Context, Decimal
from functools import lru_cache
from typing import Final

_COLOUR: Final = re.compile(r"#([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})\Z")
_EXACT: Final = Context(prec=28)
_SCALE: Final = 10**12
_FLARE: Final = 5 * _SCALE // 100
"""WCAG adds 0.05 to both luminances for the light that a screen reflects."""

_WEIGHTS: Final = (2126, 7152, 722)


@lru_cache(maxsize=4096)
def contrast(first: str, second: str) -> int | None:
    """Return 100 to 2100 for two colours `#RRGGBB`, rounded down; None if one is unreadable.

    Computed in integers: a float's last digit may differ from machine to machine, and a decision
    has to come out the same on all of them.
    """
    lights = [_luminance(colour) for colour in (first, second)]
    low, high = lights
    if low is None or high is None:
        return None
    if low > high:
        low, high = high, low
    return 100 * (high + _FLARE) // (low + _FLARE)


def ratio_text(hundredths: int) -> str:
    """Write 450 as `4.50`."""
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def _luminance(colour: str) -> int | None:
    match = _COLOUR.match(colour)
    if match is None:
        return None
    channels = (int(digits, 16) for digits in match.groups())
    weighted = zip(_WEIGHTS, channels, strict=True)
    return sum(weight * _linear(channel) for weight, channel in weighted) // 10_000


@lru_cache(maxsize=256)
def _linear(channel: int) -> int:
    """Undo the sRGB curve for one 8-bit channel."""
    part = _EXACT.divide(Decimal(channel), Decimal(255))
    if part <= Decimal("0.03928"):
        linear = _EXACT.divide(part, Decimal("12.92"))
    else:
        base = _EXACT.divide(part + Decimal("0.055"), Decimal("1.055"))
        linear = _EXACT.power(base, Decimal("2.4"))
    return int(linear * _SCALE)
