"""Compare what a title denies and forbids: negations that were dropped or added."""

import re
from collections.abc import Iterator
from typing import Final

from app.screening.titles.lexicon import Found
from app.screening.titles.reading import Change, Original, Reading
from app.screening.titles.synonyms import is_said

_STOPS: Final = frozenset({"close", "oppose"})
_SURE = 100
_LIKELY = 60
_NEGATED_WITHIN = 4
_NEGATED_FAR = 9
_NOTS: Final = frozenset("不未没无勿别非免拒禁莫难零否忘漏缺欠")
_CANNOT: Final = re.compile(
    r"[一-鿿]?(?:不[了起得成着动掉]|无果|未果|落空|可能性(?:很|较|极)?(?:小|低|不大))"
)
_LINKS: Final = ("算", "是", "属", "会", "能", "用", "再", "要", "该", "可")
_FINDING: Final = ("发现", "发生", "存在", "收到", "涉及", "出现")
_MANY = 40
_FEW_PAIRS = 2
_OF_FIVE = 5
_SAYING = 4
_CLAUSE_MARKS: Final = " ,，:：;；。!?、"


def negations(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield negations and denials that were dropped or added."""
    yield from _dropped_denials(ours, original.title)
    yield from _dropped_negations(ours, original)
    more = len(ours.marks.of("neg")) > len(original.title.marks.of("neg"))
    for neg in ours.marks.of("neg"):
        head = _head(ours.plain, neg)
        if original.whole.marks.any_of(*(neg.classes & _STOPS)) or _is_choice(ours.plain, neg):
            continue
        if _negates(original.whole, head):
            continue
        span = (neg.start, neg.end + 2)
        if more and _says(original.title, head):
            yield Change("negation_added", span, _SURE, head, neg.word + head, "title")
        elif _says(original.whole, head):
            yield Change("negation_added", span, _LIKELY, head, neg.word + head, "lead")


def _head(text: str, neg: Found) -> str:
    """Return the two letters that are negated, after what only links them: 不算工伤."""
    if "denial" in neg.classes and neg.word[0] in "未不" and len(neg.word) == 3:  # noqa: PLR2004
        return text[neg.end : neg.end + 2] if neg.word[1:] in _FINDING else neg.word[1:]
    start = neg.end + (text[neg.end : neg.end + 1] in _LINKS)
    start += 2 * (text[start : start + 2] in _FINDING)
    return text[start : start + 2]


def _is_choice(text: str, neg: Found) -> bool:
    """Say whether the word only offers a choice, as in 退不退 and 退役不退役."""
    head = text[neg.end : neg.end + 1]
    return head in {text[neg.start - 1 : neg.start], text[neg.start - 2 : neg.start - 1]} - {""}


def _dropped_denials(ours: Reading, title: Reading) -> Iterator[Change]:
    if ours.marks.any_of("denial", "reply", "neg", "rumor"):
        return
    for denial in title.marks.of("denial"):
        if not is_said(denial.word, ours.plain) and _keeps_denied(ours, title.plain, denial):
            yield Change("negation_dropped", (0, 0), _SURE, old=denial.word)


def _dropped_negations(ours: Reading, original: Original) -> Iterator[Change]:
    title = original.title
    silent = _NOTS.isdisjoint(ours.letters) and not ours.marks.any_of("neg", "denial", "reply")
    for neg in title.marks.of("neg"):
        head = _head(title.plain, neg)
        if _says(ours, head) and not _negates(ours, head) and _keeps_deed(ours, title.plain, neg):
            place = ours.plain.index(head)
            ground = "bare" if silent else "other"
            yield Change("negation_dropped", (place, place), _SURE, neg.word + head, "", ground)
        elif silent and _keeps_clause(ours, title.plain, neg) and not _is_in_idiom(title, neg):
            yield Change("negation_dropped", (0, 0), _LIKELY, neg.word + head, "", "clause")
    yield from _dropped_in_lead(ours, original, silent=silent)


def _dropped_in_lead(ours: Reading, original: Original, *, silent: bool) -> Iterator[Change]:
    title, lead = original.title, len(original.title.plain)
    for neg in original.whole.marks.of("neg", "denial")[:_MANY]:
        head = _head(original.whole.plain, neg)
        if neg.start < lead or _says(title, head):
            continue
        if _says(ours, head) and not _negates(ours, head):
            if _is_always_negated(original.whole, head):
                place = ours.plain.index(head)
                old = neg.word + head
                yield Change("negation_dropped", (place, place), _SURE, old, "", "lead")
        elif silent and _keeps_object(ours, original.whole.plain, neg):
            yield Change("negation_dropped", (0, 0), _SURE, neg.word + head, "", "object")


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


def _keeps_object(ours: Reading, text: str, neg: Found) -> bool:
    """Say whether the popup keeps most of what a word of the lead negates in its clause."""
    _, end = _clause(text, neg)
    pairs = [text[at : at + 2] for at in range(neg.end, end - 1)]
    kept = sum(pair in ours.plain for pair in pairs)
    return kept > 1 and 2 * kept >= len(pairs)


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
    return any(_is_negated(text, head, place) for place in places_of(head, text.plain))


def _is_always_negated(text: Reading, head: str) -> bool:
    return all(_is_negated(text, head, place) for place in places_of(head, text.plain))


def places_of(head: str, text: str) -> Iterator[int]:
    """Yield where a word stands in a text."""
    place = text.find(head)
    while place >= 0:
        yield place
        place = text.find(head, place + 1)


def _is_negated(text: Reading, head: str, place: int) -> bool:
    start, _ = text.clause_at(place)
    far = max(start, place - _NEGATED_FAR)
    if any(far <= one.start and one.end <= place for one in text.marks.of("neg", "denial")):
        return True
    if _NOTS & set(text.plain[max(0, place - _NEGATED_WITHIN + 1) : place]):
        return True
    if _CANNOT.match(text.plain, place + len(head)) is not None:
        return True
    return any(0 < one.start - place <= _NEGATED_WITHIN + 2 for one in text.marks.of("denial"))
