"""The signals about a news title that the rules on distortion and on click bait share out."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from app.domain.facts import Facts, Unknown
from app.domain.signals import Family, Signal

_BAIT: Final = "bait_"


def is_bait(signal: Signal) -> bool:
    """Say whether a signal speaks of click bait; every other one speaks of distortion."""
    return signal.kind.startswith(_BAIT)


def outermost(signals: Iterable[Signal]) -> Iterator[Signal]:
    """Yield signals without those that say the same of a part of the words of another."""
    seen: list[Signal] = []
    for one in sorted(signals, key=lambda one: one.span[0] - one.span[1]):
        if not any(_holds(other, one) for other in seen):
            seen.append(one)
            yield one


def _holds(other: Signal, one: Signal) -> bool:
    (low, high), (start, end) = other.span, one.span
    same = (other.kind, other.pointer) == (one.kind, one.pointer)
    return same and start < end and low <= start and end <= high


def enough(facts: Facts, limit: str, wanted: Callable[[Signal], bool]) -> tuple[Signal, ...]:
    """Return the wanted signals about the title, if they weigh as much as a limit; else none.

    None as well where the text was not screened, which is for the rules on content to say.
    """
    if isinstance(facts.screening, Unknown):
        return ()
    found = tuple(one for one in facts.screening.of_family(Family.TITLE) if wanted(one))
    return found if sum(one.weight for one in found) >= facts.limit(limit) else ()
