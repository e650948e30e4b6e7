"""The signals about a news title that the rules on distortion and on click bait share out."""

from collections.abc import Callable
from typing import Final

from app.domain.facts import Facts, Unknown
from app.domain.signals import Family, Signal

_BAIT: Final = "bait_"


def is_bait(signal: Signal) -> bool:
    """Say whether a signal speaks of click bait; every other one speaks of distortion."""
    return signal.kind.startswith(_BAIT)


def enough(facts: Facts, limit: str, wanted: Callable[[Signal], bool]) -> tuple[Signal, ...]:
    """Return the wanted signals about the title, if they weigh as much as a limit; else none.

    None as well where the text was not screened, which is for the rules on content to say.
    """
    if isinstance(facts.screening, Unknown):
        return ()
    found = tuple(one for one in facts.screening.of_family(Family.TITLE) if wanted(one))
    return found if sum(one.weight for one in found) >= facts.limit(limit) else ()
