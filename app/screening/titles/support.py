"""Find what a title says that neither title nor lead of the original says in any words."""

import re
from collections.abc import Iterator
from typing import Final

from app.screening.titles.lexicon import Found
from app.screening.titles.reading import Change, Original, Reading

_TAGS: Final = re.compile(
    r"快讯|最新消息|最新|突发|刚刚|提醒|关注|注意|官方|权威发布|权威|发布|一图读懂|一图看懂|图解|视频|直播|独家|消息|"
    r"今日|今天|来了|公布|详情|速览|回应|披露|热点|要闻|焦点|早报|晚报|通知|公告|预警|记者|获悉|报道|速递|头条|新闻|"
    r"[的了在是和与将已被对为从到向于及或并还再又也就都这那有其之以中上下等着过给把让更最很]"
)
_HAN_RUN: Final = re.compile(r"[\u4e00-\u9fff]+")
_LONG_RUN = 6
_LIKELY = 60
_HINT = 25


def unsupported(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield the longest run of letters that the original does not have, where it is a claim."""
    known = set(original.whole.plain)
    if sum(one not in known for one in set(ours.plain)) < _LONG_RUN - 1:
        return
    blank = _TAGS.sub(lambda found: " " * len(found.group()), ours.plain)
    letters = "".join(" " if one in known else one for one in blank)
    total = sum(len(run.group()) for run in _HAN_RUN.finditer(blank))
    runs = list(_HAN_RUN.finditer(letters))
    missing = sum(len(run.group()) for run in runs)
    if not runs:
        return
    longest = max(runs, key=lambda run: len(run.group()))
    weight = 0
    if len(longest.group()) >= _LONG_RUN or (missing * 2 > total and missing >= _LONG_RUN):
        weight = _LIKELY
    if weight:
        span = longest.span()
        yield Change("claim_added", span, weight, new=ours.text[span[0] : span[1]])


def grave_claims(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield words for deaths, crimes, disasters, scandals of which the original says nothing."""
    known = original.whole
    for word in ours.marks.of("grave"):
        if word.word in known.plain or _is_told(word, known):
            continue
        yield Change("claim_added", (word.start, word.end), _LIKELY, new=word.word)


def _is_told(word: Found, known: Reading) -> bool:
    """Say whether the original has another word for the same, or one of its letters."""
    if any(letter in known.plain for letter in word.word if letter != "被"):
        return True
    return known.marks.any_of(*(word.classes - {"grave"}))
