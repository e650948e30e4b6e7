"""Compare what numbers belong to: which thing, which time, and which way it went."""

from collections.abc import Iterator
from typing import Final

from app.screening.titles.amounts import agrees
from app.screening.titles.clauses import pairs_of
from app.screening.titles.lexicon import Found
from app.screening.titles.quantities import Quantity
from app.screening.titles.reading import Change, Original, Reading, Span
from app.screening.titles.stance import OPPOSITES
from app.screening.titles.times import Moment

_SURE = 100
_LIKELY = 60
_FAR = 16
_BESIDE = 6
_MANY = 40
_SENTENCES: Final = "。;!?\n"
_TURNS: Final = (
    "up",
    "down",
    "profit",
    "loss",
    "earned",
    "lost_money",
    "yoy",
    "mom",
    "early_on",
    "late_on",
    "hi",
    "lo",
)
_SCORE: Final = "比"
_REACHED: Final = "至到成"
_CHANGED: Final = "多少高低增减涨降快慢差"
_PERIODS: Final = frozenset({"until", "season", "month", "year", "ago"})


def moved_numbers(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield numbers of the original that the popup says of something else."""
    for number in _told(ours):
        old = None if number.is_weak else _of_the_same(number, ours, original.whole)
        if old is not None:
            yield Change("number_changed", number.span, _LIKELY, old.text, number.text, "head")


def _of_the_same(number: Quantity, ours: Reading, whole: Reading) -> Quantity | None:
    """Return the original's number of what ours is said of, where its own is of something else."""
    alike = [one for one in _told(whole) if one.unit == number.unit]
    same = [one for one in alike if agrees(number, one)]
    if not same or len(same) == len(alike):
        return None
    about = _about(ours, number.span)
    if not about or any(_about(whole, one.span) == about for one in same):
        return None
    others = [one for one in alike if one not in same and _is_apart(one, same)]
    for role in (_REACHED, _CHANGED):
        if _plays(role, ours, number) and any(_plays(role, whole, one) for one in same):
            others = [one for one in others if _plays(role, whole, one)]
    return next((one for one in others if _about(whole, one.span) == about), None)


def _is_apart(number: Quantity, others: list[Quantity]) -> bool:
    """Say whether a number is not a part of the same measure, as the minutes of 1小时03分 are."""
    return all(
        number.span[0] > one.span[1] + 1 or one.span[0] > number.span[1] + 1 for one in others
    )


def _plays(role: str, text: Reading, number: Quantity) -> bool:
    """Say whether a number is what something came to, or by how much it changed."""
    return not set(text.plain[max(0, number.span[0] - 2) : number.span[0] + 1]).isdisjoint(role)


def _about(text: Reading, span: Span) -> str:
    """Return the last pair of letters before a number that says what it is of, empty for none.

    Where nothing but which way it went stands before the number, what is before the last counts.
    """
    start = span[0]
    far = max(0, start - _FAR)
    floor = max(far, *(text.plain.rfind(mark, far, start) + 1 for mark in _SENTENCES))
    pairs = pairs_of(text.timeless[floor:start])
    return pairs[-1] if pairs else ""


def turned_numbers(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield a word beside a number that says the opposite of the word beside the original's."""
    turns = ours.marks.of(*_TURNS) if ours.quantities else []
    theirs = original.whole.marks.of(*_TURNS)[:_MANY] if turns else []
    if not theirs:
        return
    whole = original.whole
    for number in (one for one in _told(ours) if one.unit != _SCORE):
        for word in _beside(turns, ours, number):
            there = {OPPOSITES[name] for name in word.classes & OPPOSITES.keys()}
            alike = (one for one in _told(whole) if agrees(number, one))
            told = [mark for one in alike for mark in _beside(theirs, whole, one)]
            opposite = next((one for one in told if one.classes & there), None)
            if opposite is not None and not any(one.classes & word.classes for one in told):
                span = (word.start, word.end)
                yield Change("reversed", span, _SURE, opposite.word, word.word, "number")


def turned_comparisons(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield a letter right before a number that turns the one before the original's around."""
    for number in _told(ours):
        start = number.span[0]
        here = ours.plain[max(0, start - 1) : start]
        there = _TURNED.get(here, "")
        if not there:
            continue
        letters = {
            original.whole.plain[one.span[0] - 1 : one.span[0]]
            for one in _told(original.whole)
            if agrees(number, one)
        }
        if there in letters and here not in letters:
            yield Change("reversed", (start - 1, start), _SURE, there, here, "beside")


_WAYS: Final = ("多少", "高低", "快慢", "早晚", "涨跌", "增减", "升降", "长短", "重轻", "赚亏")
_TURNED: Final = {pair[at]: pair[1 - at] for pair in _WAYS for at in (0, 1)}


def _told(text: Reading) -> tuple[Quantity, ...]:
    """Return the first numbers of a text; more are not compared, since each is with each."""
    return text.quantities[:_MANY]


def _beside(words: list[Found], text: Reading, number: Quantity) -> list[Found]:
    """Return the words right before a number, in its clause and after the number before it."""
    start = number.span[0]
    before = [one.span[1] for one in _told(text) if one.span[1] <= start]
    first = max(text.clause_at(start)[0], start - _BESIDE, *before, 0)
    return [one for one in words if first <= one.start < start]


def other_period(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield a time that the popup's number is of, where the original's is of another."""
    if not any(one.unit in _PERIODS for one in ours.moments):
        return
    whole = original.whole
    for number in _told(ours):
        mine = None if number.is_weak else _period(ours, number)
        if mine is None:
            continue
        theirs = [_period(whole, one) for one in _told(whole) if agrees(number, one)]
        told = [one for one in theirs if one is not None and one.unit in _KIN[mine.unit]]
        is_known = any((one.unit, one.value) == (mine.unit, mine.value) for one in told)
        if told and len(told) == len(theirs) and not is_known:
            yield Change("time_changed", mine.span, _LIKELY, told[0].text, mine.text, "bound")
            return


_KIN: Final = {
    "until": {"until", "season", "month"},
    "season": {"until", "season"},
    "month": {"until", "month"},
    "year": {"year"},
    "ago": {"ago"},
}


def _period(text: Reading, number: Quantity) -> Moment | None:
    """Return the last time that stands before a number, if it is one that figures are given of."""
    before = [one for one in text.moments if one.span[1] <= number.span[0]]
    last = [one for one in before if one.unit in _PERIODS]
    return last[-1] if last else None
