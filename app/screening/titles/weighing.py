"""Say how much all that was found in a title weighs together, by weights that were learned."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Final

from app.screening.tables import title_weights
from app.screening.titles.reading import Change, Original, Reading

START: Final = "start"
"""What a title weighs in which nothing was found, and which has nothing to say for itself."""
LETTER: Final = "letter-"
"""Begins the name of a letter that the title has and the original has not."""
WORD: Final = "word-"
"""Begins the name of what a word of the title does that the original has not."""
NEAR: Final = "near"
"""How much of the title's words the original's title has; by itself, and of a kind of change."""
_UNSAID: Final = "unsaid"
_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
_MARKS: Final = {"“": "quoted", "!": "shouted", "?": "asked"}
_WHOLE: Final = 100
_THREE: Final = 3
_ALSO: Final = f"{WORD}also-"
_SETS: Final = "set"


_Place = tuple[str, tuple[int, int], str]
"""Kind and span of a change, and what was lost where it has no place."""


def sign_of(change: Change) -> str:
    """Return the name that the weight of a change stands under."""
    return f"{change.kind}/{change.ground}" if change.ground else change.kind


def signs(ours: Reading, original: Original, changes: Iterable[Change]) -> dict[str, int]:
    """Return what speaks for a distortion or against it, each in hundredths.

    A kind of change counts once however often it was found. Besides these count how much of the
    title the original has in other words or not at all, which letters and words these are, and
    how it speaks. A kind of change counts besides by how near the title stays to the original's,
    for whoever keeps all else and drops a doubt means it. How long it is does not count, though
    it would tell the authors of the pairs apart: one shortens faithfully, another distorts so.
    """
    found = tuple(changes)
    told = {sign_of(change): _WHOLE for change in found}
    unsaid = sum(change.ground.startswith(_UNSAID) for change in found)
    told[_UNSAID] = min(unsaid, _THREE) * _WHOLE // _THREE
    plain, known = ours.plain, original.whole.plain
    letters = set(_HAN.findall(plain))
    fresh = letters - original.whole.letters
    told["new_letters"] = _share(len(fresh), len(letters))
    pairs = [one + two for one, two in pairwise(plain) if one in letters and two in letters]
    told["new_pairs"] = _share(sum(pair not in known for pair in pairs), len(pairs))
    near = _share(sum(pair in original.title.plain for pair in pairs), len(pairs))
    told |= dict.fromkeys((NEAR, *(f"{change.kind}~{NEAR}" for change in found)), near)
    told.update((name, _WHOLE) for mark, name in _MARKS.items() if mark in plain)
    told |= dict.fromkeys([LETTER + letter for letter in fresh], _WHOLE)
    told |= dict.fromkeys(_words(ours, original.whole), _WHOLE)
    return told


def _words(ours: Reading, known: Reading) -> Iterator[str]:
    """Yield what words do that the original has not; `also` where another word of it does so."""
    does = known.marks.classes
    for word in ours.marks.all:
        if word.word not in known.plain:
            for name in word.classes:
                if not name.startswith(_SETS):
                    yield (_ALSO if name in does else WORD) + name


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

    Each has a share as large as what it weighs by itself and by what was learned. What was
    noticed twice at one place is one change; what has no share is left out.
    """
    weights = _weights()
    total = min(_WHOLE, score(signs(ours, original, found), weights)) if found else 0
    if total <= 0:
        return []
    parts: dict[_Place, int] = {}
    first: dict[_Place, Change] = {}
    for change in found:
        own = change.weight * max(1, weights.get(sign_of(change), 0))
        key = change.kind, change.span, change.old if change.span == (0, 0) else ""
        parts[key] = parts.get(key, 0) + own
        first.setdefault(key, change)
    whole = sum(parts.values())
    shares = {key: total * part // whole for key, part in parts.items()}
    shares[max(parts, key=parts.__getitem__)] += total - sum(shares.values())
    return [_with(first[key], share) for key, share in shares.items() if share]


def _with(change: Change, weight: int) -> Change:
    return Change(change.kind, change.span, weight, change.old, change.new)
