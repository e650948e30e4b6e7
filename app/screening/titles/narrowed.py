"""Find what the lead says of less than the popup does: a part, a denial, another comparison."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from app.screening.titles.amounts import agrees, is_part
from app.screening.titles.clauses import pairs_of
from app.screening.titles.lexicon import Found
from app.screening.titles.negation import places_of
from app.screening.titles.quantities import Quantity
from app.screening.titles.reading import Change, Original, Reading
from app.screening.titles.synonyms import is_said

_SURE = 100
_LIKELY = 60
_HINT = 25
_MANY = 40
_KEPT = 2
_FAR = 24
_SENTENCES: Final = "。;!?\n"
_NOTS: Final = frozenset("不未没无勿别非免拒禁莫难零否漏忘缺欠少停代")
_PLAIN_NOTS: Final = frozenset("不未没无非否")
_CONTENT: Final = "nvajilzsb"
_BASES: Final = {
    "year": re.compile(r"同比|[较比](?:去年|上年|上一年|前一年|去年同期|上年同期)"),
    "month": re.compile(r"环比|[较比](?:上月|上个月|上周|上一周|上季度?|前一周|\d{1,2}月)"),
    "usual": re.compile(r"[较比](?:常年|往年|历年|平日|平时)"),
    "day": re.compile(r"[较比](?:前日|昨日|昨天|前一[天日]|上日)"),
}
_COMPARED: Final = frozenset("比较")
_LIMITS: Final = {"part": "scope_dropped", "possible": "doubt_dropped", "propose": "doubt_dropped"}
"""What a title must not lose of a lead either, and what losing it is."""


def wholes_for_parts(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield a number of the popup that counts all, where the original says it of some of them.

    96座车站中的61座设有图书角 does not say that 96 have one.
    """
    whole = original.whole
    told = [one for one in whole.quantities[:_MANY] if not one.is_weak]
    for number in ours.quantities[:_MANY]:
        if number.is_weak or not number.unit:
            continue
        for all_of, part in pairwise(told):
            if _is_part(all_of, part, whole) and agrees(number, all_of):
                mine = any(agrees(one, part) for one in ours.quantities)
                if not mine and _is_said_of(ours, number, whole, (all_of, part)):
                    yield Change(
                        "scope_changed", number.span, _LIKELY, part.text, number.text, "total"
                    )
                    break


def _is_part(all_of: Quantity, part: Quantity, text: Reading) -> bool:
    between = text.plain[all_of.span[1] : part.span[0]]
    is_part_of = part.unit == all_of.unit and is_part(part, all_of)
    return is_part_of and not any(mark in between for mark in _SENTENCES)


def _is_said_of(
    ours: Reading, number: Quantity, whole: Reading, known: tuple[Quantity, Quantity]
) -> bool:
    """Say whether what follows the popup's number follows the part alone in the original."""
    all_of, part = known
    _, last = ours.clause_at(number.span[0])
    said = set(pairs_of(ours.plain[number.span[1] : last]))
    ends = (place for mark in _SENTENCES if (place := whole.plain.find(mark, part.span[1])) >= 0)
    behind = set(pairs_of(whole.plain[part.span[1] : min(ends, default=len(whole.plain))]))
    between = set(pairs_of(whole.plain[all_of.span[1] : part.span[0]]))
    return len(said & behind - between) >= _KEPT


def other_bases(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield what a number of the popup is compared with, where the original's is with another."""
    mine = [] if _COMPARED.isdisjoint(ours.letters) else list(_bases(ours.plain))
    theirs = list(_bases(original.whole.plain)) if mine else []
    if not theirs:
        return
    for number in ours.quantities[:_MANY]:
        base = _base_of(number, mine, ours.plain)
        if base is None or number.is_weak:
            continue
        same = [one for one in original.whole.quantities[:_MANY] if agrees(number, one)]
        told = [_base_of(one, theirs, original.whole.plain) for one in same]
        known = [one for one in told if one is not None]
        if known and len(known) == len(told) and all(one[0] != base[0] for one in known):
            yield Change("reversed", base[1], _SURE, known[0][2], base[2], "base")


_Base = tuple[str, tuple[int, int], str]


def _bases(text: str) -> Iterator[_Base]:
    for name, pattern in _BASES.items():
        yield from ((name, found.span(), found.group()) for found in pattern.finditer(text))


def _base_of(number: Quantity, bases: list[_Base], text: str) -> _Base | None:
    """Return the last comparison before a number in its sentence, but a few letters away."""
    start = number.span[0]
    before = [one for one in bases if start - _FAR <= one[1][1] <= start]
    last = max(before, key=lambda one: one[1], default=None)
    if last is None or any(mark in text[last[1][1] : start] for mark in _SENTENCES):
        return None
    return last


def denied_words(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield a word that the original has in clauses alone that deny it, and the popup states."""
    whole = original.whole
    marks = whole.marks.of("neg", "denial")[:_MANY]
    denials = [one for one in marks if not _PLAIN_NOTS.isdisjoint(one.word)]
    if not denials or not _NOTS.isdisjoint(ours.letters) or ours.marks.any_of("denial", "reply"):
        return
    for word, tag, start in ours.words:
        if len(word) == 1 or tag[0] not in _CONTENT or "?" in ours.plain[start:]:
            continue
        by = [_denial_of(whole, place, denials) for place in places_of(word, whole.plain)]
        if by and by[0] is not None and all(by):
            old = by[0].word
            span = (start, start + len(word))
            yield Change("negation_dropped", span, _LIKELY, f"{old}…{word}", word, "scope")


def _denial_of(text: Reading, place: int, denials: list[Found]) -> Found | None:
    """Return what denies a place from before in its own clause."""
    first, _ = text.clause_at(place)
    return next(
        (
            one
            for one in denials
            if first <= one.start and one.end <= place and "的" not in text.plain[one.end : place]
        ),
        None,
    )


def lost_in_lead(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield a word of the lead that limits what the popup keeps of its clause, but without it."""
    whole, lead = original.whole, len(original.title.plain)
    for name, kind in _LIMITS.items():
        if ours.marks.any_of(name):
            continue
        for word in whole.marks.of(name)[:_MANY]:
            if word.start < lead or is_said(word.word, ours.plain):
                continue
            first, last = whole.clause_at(word.start)
            near = set(pairs_of(whole.plain[first:last])) - set(pairs_of(original.title.plain))
            if sum(pair in ours.plain for pair in near) >= _KEPT:
                yield Change(kind, (0, 0), _HINT, word.word, ground=f"lead-{name}")
                break
