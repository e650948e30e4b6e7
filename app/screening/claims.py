"""Judge what an advertisement claims: absolute terms, and what its trade may not say."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from app.domain.push import Advertiser, ContentKind, PushRequest
from app.domain.signals import Family, Signal
from app.screening.cues import CueBook, Met, apart
from app.screening.plain import Plain
from app.screening.trades import declared_trades, worded_trades

_CATEGORY: Final = "/advertiser/category"
_CERTAIN: Final = 100
_NAMED: Final = 80
_LIKELY: Final = 60
_MEDICAL: Final = frozenset({"medical", "medicine", "device", "prescription"})
# Terms that are true or not: a statement of period and source makes them checkable.
_CHECKABLE: Final = frozenset({"rank", "first", "highest", "only", "rate"})
_SOURCE: Final = re.compile(
    r"数据来(?:源|自)|来源[:于]|(?:据|根据|依据|经)[^,。!?]{2,24}(?:数据|统计|报告|认证|调研|调查|评选|检测|监测|排名|查新|发布|证明)|认证[:机编]|统计(?:口径|周期|时间|范围)|(?:报告|证书|专利|检测|查新)[^,。]{0,4}(?:编?号|:)"
)
_PERIOD: Final = re.compile(
    r"(?:19|20)[0-9]{2}|截[至止]|近?[0-9一二三四五六七八九十]+(?:年|个月|季度)|统计时间"
)
# A rate is its own condition: what was measured; whether it is true is for its proof.
_RATE: Final = "rate"
_HEALTH_WARNING: Final = re.compile(r"不能(?:代替|替代)药(?:物|品)?|不是药(?:物|品)")
_RISK_WARNING: Final = re.compile(
    r"风险|谨慎|非存款|不保本|不(?:代表|预示|构成|作保证)|下跌可能|自负盈亏|可能(?:亏损|下跌)|波动"
)
# Medicine and devices for one's own use say who guides their use (art. 16).
_GUIDED: Final = frozenset({"medicine", "device", "special_food"})
_GUIDANCE: Final = re.compile(
    r"说明书|药师|营养师|医(?:生|师|务人员)[^,。]{0,4}指导|遵医嘱|仔细阅读|禁忌|不良反应"
)
_INVESTS: Final = re.compile(
    r"理财|基金|净值|年金|分红|申购|黄金|原油|外汇|数字藏品|回报|赎回|定投|资管|结构性存款|收益|年化收益|收益率|信托|私募|期货|股票|证券|债券|投资|固收|贵金属|外汇"
)

Texts = list[tuple[str, Plain]]


def judge(request: PushRequest) -> Iterator[Signal]:
    """Yield the trades of an advertisement and what in its texts may be an unlawful claim."""
    if request.kind is not ContentKind.ADVERTISEMENT:
        return
    texts = [(pointer, Plain.read(text)) for pointer, text in _fields(request)]
    found = [one for pointer, plain in texts for one in _found(pointer, plain)]
    paying = request.advertiser
    category = None if paying is None else paying.category
    declared = declared_trades(category, None if paying is None else paying.ad_class)
    worded = worded_trades((plain for _, plain in texts), category)
    for trade, certain in declared.items():
        weight = _CERTAIN if certain else _NAMED
        yield _signal("trade", _CATEGORY, (0, len(category or "")), weight, trade=trade)
    for trade in sorted(worded - declared.keys()):
        yield _signal("trade", texts[0][0], (0, 0), _LIKELY, trade=trade)
    if found:
        yield from _claims(found, texts, worded | declared.keys(), paying)
    yield from _missing(texts, frozenset(declared), worded)


def read_tables() -> None:
    """Compile the cues and read the trades."""
    _book()
    declared_trades("", None)
    worded_trades([Plain.read("读表")], "")


def _fields(request: PushRequest) -> Iterator[tuple[str, str]]:
    yield "/title", request.title
    yield "/body", request.body
    for number, image in enumerate(request.images):
        yield f"/images/{number}/alt", image.alt


def _found(pointer: str, plain: Plain) -> Iterator[Met]:
    return _book().find(pointer, plain)


def _claims(
    found: list[Met], texts: Texts, trades: frozenset[str], advertiser: Advertiser | None
) -> Iterator[Signal]:
    meant = [(one, _kind(one, trades)) for one in found]
    kinds = {id(one): kind for one, kind in meant if kind is not None}
    words = "\n".join(plain.text for _, plain in texts)
    is_stated = _SOURCE.search(words) is not None and _PERIOD.search(words) is not None
    names = "" if advertiser is None else Plain.read(advertiser.name).text
    for pointer, _ in texts:
        own = [one for one in found if one.pointer == pointer and id(one) in kinds]
        for one in apart(own, kinds=False):
            if len(one.words) > 1 and one.words in names:
                continue
            stated = one.cue.name in _CHECKABLE and (is_stated or one.cue.name == _RATE)
            yield _signal(
                kinds[id(one)], pointer, one.span, one.cue.weight, text=one.words, stated=stated
            )


def _kind(one: Met, trades: frozenset[str]) -> str | None:
    """Return the kind that a cue has in these trades, or None where it says nothing there."""
    kind = one.cue.kind
    if one.cue.trades and one.cue.trades.isdisjoint(trades):
        return None
    if kind == "disease":
        if "health_food" in trades:
            return "health_food"
        return None if not _MEDICAL.isdisjoint(trades) else kind
    if kind == "food_function":
        return None if "health_food" in trades else kind
    return kind


def _missing(texts: Texts, declared: frozenset[str], worded: frozenset[str]) -> Iterator[Signal]:
    """Yield a signal where a warning is missing that the law wants in every such advertisement."""
    words = "\n".join(plain.text for _, plain in texts)
    pointer, plain = texts[1]
    end = len(plain.text)
    place = (plain.span(end - 1, end)[1],) * 2 if end else (0, 0)
    if "health_food" in declared | worded and not _HEALTH_WARNING.search(words):
        yield _signal("health_warning", pointer, place, _LIKELY)
    if not declared.isdisjoint(_GUIDED) and not _GUIDANCE.search(words):
        yield _signal("guidance", pointer, place, _LIKELY)
    invests = "franchise" in declared or ("finance" in declared and _INVESTS.search(words))
    if (invests or "finance" in worded) and not _RISK_WARNING.search(words):
        yield _signal("risk_warning", pointer, place, _LIKELY)


def _signal(
    kind: str, pointer: str, span: tuple[int, int], weight: int, **params: str | bool
) -> Signal:
    return Signal(Family.CLAIM, kind, pointer, span, weight, params)


@cache
def _book() -> CueBook:
    return CueBook.load("absolute", "claims")
