"""A cap as one sentence that a person can read, in both languages."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from app.clock import BEIJING
from app.domain.policy import (
    Calendar,
    CalendarUnit,
    Cap,
    Gap,
    Over,
    Per,
    QuietHours,
    Rolling,
)
from app.domain.push import ContentKind, MinorsAudience
from app.domain.registers import ContentClass
from app.errors import Words


class _Said(NamedTuple):
    zh: str
    en: str


_KINDS: Final = {
    ContentKind.NEWS: _Said("新闻信息", "news"),
    ContentKind.ADVERTISEMENT: _Said("广告信息", "advertisements"),
    ContentKind.GENERAL: _Said("其他信息", "general content"),
}
_CLASSES: Final = {
    ContentClass.AUDIO_VIDEO: _Said("视听", "audio and video"),
    ContentClass.PUBLISHING: _Said("出版", "publishing"),
    ContentClass.DRUG_INFORMATION: _Said("药品信息", "drug information"),
    ContentClass.MEDICAL: _Said("医疗", "medicine"),
    ContentClass.FINANCE: _Said("金融", "finance"),
    ContentClass.EDUCATION: _Said("教育", "education"),
    ContentClass.ECONOMY: _Said("经济", "the economy"),
    ContentClass.JUSTICE: _Said("司法", "justice"),
}
_MINORS: Final = {
    MinorsAudience.EXCLUDED: _Said("不含未成年人", "without minors"),
    MinorsAudience.INCLUDED: _Said("含未成年人", "with minors among them"),
    MinorsAudience.ONLY: _Said("仅限未成年人", "of minors only"),
}
_UNITS: Final = {
    CalendarUnit.DAY: _Said("每个自然日", "each calendar day"),
    CalendarUnit.WEEK: _Said("每周（周一起算）", "each week (from Monday)"),
    CalendarUnit.MONTH: _Said("每个自然月", "each calendar month"),
}
_PER: Final = {
    Per.SURFACE: _Said("每个展示端", "each surface"),
    Per.PROVIDER: _Said("每个服务提供者", "each provider"),
    Per.TOPIC: _Said("每个话题", "each topic"),
    Per.KIND: _Said("每种内容", "each kind of content"),
}
# By whether each recipient has a count of its own.
_WHOM: Final = {
    True: _Said("每位接收用户", "a recipient gets"),
    False: _Said("所有接收用户合计，", "all recipients together get"),
}
_GAP_WHOM: Final = {
    True: _Said("同一接收用户收到的", " to one recipient"),
    False: _Said("发给任何接收用户的", " to whomever"),
}
_SHADOW: Final = _Said("（只统计，不拦截）", " (A shadow: it stops nothing.)")
_SPANS: Final = (
    (86_400, _Said("天", "day")),
    (3_600, _Said("小时", "hour")),
    (60, _Said("分钟", "minute")),
    (1, _Said("秒", "second")),
)


def sentence(cap: Cap, names: Mapping[str, str]) -> Words:
    """Return a cap in words; `names` has what surfaces, providers and topics are called."""
    covered, window = _covered(cap, names), _window(cap)
    start, per, over = _start(cap), _per(cap.per), _over(cap)
    shadow = _Said("", "") if cap.binds else _SHADOW
    when = _Said(f"{window.zh}{per.zh}", f"{window.en}{per.en}")
    said = _said(cap, covered, when, over)
    zh, en = f"{start.zh}{said.zh}", f"{start.en}{said.en}"
    return Words(zh + shadow.zh, en[0].upper() + en[1:] + shadow.en)


def _said(cap: Cap, covered: _Said, when: _Said, over: _Said) -> _Said:
    match cap.window:
        case QuietHours():
            zh = f"{when.zh}，不向接收用户下发{covered.zh}，{over.zh}。"
            return _Said(zh, f"no {covered.en} {when.en}; {over.en}.")
        case Gap():
            whom = _Said("", "") if cap.counts_pushes else _GAP_WHOM[cap.is_each_recipients]
            zh = f"{whom.zh}{covered.zh}，{when.zh.removesuffix('，')}，{over.zh}。"
            return _Said(zh, f"{covered.en}{whom.en} come {when.en}; {over.en}.")
        case _ if cap.percent is not None:
            least = _Said(
                f"（不足 {cap.limit} 个按 {cap.limit} 个计）", f"taken as no fewer than {cap.limit}"
            )
            zh = (
                f"{when.zh}{covered.zh}最多占展示端全部推送的 {cap.percent}%{least.zh}，{over.zh}。"
            )
            en = (
                f"at most {cap.percent} percent of a surface's pushes, {least.en}, are {covered.en}"
            )
            return _Said(zh, f"{en} {when.en}; {over.en}.")
        case _ if cap.counts_pushes:
            comma = "" if when.zh.endswith("，") else "，"
            zh = f"{when.zh}{comma}最多放行 {cap.limit} 个{covered.zh}，{over.zh}。"
            en = f"at most {cap.limit} {covered.en} are released {when.en}; {over.en}."
            return _Said(zh, en)
        case _:
            whom, kept = _WHOM[cap.is_each_recipients], _broadcast(cap.broadcast)
            zh = f"{whom.zh}{when.zh}最多收到 {cap.limit} 条{covered.zh}{kept.zh}，{over.zh}。"
            en = f"{whom.en} at most {cap.limit} {covered.en} {when.en}{kept.en}; {over.en}."
            return _Said(zh, en)


def _broadcast(share: int) -> _Said:
    if not share:
        return _Said("", "")
    return _Said(
        f"（其中 {share} 条留给不指明接收用户的推送）",
        f", {share} of which {'is' if share == 1 else 'are'} for pushes that name no recipients",
    )


def span_words(seconds: int) -> Words:
    """Return a span of time in words: 5400 is 1 hour 30 minutes."""
    zh, en = [], []
    for length, unit in _SPANS:
        number, seconds = divmod(seconds, length)
        if number:
            zh.append(f"{number} {unit.zh}")
            en.append(f"{number} {unit.en}{'' if number == 1 else 's'}")
    return Words(" ".join(zh), " ".join(en))


def time_of_day(minute: int) -> str:
    """Return a minute of the day as a clock shows it: 90 is 01:30."""
    return f"{minute // 60:02}:{minute % 60:02}"


def _covered(cap: Cap, names: Mapping[str, str]) -> _Said:
    covers = cap.covers
    one = _Said("推送", "pushes") if cap.counts_pushes else _Said("弹窗", "popups")
    kinds = _listed((_KINDS[one] for one in covers.kinds), " or ")
    parts = [
        _part("在“{}”上的", " on {}", _named(covers.surfaces, names)),
        _part("由“{}”推送的", " by {}", _named(covers.providers, names)),
        _part("话题为“{}”的", " on the topic {}", _named(covers.topics, names)),
        _part("内容涉及{}的", " about {}", [_CLASSES[one] for one in covers.classes]),
        _part("受众{}的", " for an audience {}", [_MINORS[one] for one in covers.minors]),
    ]
    what = _Said(f"{kinds.zh}{one.zh}", one.en)
    of_kind = f" with {kinds.en}" if kinds.en else ""
    return _Said(
        "".join(part.zh for part in parts) + what.zh,
        what.en + of_kind + "".join(part.en for part in parts),
    )


def _part(zh: str, en: str, values: list[_Said]) -> _Said:
    if not values:
        return _Said("", "")
    listed = _listed(values, " or ")
    return _Said(zh.format(listed.zh), en.format(listed.en))


def _named(values: Iterable[str], names: Mapping[str, str]) -> list[_Said]:
    return [_Said(name, f"“{name}”") for name in (names.get(one, one) for one in values)]


def _listed(values: Iterable[_Said], joint: str) -> _Said:
    said = list(values)
    return _Said("、".join(one.zh for one in said), joint.join(one.en for one in said))


def _window(cap: Cap) -> _Said:
    match cap.window:
        case Calendar(unit, None):
            said = _UNITS[unit]
            if not cap.is_each_recipients:
                zone = _Said("（按展示端所在时区）", "(in the surface's time zone)")
            else:
                zone = _Said("（按其所在时区）", "(in the recipient's time zone)")
            return _Said(f"{said.zh}{zone.zh}", f"{said.en} {zone.en}")
        case Calendar(unit, zone):
            said = _UNITS[unit]
            return _Said(f"{said.zh}（{zone} 时间）", f"{said.en} ({zone} time)")
        case Rolling(seconds):
            span = span_words(seconds)
            return _Said(f"任意连续 {span.zh}内", f"in any {span.en}")
        case Gap(seconds):
            span = span_words(seconds)
            return _Said(f"前后至少间隔 {span.zh}", f"at least {span.en} apart")
        case QuietHours(starts, ends):
            return _quiet(starts, ends)


def _quiet(starts: int, ends: int) -> _Said:
    begin, end = time_of_day(starts), time_of_day(ends)
    overnight = "次日 " if ends <= starts else ""
    return _Said(
        f"{begin} 至{overnight or ' '}{end}（按其所在时区）",
        f"from {begin} to {end} (in the recipient's time zone)",
    )


def _per(per: tuple[Per, ...]) -> _Said:
    said = [_PER[one] for one in sorted(per) if one in _PER]
    if not said:
        return _Said("", "")
    listed = _listed(said, " and ")
    return _Said(f"、{listed.zh}分别计数，", f", counted for {listed.en} apart")


def _over(cap: Cap) -> _Said:
    match cap.over, cap.is_counted:
        case Over.DROP, True:
            return _Said("超出的不再下发", "what is more is left out")
        case Over.DROP, False:
            return _Said("这段时间的不再下发", "they are left out")
        case Over.REPLACE, _:
            return _Said(
                "超出的替换同一服务提供者较早一条尚未显示的，没有可替换的不再下发",
                "what is more replaces an older one of the same provider that was not shown yet,"
                " or is left out",
            )
        case _, True:
            return _Said("超出的推迟到有空位时再下发", "what is more waits for room")
        case _:
            return _Said("推迟到结束后再下发", "they wait for its end")


def _start(cap: Cap) -> _Said:
    if cap.effective_from is None:
        return _Said("", "")
    day = _beijing(cap.effective_from)
    return _Said(f"自 {day} 起，", f"from {day} (Beijing) on, ")


def _beijing(instant: datetime) -> str:
    return instant.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
