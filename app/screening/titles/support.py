"""Find what a title says that neither title nor lead of the original says in any words."""

import re
from collections.abc import Iterator
from typing import Final

from app.screening.titles.lexicon import Found, classes_of
from app.screening.titles.reading import Change, Original, Reading
from app.screening.titles.synonyms import is_said

_TAGS: Final = re.compile(
    r"快讯|最新消息|最新|突发|刚刚|提醒|关注|注意|官方|权威发布|权威|发布|一图读懂|一图看懂|图解|视频|直播|独家|消息|"
    r"今日|今天|来了|公布|详情|速览|回应|披露|热点|要闻|焦点|早报|晚报|通知|公告|预警|记者|获悉|报道|速递|头条|新闻|"
    r"[的了在是和与将已被对为从到向于及或并还再又也就都这那有其之以中上下等着过给把让更最很]"
)
_HAN_RUN: Final = re.compile(r"[\u4e00-\u9fff]+")
_COMMON: Final = frozenset("被涉发生出不无没了下人大开")
_LONG_RUN = 6
_BEFORE_HAN: Final = "\u4dff"
_LIKELY = 60
_HINT = 25


def unsupported(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield the longest run of letters that the original does not have, where it is a claim."""
    known = original.whole.letters
    if sum(letter > _BEFORE_HAN for letter in ours.letters - known) < _LONG_RUN - 1:
        return
    blank = _TAGS.sub(lambda found: " " * len(found.group()), ours.plain)
    letters = "".join(" " if one in known else one for one in blank)
    total = sum(len(run.group()) for run in _HAN_RUN.finditer(blank))
    runs = list(_HAN_RUN.finditer(letters))
    missing = sum(len(run.group()) for run in runs)
    if not runs:
        return
    longest = max(runs, key=lambda run: len(run.group()))
    start, end = longest.span()
    if end - start >= _LONG_RUN or (missing * 2 > total and missing >= _LONG_RUN):
        yield Change("claim_added", (start, end), _LIKELY, new=ours.text[start:end], ground="run")


def grave_claims(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield words for deaths, crimes, disasters, scandals of which the original says nothing."""
    known = original.whole
    for word in ours.marks.of("grave"):
        if is_said(word.word, known.plain) or _is_told(word, known):
            continue
        yield Change("claim_added", (word.start, word.end), _LIKELY, new=word.word, ground="grave")


def _is_told(word: Found, known: Reading) -> bool:
    """Say whether the original has another word for the same, or one of its letters."""
    if any(letter in known.plain for letter in word.word if letter not in _COMMON):
        return True
    return known.marks.any_of(*_kin(word.classes - {"grave"}))


def _kin(classes: frozenset[str]) -> frozenset[str]:
    """Return classes with what says the same in another form: 并未 says what 系谣言 says."""
    return classes | {"neg"} if "denial" in classes else classes


_NEUTRAL: Final = frozenset(
    {
        "speech",
        "source",
        "reply",
        "generic",
        "question",
        "withheld",
        "several",
        "early",
        "already",
        "light",
    }
)
_LOADED: Final = frozenset(
    "惨哭亡绝暴骗毒禁罪罚死崩荒废毁坏害恶怒疯狂惊恐血杀抢夺逃骂败丑弃烂臭乱辱凶殴虐欺诈贪赌黄瘫残癌炸爆垮塌"
    "囚狱捕刑偷盗劫霸裁倒跪滚坑黑谎假冒滞亏损赔必神秒逆独"
)
_CONTENT: Final = "nvajilzsbdft"


def unsaid_words(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield the words of which the original has neither a letter nor another for the same."""
    known = original.whole
    for word, tag, start in ours.words:
        end = start + len(word)
        if len(word) == 1 or tag[0] not in _CONTENT or not known.letters.isdisjoint(word):
            continue
        if is_said(word, known.plain) or any(
            first < end and start < last for first, last in ours.facts
        ):
            continue
        classes = classes_of(word)
        if classes & _NEUTRAL or known.marks.any_of(*_kin(classes)):
            continue
        kind = "loaded" if _LOADED & set(word) else "deed" if tag[0] in "va" else "thing"
        yield Change("claim_added", (start, end), _HINT, new=word, ground=f"unsaid-{kind}")
