"""Compare what a title denies and forbids: negations that were dropped or added."""

from collections.abc import Iterator
from typing import Final

from app.screening.titles.lexicon import Found
from app.screening.titles.reading import Change, Original, Reading

_STOPS: Final = frozenset({"close", "oppose"})
_SURE = 100
_LIKELY = 60
_NEGATED_WITHIN = 4
_NOTS: Final = frozenset("不未没无勿别")
_FEW_PAIRS = 2
_OF_FIVE = 5
_SAYING = 4
_CLAUSE_MARKS: Final = " ,，:：;；。!?、"


def negations(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield negations and denials that were dropped or added."""
    yield from _dropped_denials(ours, original.title)
    yield from _dropped_negations(ours, original.title)
    if len(ours.marks.of("neg")) <= len(original.title.marks.of("neg")):
        return
    for neg in ours.marks.of("neg"):
        head = ours.plain[neg.end : neg.end + 2]
        if original.whole.marks.any_of(*(neg.classes & _STOPS)):
            continue
        if _says(original.title, head) and not _negates(original.whole, head):
            yield Change("negation_added", (neg.start, neg.end + 2), _SURE, head, neg.word + head)


def _dropped_denials(ours: Reading, title: Reading) -> Iterator[Change]:
    if ours.marks.any_of("denial", "reply", "neg", "rumor"):
        return
    for denial in title.marks.of("denial"):
        if _keeps_denied(ours, title.plain, denial):
            yield Change("negation_dropped", (0, 0), _SURE, old=denial.word)


def _dropped_negations(ours: Reading, title: Reading) -> Iterator[Change]:
    silent = not ours.marks.any_of("neg", "denial", "reply")
    for neg in title.marks.of("neg"):
        head = title.plain[neg.end : neg.end + 2]
        if _says(ours, head) and not _negates(ours, head) and _keeps_deed(ours, title.plain, neg):
            place = ours.plain.index(head)
            yield Change("negation_dropped", (place, place), _SURE, old=neg.word + head)
        elif silent and _keeps_clause(ours, title.plain, neg) and not _is_in_idiom(title, neg):
            yield Change("negation_dropped", (0, 0), _LIKELY, old=neg.word + head)


def _keeps_deed(ours: Reading, title: str, neg: Found) -> bool:
    """Say whether the popup keeps what is forbidden, the end of the clause, not only to whom."""
    _, end = _clause(title, neg)
    return "close" not in neg.classes or title[end - 2 : end] in ours.plain


def _is_in_idiom(title: Reading, neg: Found) -> bool:
    """Say whether the word is a letter of a longer saying, as in 拾金不昧."""
    return any(
        start < neg.start < start + len(word)
        for word, _, start in title.words
        if len(word) >= _SAYING
    )


def _keeps_clause(ours: Reading, title: str, neg: Found) -> bool:
    """Say whether the popup keeps at least half of the clause that the word negates."""
    start, end = _clause(title, neg)
    before, after = title[start : neg.start], title[neg.end : end]
    pairs = [part[at : at + 2] for part in (before, after) for at in range(len(part) - 1)]
    kept = sum(pair in ours.plain for pair in pairs)
    return len(pairs) > _FEW_PAIRS and kept * _OF_FIVE >= 2 * len(pairs)


def _keeps_denied(ours: Reading, title: str, denial: Found) -> bool:
    """Say whether the popup keeps what is denied: the clause after the word, or all before it."""
    _, end = _clause(title, denial)
    if end - denial.end > 1:
        return ours.shares(title, denial.end, end)
    return ours.shares(title, 0, denial.start)


def _clause(title: str, word: Found) -> tuple[int, int]:
    """Return from where to where the clause reaches that a word stands in."""
    start = max(title.rfind(mark, 0, word.start) for mark in _CLAUSE_MARKS) + 1
    ends = [place for mark in _CLAUSE_MARKS if (place := title.find(mark, word.end)) >= 0]
    return start, min(ends, default=len(title))


def _says(text: Reading, head: str) -> bool:
    return len(head) == 2 and head.isalpha() and head in text.plain  # noqa: PLR2004 - a word


def _negates(text: Reading, head: str) -> bool:
    """Say whether the text negates a word, at one of its places."""
    denied = text.marks.of("neg", "denial")
    place = text.plain.find(head)
    while place >= 0:
        if any(0 <= place - one.end <= _NEGATED_WITHIN for one in denied):
            return True
        if _NOTS & set(text.plain[max(0, place - _NEGATED_WITHIN + 1) : place]):
            return True
        if any(0 < one.start - place <= _NEGATED_WITHIN + 2 for one in text.marks.of("denial")):
            return True
        place = text.plain.find(head, place + 1)
    return False
