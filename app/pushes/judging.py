"""The judgements of a push's texts: a function a family, all that they notice in one tuple."""

from collections.abc import Callable, Iterable
from typing import Final

from app.domain.push import PushRequest
from app.domain.signals import Signal
from app.screening import advertising

Judge = Callable[[PushRequest], Iterable[Signal]]

# In the order of the families. Each runs at every push, so it costs microseconds and never waits.
_JUDGES: Final[tuple[Judge, ...]] = (advertising.judge,)


def signals(request: PushRequest) -> tuple[Signal, ...]:
    """Return what every judgement noticed in a push, in the order of the families.

    Pure: the same push gives the same signals, which are stored with the screening report.
    """
    return tuple(signal for judge in _JUDGES for signal in judge(request))
