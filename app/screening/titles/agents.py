"""Compare who does what to whom where the popup turns a verb around with 被."""

import re
from collections.abc import Iterator
from typing import Final

from app.screening.titles.reading import Change, Original, Reading

_LIKELY = 60
_PASSIVE: Final = frozenset("被遭获受由让向对与和同")
_BY: Final = re.compile("[被遭]")


def made_passive(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield a 被 that makes the doer of the original's verb the one it was done to."""
    theirs = original.title
    if not _PASSIVE.isdisjoint(theirs.plain):
        return
    for mark in _BY.finditer(ours.plain):
        start, end = ours.clause_at(mark.start())
        before = _pairs(ours.plain[start : mark.start()])
        for verb, tag, at in ours.words:
            if mark.end() <= at < end and tag[0] == "v" and _is_done_by(verb, before, theirs):
                old = theirs.text[: theirs.plain.index(verb)] + verb
                new = ours.text[start : mark.end()] + verb
                yield Change("roles_exchanged", mark.span(), _LIKELY, old, new, "passive")
                return


def _is_done_by(verb: str, before: set[str], theirs: Reading) -> bool:
    """Say whether a title has what stands before 被 only before the verb: it is the doer there."""
    place = theirs.plain.find(verb) if len(verb) > 1 else -1
    if place < 0:
        return False
    first, rest = theirs.plain[theirs.clause_at(place)[0] : place], theirs.plain[place:]
    return any(pair in first for pair in before) and not any(pair in rest for pair in before)


def _pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}
