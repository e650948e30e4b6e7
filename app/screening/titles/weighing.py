"""Say how much all that was found in a title weighs together, by weights that were learned."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Final

from app.screening.tables import title_weights
from app.screening.titles.reading import Change, Original, Reading

START: Final = "start"
"""What a title weighs in which nothing was found, and which has nothing to say for itself."""
_BY_HAND: Final = "by_hand"
_UNSAID: Final = "unsaid"
_NEW_LETTERS: Final = "new_letters"
_NEW_PAIRS: Final = "new_pairs"
_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
_PAIRS: Final = re.compile(r"(?=([\u4e00-\u9fff]{2}))")
_WHOLE: Final = 100
_CLEAR: Final = 60
_TWO: Final = 200
_THREE: Final = 3


_Place = tuple[str, tuple[int, int], str]
"""Kind and span of a change, and what was lost where it has no place."""


def sign_of(change: Change) -> str:
    """Return the name that the weight of a change stands under."""
    return f"{change.kind}/{change.ground}" if change.ground else change.kind


def signs(ours: Reading, original: Original, found: Iterable[Change]) -> dict[str, int]:
    """Return what speaks for a distortion or against it, each in hundredths.

    A kind of change counts once however often it was found. Besides these count what the changes
    weigh by themselves, and how much of the title the original has in other words or not at all.
    """
    told: dict[str, int] = {}
    by_hand = unsaid = 0
    for change in found:
        told[sign_of(change)] = _WHOLE
        by_hand += change.weight if change.weight >= _CLEAR else 0
        unsaid += change.ground.startswith(_UNSAID)
    told[_BY_HAND] = min(by_hand, _TWO)
    told[_UNSAID] = min(unsaid, _THREE) * _WHOLE // _THREE
    known = original.whole.plain
    letters = set(_HAN.findall(ours.plain))
    told[_NEW_LETTERS] = _share(len(letters.difference(known)), len(letters))
    pairs = _PAIRS.findall(ours.plain)
    told[_NEW_PAIRS] = _share(len(pairs) - sum(map(known.__contains__, pairs)), len(pairs))
    return told


def _share(part: int, whole: int) -> int:
    return part * _WHOLE // max(1, whole)


def score(told: Mapping[str, int], weights: Mapping[str, int]) -> int:
    """Return what signs weigh together, in the hundredths of the rule's limit; may be negative."""
    total = sum(weights.get(name, 0) * share for name, share in told.items())
    return weights.get(START, 0) + total // _WHOLE


@cache
def _weights() -> dict[str, int]:
    return dict(title_weights())


def weighed(ours: Reading, original: Original, found: Sequence[Change]) -> list[Change]:
    """Return the changes with their shares of what all weigh together, 100 at most.

    What was noticed twice at one place is one change; what weighs nothing is left out.
    """
    weights = _weights()
    total = min(_WHOLE, score(signs(ours, original, found), weights)) if found else 0
    if total <= 0:
        return []
    by_hand = weights.get(_BY_HAND, 0)
    parts: dict[_Place, int] = {}
    first: dict[_Place, Change] = {}
    for change in found:
        own = max(0, weights.get(sign_of(change), 0))
        if change.weight >= _CLEAR:
            own += by_hand * change.weight // _WHOLE
        if own > 0:
            key = change.kind, change.span, change.old if change.span == (0, 0) else ""
            parts[key] = parts.get(key, 0) + own
            first.setdefault(key, change)
    if not parts:
        return []
    whole = sum(parts.values())
    shares = {key: total * part // whole for key, part in parts.items()}
    shares[max(parts, key=parts.__getitem__)] += total - sum(shares.values())
    return [_with(first[key], share) for key, share in shares.items() if share]


def _with(change: Change, weight: int) -> Change:
    return Change(change.kind, change.span, weight, change.old, change.new)
