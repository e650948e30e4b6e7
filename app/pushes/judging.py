"""The judgements of a push's texts: a function a family, all that they notice in one tuple."""

from collections.abc import Callable, Iterable
from typing import Final

from app.clock import beijing_day
from app.domain.push import ContentKind, PushRequest
from app.domain.signals import Signal
from app.screening import advertising
from app.screening.titles.judge import OriginalTexts, title_signals

Judge = Callable[[PushRequest], Iterable[Signal]]


def _title(request: PushRequest) -> Iterable[Signal]:
    """Compare news with its original; an advertisement's title is for the rules on claims."""
    if request.kind is ContentKind.ADVERTISEMENT:
        return ()
    source = request.source if request.kind is ContentKind.NEWS else None
    if source is None or not (source.title or "").strip():
        return title_signals(request.title, request.body, None)
    published = None if source.published_at is None else beijing_day(source.published_at)
    original = OriginalTexts(source.title or "", source.lead or "", published)
    return title_signals(request.title, request.body, original)


# In the order of the families. Each runs at every push, so it costs microseconds and never waits.
_JUDGES: Final[tuple[Judge, ...]] = (advertising.judge, _title)


def signals(request: PushRequest) -> tuple[Signal, ...]:
    """Return what every judgement noticed in a push, in the order of the families.

    Pure: the same push gives the same signals, which are stored with the screening report.
    """
    return tuple(signal for judge in _JUDGES for signal in judge(request))
