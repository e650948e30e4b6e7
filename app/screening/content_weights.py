"""What words that stand together weigh: for a topic, and for a report that excuses them."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.screening.content_words import HEADS, Part, Place, Topic

LEAST = 50
"""Below this nothing is said; the rule pack's limit lies above it."""
MOST = 100

_WEIGHTS = {
    Part.ALONE: 100,
    Part.HARD: 55,
    Part.NOUN: 30,
    Part.THING: 18,
    Part.ACT: 25,
    Part.LURE: 28,
    Part.OFFER: 15,
    Part.CHANNEL: 30,
    Part.DEAL: 20,
    Part.VOICE: 10,
}
_PARTNERS = (Part.ACT, Part.LURE, Part.OFFER, Part.CHANNEL, Part.DEAL, Part.VOICE)
# Each further one beside the first.
_ANOTHER = 10
_FURTHER = (
    HEADS,
    (Part.LURE,),
    (Part.LURE,),
    (Part.OFFER, Part.CHANNEL, Part.DEAL, Part.VOICE),
    (Part.OFFER, Part.CHANNEL, Part.DEAL, Part.VOICE),
)
_REPORT, _ANOTHER_REPORT, _ADVICE = 60, 30, 30
_MOST_ADVICE = 2
# Before a way to deal: it is forbidden, or somebody else's.
_TOLD = re.compile(
    "不$|不要|不得|不能|切勿|请勿|[勿别莫]|严禁|禁止|谨防|警惕|拒绝|诱导|引诱|诱骗|要求|[谎声]称|通过|利用|借助|"
    "[以让被]|骗|为由|名义|嫌疑|团伙|男子|女子|他们|对方|被告|受害"
)
# After it: what came of it.
_TOLD_OF = re.compile(
    "骗|陷阱|圈套|违法|犯罪|不可信|是假|[被获]刑|判|被[抓拘查罚捕]|抓获|查获|中毒|后被"
)
_TOLD_BEFORE, _TOLD_AFTER = 14, 20
# Heads looked at per topic in one text; further ones would only take time.
_MOST_HEADS = 40


@dataclass(frozen=True, slots=True)
class Weighed:
    """Places that belong together, the one that counts most first, and what they weigh."""

    weight: int
    words: tuple[Place, ...]


def frame_of(shared: Sequence[Place], letters: str) -> Weighed | None:
    """Return the words that report or advise, with how much they excuse; None where nothing does.

    An agent excuses nothing without a deed, nor does one word of advice (专家, 研究): sellers use
    both too. A way to deal that the reader is told to take makes it an offer, whoever is named.
    """
    reports = _reports(shared, letters)
    advice = _different(shared, Part.ADVICE, letters)
    weight = _ADVICE * min(_MOST_ADVICE, max(0, len(advice) - 1))
    if reports:
        weight += _REPORT + _ANOTHER_REPORT * (len(reports) > 1)
    if not weight or any(_is_offered(word, letters) for word in shared if word.part is Part.WAY):
        return None
    return Weighed(min(MOST, weight), (*reports[:2], *advice[: _MOST_ADVICE + 1]))


def _reports(shared: Sequence[Place], letters: str) -> list[Place]:
    """Return the words that report: those that do alone, then agents and deeds beside others."""
    alone = _different(shared, Part.REPORT, letters)
    agents = _different(shared, Part.AGENT, letters)
    deeds = _different(shared, Part.DEED, letters)
    if alone:
        return [*alone, *agents, *deeds]
    return [agents[0], deeds[0]] if agents and deeds else []


def _is_offered(way: Place, letters: str) -> bool:
    """Say whether a way to deal is the reader's to take, not one warned of or told about."""
    before = letters[max(0, way.start - _TOLD_BEFORE) : way.start]
    after = letters[way.end : way.end + _TOLD_AFTER]
    return not (_TOLD.search(before) or _TOLD_OF.search(after))


def best_place(
    topic: Topic, own: Sequence[Place], shared: Sequence[Place], *, contacted: bool
) -> Weighed | None:
    """Return the place of a topic that weighs most, None where it has no head that counts.

    `contacted` says that the text names somebody to turn to, wherever in it.
    """
    said = shared if topic.deals else [word for word in shared if word.part is Part.VOICE]
    words = sorted([*own, *said], key=_start)
    if _at_most(words, contacted=contacted) < LEAST:
        return None
    best: Weighed | None = None
    for head in [word for word in words if word.part in HEADS][:_MOST_HEADS]:
        weighed = _weigh(head, words, topic, contacted=contacted and topic.deals)
        if weighed is not None and (best is None or weighed.weight > best.weight):
            best = weighed
    return best


def _weigh(head: Place, words: Sequence[Place], topic: Topic, *, contacted: bool) -> Weighed | None:
    """Add up a head and, of each part, the nearest word within the window beside all others."""
    if head.part is Part.ALONE:
        return Weighed(_WEIGHTS[Part.ALONE], (head,))
    first = bisect_left(words, head.start - topic.window, key=_start)
    last = bisect_left(words, head.end + topic.window, key=_start)
    near = sorted(words[first:last], key=lambda word: abs(word.start - head.start))
    taken = [head]
    for part in _PARTNERS:
        taken.extend(_first_apart((word for word in near if word.part is part), taken))
    parts = {word.part for word in taken}
    if head.part is Part.THING and Part.LURE not in parts:
        return None
    if topic.needs is not None and topic.needs not in parts:
        return None
    weight = sum(_WEIGHTS[word.part] for word in taken)
    if contacted and Part.CHANNEL not in parts:
        weight += _WEIGHTS[Part.CHANNEL]
    for again in _FURTHER:
        others = list(_first_apart((word for word in near if word.part in again), taken))
        weight += _ANOTHER * len(others)
        taken.extend(others)
    return Weighed(weight, tuple(taken))


def _at_most(words: Sequence[Place], *, contacted: bool) -> int:
    """Return what some words weigh at most, wherever they stand."""
    parts = {word.part for word in words}
    head = max((_WEIGHTS[part] for part in parts if part in HEADS), default=0)
    partners = sum(_WEIGHTS[part] for part in parts if part in _PARTNERS)
    further = _ANOTHER * min(len(_FURTHER), len(words) - 1)
    return head + partners + further + _WEIGHTS[Part.CHANNEL] * contacted


def _first_apart(candidates: Iterable[Place], taken: Sequence[Place]) -> Iterator[Place]:
    for word in candidates:
        if not any(word.start < other.end and other.start < word.end for other in taken):
            yield word
            return


def _different(places: Sequence[Place], part: Part, letters: str) -> list[Place]:
    found = {letters[one.start : one.end]: one for one in places if one.part is part}
    return list(found.values())


def _start(word: Place) -> int:
    return word.start
