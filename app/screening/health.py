"""Judge whether a text introduces knowledge about health beside what a seller would put there."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from app.domain.signals import Family, Signal
from app.screening.cues import CueBook, Met, apart
from app.screening.plain import Plain

KNOWLEDGE: Final = "health_knowledge"
PLACE: Final = "seller_place"
# The last letter of every word for an address, without which none can be met.
_ADDRESS: Final = ("址", "地点")
_WAYS: Final = frozenset({"contact", "call", "means"})
_FULL: Final = 100


def judge(texts: Sequence[tuple[str, str]], noticed: Sequence[Signal]) -> Iterator[Signal]:
    """Yield how much the (pointer, text) fields teach about health, and a seller's address there.

    Asked only where there is a contact or a way to buy among what was `noticed`, or an address;
    without those such a text is what it says it is.
    """
    is_addressed = any(word in text for _, text in texts for word in _ADDRESS)
    if not is_addressed and not any(map(_shows_seller, noticed)):
        return
    met = [one for pointer, text in texts for one in apart(_book().find(pointer, Plain.read(text)))]
    for one in met:
        if one.cue.kind == "place":
            yield _signal(PLACE, one, one.cue.weight)
    topics = [one for one in met if one.cue.kind == "topic"]
    manners = [one for one in met if one.cue.kind == "manner"]
    if topics and manners:
        weight = _weight(topics) + _weight(manners)
        yield _signal(KNOWLEDGE, manners[0], min(_FULL, weight))


def _shows_seller(signal: Signal) -> bool:
    is_way = signal.family is Family.ADVERTISING and signal.kind in _WAYS
    return is_way or signal.family is Family.CONTACT


def _weight(met: list[Met]) -> int:
    """Return the weight of the strongest, and half of the next in other words."""
    by_words = {one.words: one.cue.weight for one in met}
    first, *others = sorted(by_words.values(), reverse=True)
    return first + sum(others[:1]) // 2


def _signal(kind: str, met: Met, weight: int) -> Signal:
    return Signal(Family.CLAIM, kind, met.pointer, met.span, weight, {"text": met.words})


@cache
def _book() -> CueBook:
    return CueBook.load("health")
