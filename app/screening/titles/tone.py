"""Compare how a title speaks: louder than the original, or asking what the original states."""

import re
from collections.abc import Iterator
from typing import Final

from app.screening.titles.lexicon import Found
from app.screening.titles.reading import Change, Original, Reading

_SURE = 100
_LIKELY = 60
_HINT = 25
_SHOUT: Final = re.compile(r"[!！]{2,}|[?？][!！]|[!！][?？]|[?？]{2,}")
_ASKS: Final = re.compile(r"[?？][?？!！…]*\s*$")


def exaggerations(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield loud words and superlatives that neither title nor lead of the original has."""
    known = original.whole
    for name, weight in (("shock", _SURE), ("fear", _LIKELY), ("super", _LIKELY), ("warm", _HINT)):
        for word in ours.marks.of(name):
            if name == "super" and (_ranks(known.plain) or word.classes & _BOUNDS):
                continue
            if word.word not in known.plain:
                yield Change(
                    "exaggeration_added", (word.start, word.end), weight, new=word.word, ground=name
                )
    if ("!" in ours.plain or "?" in ours.plain) and not _SHOUT.search(original.title.plain):
        for shout in _SHOUT.finditer(ours.plain):
            yield Change("exaggeration_added", shout.span(), _LIKELY, new=shout.group())


_BOUNDS: Final = frozenset({"hedge", "limit"})


def _ranks(plain: str) -> bool:
    """Say whether the original ranks something itself, in whatever words."""
    return any(mark in plain for mark in "首最冠唯") or "第一" in plain


def questions(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield a question that throws doubt on what the original states as a fact."""
    title = original.title
    if title.marks.any_of("question", "doubtask") or "?" in title.plain:
        return
    asking = _ASKS.search(ours.plain)
    doubting = [one for one in ours.marks.of("doubtask") if not _is_answered(ours, one, original)]
    if asking is None and not doubting:
        return
    if asking is None:
        word = doubting[0]
        yield Change("question_added", (word.start, word.end), _LIKELY, new=word.word)
    else:
        yield Change("question_added", asking.span(), _SURE, new=ours.text.strip())


def _is_answered(ours: Reading, word: Found, original: Original) -> bool:
    """Say whether the title itself goes on with the original's answer after the question."""
    asked = ours.plain.find("?", word.end)
    return asked >= 0 and original.whole.shares(ours.plain, asked + 1, len(ours.plain))
