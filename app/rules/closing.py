"""What one-tap closing asks of the close mark; the rules on ads and on all else share it."""

from collections.abc import Iterator
from typing import Final

from app.domain.decision import Breach, Unverifiable, Verdict
from app.domain.facts import Facts
from app.domain.push import Presentation
from app.rules import limits
from app.rules.contrast import contrast, ratio_text
from app.rules.geometry import close_box

AT_ONCE: Final = 0
ONE_TAP: Final = 1
"""Words of the law (一键关闭, no countdown), not numbers that anybody may set."""

_CLOSE: Final = "/presentation/close"


def obstacles(facts: Facts, form: Verdict) -> Iterator[Breach | Unverifiable]:
    """Yield what keeps a recipient from closing the popup with one tap, at once.

    `form` is the most that the size and the contrast of the mark may cost: they are asked for by
    a standard, where all else is asked for by the law itself.
    """
    shown = facts.push.presentation
    if not shown.close.present:
        yield Breach("close-missing", _CLOSE + "/present")
        return
    yield from _behaviour(shown)
    if not close_box(shown.close).inside(shown.frame):
        yield Breach("close-outside-frame", _CLOSE + "/x_dp")
    yield from _form(facts, form)


def _behaviour(shown: Presentation) -> Iterator[Breach]:
    close = shown.close
    if close.delay_ms != AT_ONCE:
        yield Breach("close-delayed", _CLOSE + "/delay_ms", params={"delay_ms": close.delay_ms})
    if close.taps != ONE_TAP:
        yield Breach("close-many-taps", _CLOSE + "/taps", params={"taps": close.taps})
    if close.opens_url is not None:
        yield Breach("close-opens", _CLOSE + "/opens_url", params={"url": close.opens_url})
    if close.reopens:
        yield Breach("close-reopens", _CLOSE + "/reopens")


def _form(facts: Facts, at_most: Verdict) -> Iterator[Breach | Unverifiable]:
    close = facts.push.presentation.close
    side = facts.limit(limits.CLOSE_MIN_SIDE)
    if min(close.width_dp, close.height_dp) < side:
        size = {"width_dp": close.width_dp, "height_dp": close.height_dp, "limit_dp": side}
        yield Breach("close-too-small", _CLOSE + "/width_dp", params=size, at_most=at_most)
    ratio = contrast(close.color, close.background)
    least = facts.limit(limits.CLOSE_MIN_CONTRAST)
    if ratio is None:
        yield Unverifiable("close-color-unreadable", _CLOSE + "/color", outage=False)
    elif ratio < least:
        figures = {"contrast": ratio_text(ratio), "limit": ratio_text(least)}
        yield Breach("close-faint", _CLOSE + "/color", params=figures, at_most=at_most)
