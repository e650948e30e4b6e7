"""Say whether two titles that look alike tell different stories: other numbers, names, things."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from app.screening.titles.amounts import agrees
from app.screening.titles.lexicon import classes_of
from app.screening.titles.names import Name, is_named
from app.screening.titles.numerals import NUMERALS, value_of
from app.screening.titles.reading import Original, Reading
from app.screening.titles.stance import reversed_poles

_ORDINAL: Final = re.compile(
    rf"(?:第(\d+|[{NUMERALS}]+)|(?<![\d{NUMERALS}])(\d+|[{NUMERALS}]+|首|次)(?=[轮届期]))"
    r"([期届轮季集批场次回讲代名]?)"
)
_WORK: Final = re.compile("《([^》]+)》")
_WRITTEN: Final = {"首": 1.0, "次": 2.0}
# A title is held against many others, and what is news today comes up again.
_TITLES_KEPT = 4096
_PASSING: Final = frozenset({"near", "part"})
"""Units of time that pass: today's news is told of as yesterday's tomorrow."""
_THING: Final = ("n", "j", "x", "vn", "s", "l", "i", "b", "t", "f")
_CONTENT: Final = (*_THING, "v", "a", "z")
_ONE_OF: Final = "set"
"""Words of such a class exclude each other: north and south, spring and autumn."""
_GENERIC: Final = frozenset({"generic", "vague", "source", "speech", "done", "withheld", "reply"})


def contradicts(one: Reading, other: Reading) -> bool:
    """Say whether two titles contradict each other: other numbers, days, people, another end."""
    return (
        numbers_differ(one, other)
        or _times_differ(one, other)
        or _names_differ(one, other)
        or _is_opposite(one, other)
        or _works_differ(one.plain, other.plain)
    )


def _works_differ(one: str, other: str) -> bool:
    """Say whether each of two titles names a book, film or rule that the other does not."""
    ours, theirs = set(_WORK.findall(one)), set(_WORK.findall(other))
    return any(work not in other for work in ours) and any(work not in one for work in theirs)


def numbers_differ(one: Reading, other: Reading) -> bool:
    """Say whether each of two titles has a number or an ordinal that the other contradicts."""
    ours, theirs = one.telling, other.telling
    if ours and theirs:
        known = [
            (mine, yours)
            for mine in ours
            for yours in theirs
            if agrees(mine, yours) or agrees(yours, mine)
        ]
        lone = {number.unit for number in ours if all(number is not mine for mine, _ in known)}
        if not lone.isdisjoint(
            number.unit for number in theirs if all(number is not yours for _, yours in known)
        ):
            return True
    first, second = _ordinals(one.plain), _ordinals(other.plain)
    if first == second:
        return False
    return bool({unit for unit, _ in first - second} & {unit for unit, _ in second - first})


@lru_cache(maxsize=_TITLES_KEPT)
def _ordinals(text: str) -> frozenset[tuple[str, float]]:
    return frozenset(
        (unit, _WRITTEN.get(counted or small) or value_of(counted or small))
        for counted, small, unit in _ORDINAL.findall(text)
    )


def _times_differ(one: Reading, other: Reading) -> bool:
    ours = {(moment.unit, moment.value) for moment in one.moments}
    theirs = {(moment.unit, moment.value) for moment in other.moments}
    lone = {unit for unit, _ in ours - theirs} & {unit for unit, _ in theirs - ours}
    return not lone <= _PASSING


def _names_differ(one: Reading, other: Reading) -> bool:
    return not _unshared(one, other).isdisjoint(_unshared(other, one))


def _unshared(one: Reading, other: Reading) -> set[str]:
    return {name.kind for name in one.names if _is_lost(name, other)}


def _is_lost(name: Name, text: Reading) -> bool:
    return not is_named(name, text.plain) and not any(
        known.text in name.text for known in text.names if known.kind == name.kind
    )


def _is_opposite(one: Reading, other: Reading) -> bool:
    known = Original(other, other, {})
    return next(reversed_poles(one, known), None) is not None


@dataclass(frozen=True, slots=True)
class _Lone:
    """A word that only one of two titles has, between the nearest words that both have.

    `is_beside` says of the word before and the one after whether nothing stands between.
    """

    word: str
    is_thing: bool
    around: tuple[str, str]
    is_beside: tuple[bool, bool]


def things_differ(one: Reading, other: Reading) -> bool:
    """Say whether two titles speak of other things in the same place."""
    ours, theirs = list(_lone_words(one, other)), list(_lone_words(other, one))
    return any(_is_instead(first, second) for first in ours for second in theirs) or any(
        _is_other_run(first.around, ours, theirs) for first in ours if all(first.around)
    )


def _is_other_run(around: tuple[str, str], ours: list[_Lone], theirs: list[_Lone]) -> bool:
    """Say whether between two shared words stands nothing that means what stood there."""
    mine = [one for one in ours if one.around == around]
    yours = [one for one in theirs if one.around == around]
    return bool(yours) and not any(_is_kin(one, two) for one in mine for two in yours)


def _is_instead(first: _Lone, second: _Lone) -> bool:
    """Say whether a word stands where the other title has another one that means something else."""
    if _is_kin(first, second):
        return False
    same = [mine == yours for mine, yours in zip(first.around, second.around, strict=True)]
    held = [
        same[side] and first.around[side] and first.is_beside[side] and second.is_beside[side]
        for side in (0, 1)
    ]
    if first.is_thing and second.is_thing and len(first.word) > 1 < len(second.word):
        return any(held)
    return all(same) and all((*first.is_beside, *second.is_beside))


def _is_kin(first: _Lone, second: _Lone) -> bool:
    """Say whether two words begin alike, or two deeds share a letter: they mean much the same."""
    common = classes_of(first.word) & classes_of(second.word)
    if common:
        # Of a set, two names of one member (起火 and 火灾) mean the same, two members do not.
        is_one = any(name.startswith(_ONE_OF) and "." in name for name in common)
        return is_one or not any(name.startswith(_ONE_OF) for name in common)
    if first.word[0] == second.word[0]:
        return True
    if first.is_thing or second.is_thing:
        return False
    return not set(first.word).isdisjoint(second.word)


def _lone_words(text: Reading, other: Reading) -> Iterator[_Lone]:
    counted = [one.span for one in text.moments] + [one.span for one in text.quantities]
    words = [
        (word, tag)
        for word, tag, start in text.words
        if _is_content(word, tag)
        and not any(first < start + len(word) and start < end for first, end in counted)
    ]
    shared = [_is_told(word, other) for word, _ in words]
    for at, (word, tag) in enumerate(words):
        if shared[at] or classes_of(word) & _GENERIC:
            continue
        before = next((one for one in range(at - 1, -1, -1) if shared[one]), -1)
        after = next((one for one in range(at + 1, len(words)) if shared[one]), len(words))
        around = ["", *(known for known, _ in words), ""]
        yield _Lone(
            word,
            tag.startswith(_THING),
            (around[before + 1], around[after + 1]),
            (before == at - 1, after == at + 1),
        )


def _is_content(word: str, tag: str) -> bool:
    if not word.isalnum() or word[0] == "被":
        return False
    return tag.startswith(_CONTENT) if len(word) > 1 else tag == "n"


def _is_told(word: str, text: Reading) -> bool:
    """Say whether a text has a word, in short, or as a part of a longer one."""
    if all(letter in text.plain for letter in word):
        return True
    return any(len(known) > 1 and (known in word or word in known) for known, _, _ in text.words)
