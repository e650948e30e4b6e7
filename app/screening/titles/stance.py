"""Compare what a title does to its facts: it denies, doubts, attributes, limits, reverses."""

import re
from collections.abc import Iterator
from typing import Final

from app.screening.titles.lexicon import Found
from app.screening.titles.reading import Change, Original, Reading

_SURE = 100
_LIKELY = 60
_GRANTED: Final = frozenset({"agree", "winner"})
_REGIONS: Final = frozenset({"市", "县", "区", "省", "地", "国"})
_GRAVE_ENDS: Final = ("grave", "death", "hurt", "hard", "ruin", "lose")

_DOUBTS: Final = {
    "rumor": ("rumor", "possible", "denial", "reply", "source"),
    "possible": ("possible", "hedge", "may", "rumor", "plan", "denial", "expect"),
    "expect": ("expect", "hedge", "may", "possible", "future", "plan", "rumor"),
    "plan": ("plan", "hedge", "future", "possible", "part", "suggest", "propose"),
    "propose": ("propose", "hedge", "plan", "possible", "rumor", "suggest", "part"),
    "accuse": ("accuse", "probe", "rumor", "denial"),
    "condition": ("condition",),
    "limit": ("limit",),
    "part": ("part", "early", "several", "first"),
    "branch": ("branch",),
    "early": ("early", "hedge", "possible", "plan", "part", "study", "first"),
    "drill": ("drill",),
}
"""A class of words that limit what is said, and the classes of which any keeps the limit."""
_EVENT: Final = {"condition": "condition", "limit": "scope", "part": "scope", "branch": "scope"}
_FAR: Final = frozenset({"condition", "drill"})

_STEPS: Final = (
    ("plan", "done", "modality"),
    ("pending", "done", "modality"),
    ("expect", "done", "modality"),
    ("possible", "done", "modality"),
    ("propose", "done", "modality"),
    ("early", "done", "modality"),
    ("suggest", "force", "modality"),
    ("probe", "verdict", "modality"),
    ("soft", "hard", "outcome"),
    ("hurt", "death", "outcome"),
    ("talk", "deal", "modality"),
    ("candidate", "winner", "modality"),
    ("strain", "ruin", "outcome"),
    ("mild", "punish", "outcome"),
    ("test", "toxic", "outcome"),
    ("study", "cure", "outcome"),
    ("tension", "clash", "outcome"),
    ("part", "whole", "scope"),
    ("future", "already", "modality"),
)
"""From what the original says to what would be more than that, and what kind of change it is."""

_AXES: Final = (
    ("up", "down"), ("agree", "oppose"), ("open", "close"), ("win", "lose"), ("profit", "loss"),
    ("early_on", "late_on"), ("safe", "danger"), ("acquit", "convict"), ("rescued", "perished"),
    ("free", "charged"), ("buy", "sell"), ("join", "leave"), ("peace", "war"), ("praise", "blame"),
    ("strengthen", "weaken"), ("export", "import"), ("male", "female"), ("extend", "shorten"),
    ("succeed", "fail"), ("include", "exclude"), ("couple", "single"), ("lead_on", "lag"),
    ("hire", "fire"), ("optimistic", "pessimistic"), ("plaintiff", "defendant"),
    ("teacher", "pupil"), ("landlord", "tenant"), ("doctor", "patient"), ("buyer", "seller"),
    ("driver", "passenger"), ("employee", "employer"), ("victim", "suspect"),
    ("yoy", "mom"), ("urban", "rural"), ("public", "private"), ("domestic", "imported"),
    ("solar", "lunar"), ("hi", "lo"), ("genuine", "fake"), ("canceled", "added_on"),
    ("chosen", "unchosen"), ("rescued", "missing_on"), ("caught", "at_large"),
    ("sought", "shunned"), ("earned", "lost_money"),
    ("upheld", "overturned"), ("lawful", "unlawful"),
)  # fmt: skip
OPPOSITES: Final = {**dict(_AXES), **{second: first for first, second in _AXES}}


_NOT_YET: Final = "(?:能否|是否|拟|将|待|未|不|申请|若|计划|可能|会|期)[^,:。;]{0,2}"


def dropped_doubts(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield words that limited what the original says and are gone while what they limit stays."""
    title = original.title
    for name in sorted(title.marks.classes & _DOUBTS.keys()):
        if ours.marks.any_of(*_DOUBTS[name]) or (name == "part" and _counts(ours)):
            continue
        if name in _QUOTABLE and "“" in ours.plain and "“" not in title.plain:
            continue
        end = len(title.plain) if name in _FAR else None
        for word in title.marks.of(name):
            if ours.shares(title.plain, 0 if name == "drill" else word.end, end):
                kind = f"{_EVENT.get(name, 'doubt')}_dropped"
                yield Change(kind, (0, 0), _LIKELY, word.word, ground=f"drop-{name}")
                break


_QUOTABLE: Final = frozenset({"rumor", "accuse", "possible"})
"""Doubts that quotation marks tell as well."""


def _counts(text: Reading) -> bool:
    return any(not number.is_weak for number in text.quantities)


def dropped_attribution(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield who says it, where the original says so and the popup states it as a fact."""
    if ours.marks.any_of(*_TELLING) or _has_speaker(ours.plain):
        return
    title = original.title
    said = _speaker(title)
    if said and ours.shares(title.plain, said[1], _end_of_speech(title.plain, said[1])):
        ground = "lay" if title.marks.any_of("lay") else ""
        if _FOUND.search(title.plain, *said) is not None:
            ground = "finding"
        old = title.text[said[0] : said[1]]
        yield Change("attribution_dropped", (0, 0), _LIKELY, old, ground=ground)


_TELLING: Final = ("speech", "source", "reply", "denial", "warn", "verdict")
_AUTHORITY: Final = "部局委署院行府会办台站网社厅心队法检"
_COLONS: Final = ":："
_ACCORDING: Final = re.compile(
    r"据[^,:：，。 ]{1,12}?(?:报道|消息|介绍|通报|透露|统计|披露|爆料|报告)"
)
_FOUND: Final = re.compile("调查|报告|机构|检测|统计|数据|抽检|监测|研究|测评|试验")
"""Who says it is what was found out, which a short title may well leave out."""
_HEADED: Final = re.compile(r"[^:：!！?？]{2,12}[:：]")
_LONGEST_SPEAKER = 12


def _speaker(title: Reading) -> tuple[int, int] | None:
    """Return from where to where the title says whose words these are."""
    according = _ACCORDING.search(title.plain)
    if according is not None:
        return according.span()
    for word in title.marks.of("speech"):
        by_authority = title.plain[word.start - 1 : word.start] in _AUTHORITY
        if word.start > 0 and word.end < len(title.plain) and not by_authority:
            return max(0, title.plain.rfind(" ", 0, word.start) + 1), word.end
    for word in title.marks.of("source"):
        after = title.plain[word.end : word.end + 1]
        if (after and after in _COLONS) or _is_finding(word):
            return word.start, word.end
    head, colon, rest = title.plain.replace("：", ":").partition(":")
    speaks = colon and rest and 1 < len(head) <= _LONGEST_SPEAKER and head[-1] not in _AUTHORITY
    first = next(iter(title.names), None)
    if speaks and first is not None and first.start == 0 and first.kind == "person":
        return 0, len(head) + 1
    return None


def _end_of_speech(title: str, start: int) -> int:
    """Return where the words of a speaker end: with the clause, or the next where it is empty."""
    end = title.find(" ", start + 2)
    return len(title) if end < 0 else end


def _is_finding(word: Found) -> bool:
    return word.word.endswith(("显示", "发现", "表明", "称"))


def _has_speaker(plain: str) -> bool:
    return _ACCORDING.search(plain) is not None or _HEADED.search(plain) is not None


def steps_up(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield what the popup says is done, certain, general or worse than the original says."""
    for before, after, kind in _STEPS:
        if not original.title.marks.any_of(before) or not ours.marks.any_of(after):
            continue
        if after == "done" and ours.marks.any_of("future", "plan", "expect", "possible", "hedge"):
            continue
        more = [one for one in ours.marks.of(after) if before not in one.classes]
        more = [one for one in more if not _is_said(one, after, original)]
        more = [one for one in more if not _is_negated(ours, one)]
        if more:
            old = original.title.marks.of(before)[0].word
            word = more[0]
            span, ground = (word.start, word.end), f"{before}-{after}"
            weight = _LIKELY if before in _LOOSE else _SURE
            yield Change(f"{kind}_changed", span, weight, old, word.word, ground)


_LOOSE: Final = frozenset({"suggest", "talk", "propose", "early"})
"""What such words say is often said in others, so a step up from them is less sure."""


def _is_negated(text: Reading, word: Found) -> bool:
    return any(0 <= word.start - one.end <= 1 for one in text.marks.of("neg"))


def widened(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield 全部, 所有, 一律 and the like where the original has nothing of the kind."""
    if original.title.marks.any_of("whole"):
        return
    counted = any(one.unit in _REGIONS for one in original.title.quantities)
    for word in ours.marks.of("whole" if counted else "whole_strong"):
        if word.word not in original.whole.plain:
            yield Change("scope_changed", (word.start, word.end), _LIKELY, new=word.word)


def _is_said(word: Found, name: str, original: Original) -> bool:
    """Say whether the original has the word, or another for the same; what is done has none."""
    if word.word in original.whole.plain:
        return not _is_open(word.word, original.whole.plain)
    alike = word.classes & _GRANTED if name in {"done", "force"} else {name}
    return original.whole.marks.any_of(*alike)


def _is_open(word: str, text: str) -> bool:
    """Say whether a text has a word only as what is asked, planned or denied."""
    return len(re.findall(f"{_NOT_YET}{re.escape(word)}", text)) == text.count(word)


def reversed_poles(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield the opposite of what the original says: up for down, win for loss, she for he."""
    for here in sorted(ours.marks.classes & OPPOSITES.keys()):
        there = OPPOSITES[here]
        word = _opposite(ours, original, here, there)
        if word is None:
            continue
        span, told = (word.start, word.end), original.title.marks.of(there)
        if told and is_told_by_other(ours, word, original.title, told[0]):
            continue
        if told:
            yield Change("reversed", span, _SURE, told[0].word, word.word)
        elif there in _TOLD_IN_LEAD:
            old = original.whole.marks.of(there)[0].word
            yield Change("reversed", span, _LIKELY, old, word.word, "lead")


_BETWEEN_TWO: Final = frozenset({"win", "lose", "buy", "sell", "lead_on", "lag"})
"""What one does to another and the other may tell as well: who wins, and who loses to whom."""


def is_told_by_other(ours: Reading, word: Found, theirs: Reading, old: Found) -> bool:
    """Say whether who stands after a word in the popup stands before its opposite originally."""
    if _BETWEEN_TWO.isdisjoint(word.classes):
        return False
    whom = ours.plain[word.end : word.end + 2]
    start, _ = theirs.clause_at(old.start)
    return len(whom) > 1 and whom in theirs.plain[start : old.start]


def _opposite(ours: Reading, original: Original, here: str, there: str) -> Found | None:
    if not original.whole.marks.any_of(there):
        return None
    if ours.marks.any_of(there) or original.whole.marks.any_of(here):
        return None
    if _denies(ours, here, there) != _denies(original.title, here, there):
        return None
    return ours.marks.of(here)[0]


_TOLD_IN_LEAD: Final = frozenset({"up", "down", "safe", "danger", "win", "lose", "profit", "loss"})


def _denies(text: Reading, *sides: str) -> bool:
    """Say whether the text negates anything, by another word than those that are compared."""
    return any(one.classes.isdisjoint(sides) for one in text.marks.of("neg"))


def exchanged_members(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield a word that shuts out the one that the original has: 市长 for 副市长, 火灾 for 地震."""
    for name in sorted(ours.marks.classes & original.title.marks.classes):
        if not name.startswith("set") or "." in name:
            continue
        lost = [one for one in original.title.marks.of(name) if not _has_member(one, ours)]
        come = [one for one in ours.marks.of(name) if not _has_member(one, original.whole)]
        if lost and come:
            span = (come[0].start, come[0].end)
            yield Change("wording_changed", span, _SURE, lost[0].word, come[0].word)


def _has_member(word: Found, text: Reading) -> bool:
    """Say whether a text has the same member of a set, by any of its names."""
    return text.marks.any_of(*(name for name in word.classes if "." in name))


_BECAUSE: Final = re.compile(r"(?:(?<!原)因为?|由于)([\u4e00-\u9fff]{2,4})")


def other_cause(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield a cause of which the original has no two letters."""
    known = original.whole.plain
    for found in _BECAUSE.finditer(ours.plain):
        cause = found[1]
        if not any(cause[at : at + 2] in known for at in range(len(cause) - 1)):
            yield Change("cause_added", found.span(), _LIKELY, new=found.group(), ground="because")


def added_cause(ours: Reading, original: Original) -> Iterator[Change]:
    """Yield a cause where the original only puts two things side by side."""
    blamed = ours.marks.of("blamed")
    if blamed and len(blamed[0].word) == 1 and not ours.marks.any_of(*_GRAVE_ENDS):
        return
    if blamed and not original.whole.marks.any_of("cause", "blamed"):
        span = (blamed[0].start, blamed[0].end)
        yield Change("cause_added", span, _LIKELY, new=blamed[0].word)
