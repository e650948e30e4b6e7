"""Compare clauses that tell of the same: a word turned around, another name in its place."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from app.screening.titles.lexicon import Found, Marks
from app.screening.titles.names import Name
from app.screening.titles.reading import Change, Original, Reading
from app.screening.titles.stance import OPPOSITES, is_told_by_other

_LIKELY = 60
_ENOUGH = 2
_MANY = 40
_WIDE = 30
_LIGHT: Final = re.compile(
    r"[^\u4e00-\u9fff]+|同比|环比|增长|下降|上涨|上升|减少|增加|提高|降低|超过|达到|分别|合计|累计|"
    r"平均|预计|比上年|其中|[达为约超近至的了在是由从到涨跌增减升降共比较上下年月日人元个名位万亿]"
)
_STEADY: Final = frozenset({"up", "down", "close", "extend", "shorten", "canceled", "hard", "soft"})


def pairs_of(text: str) -> list[str]:
    """Return the pairs of neighbouring letters of a text that say what it is about."""
    return [part[at : at + 2] for part in _LIGHT.split(text) for at in range(len(part) - 1)]


def turned_clauses(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield a word against which the original has another one where it tells of the same."""
    whole = original.whole
    for word in ours.marks.all:
        against = _against(word, whole.marks)
        if not against or _says_both(ours, word):
            continue
        near = _around(ours, word)
        own = _bound(word.classes)
        alike = whole.marks.of(*own)[:_MANY]
        same = max((len(near & _around(whole, one)) for one in alike), default=0)
        fits = [(len(near & _around(whole, one)), one) for one in against]
        best, old = max(fits, key=lambda fit: fit[0])
        least = 1 if not same and "steady" in old.classes | word.classes else _ENOUGH
        if is_told_by_other(ours, word, whole, old):
            continue
        if best >= same + least and _is_denied(ours, word) == _is_denied(whole, old):
            span = (word.start, word.end)
            yield Change("reversed", span, _LIKELY, old.word, word.word, "clause")


_POLES: Final = frozenset({*OPPOSITES, "steady", *_STEADY})


@cache
def _bound(classes: frozenset[str]) -> frozenset[str]:
    """Return the classes that shut out others: poles, and places in sets."""
    return frozenset(name for name in classes if name in _POLES or "." in name)


@cache
def _excluded(classes: frozenset[str]) -> frozenset[str]:
    """Return the classes that a word's classes shut out, among them its own sets."""
    there = {OPPOSITES[name] for name in classes & OPPOSITES.keys()}
    if classes & _STEADY:
        there.add("steady")
    if "steady" in classes:
        there |= _STEADY
    return frozenset(there | {name for name in classes if name[:3] == "set" and "." not in name})


def _against(word: Found, known: Marks) -> list[Found]:
    """Return the words that say what a word excludes: its opposite, another member of its set."""
    there = _excluded(word.classes)
    if not there:
        return []
    own = _bound(word.classes)
    return [one for one in known.of(*there)[:_MANY] if own.isdisjoint(one.classes)]


def _says_both(text: Reading, word: Found) -> bool:
    """Say whether the clause of a word has its opposite as well, as 增收减利 has."""
    start, end = text.clause_at(word.start)
    return any(start <= one.start < end for one in _against(word, text.marks))


def _around(text: Reading, word: Found | Name) -> frozenset[str]:
    """Return the pairs of letters in the clause of a word, without its own."""
    start, end = text.clause_at(word.start)
    before = text.timeless[max(start, word.start - _WIDE) : word.start]
    after = text.timeless[word.end : min(end, word.end + _WIDE)]
    return frozenset((*pairs_of(before), *pairs_of(after)))


def _is_denied(text: Reading, word: Found) -> bool:
    return any(0 <= word.start - one.end <= _ENOUGH for one in text.marks.of("neg", "denial"))


def other_bearer(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield a name of the original in a clause that the original tells of another."""
    whole = original.whole
    names = [name for name in ours.names if name.kind != "latin" and name.text in whole.plain]
    if not names or all(one.text in ours.plain for one in whole.names[:_MANY]):
        return
    known = [(one, _around(whole, one)) for one in whole.names[:_MANY]]
    for name in names:
        near = _around(ours, name)
        fits = [(len(near & around), one) for one, around in known if one.kind == name.kind]
        same = max((fit for fit, one in fits if _is_one(one, name)), default=0)
        others = [
            (fit, one) for fit, one in fits if not _is_one(one, name) and one.text not in ours.plain
        ]
        best, old = max(others, key=lambda fit: fit[0], default=(0, name))
        if best >= same + 2 * _ENOUGH:
            yield Change(
                f"{name.kind}_changed",
                (name.start, name.end),
                _LIKELY,
                old.text,
                name.text,
                "bound",
            )


def _is_one(name: Name, other: Name) -> bool:
    return name.text in other.text or other.text in name.text
