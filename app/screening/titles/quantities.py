"""Find quantities in a text and say whether the original has them: value, unit, about, at least."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Final, NamedTuple

from app.screening.titles.numerals import NUMERALS, step_of, value_of
from app.screening.tokenizer import TaggedWord

_DIGITS: Final = r"\d+(?:,\d{3})*(?:\.\d+)?[十百千万亿]*"
_WORDS: Final = rf"[{NUMERALS}]+(?:点[零〇一二三四五六七八九]+)?"
_NUMBER: Final = rf"(?:{_DIGITS}|{_WORDS})"
_UNITS: Final = (
    "个半小时|个半钟头|个半月|个百分点|百分点|个基点|基点|个点|平方公里|平方千米|平方米|立方米|千瓦时|公里|千米|厘米|毫米|公斤|千克|毫克|公顷|"
    "个小时|个多小时|小时|个钟头|钟头|分钟|学时|课时|美元|美金|欧元|日元|港元|港币|英镑|卢布|韩元|元|块钱|人次|个月|个多月|万步|光年|"
    "摄氏度|年|月|周岁|周|天|日|秒|岁|人|名|位|个|吨|斤|克|升|米|里|亩|次|起|家|部|辆|架|艘|件|条|项|只|头|"
    "套|栋|座|所|种|类|倍|成|折|度|级|届|死|伤|户|省|市|县|区|国|地|批次|批|轮|场|分|票|间|张|份|页|本|篇|款|"
    "台|口|层|连|队|胜|负|环|金|银|铜|枚|瓶|箱|袋|杯|碗|盒|股|列|毛|趟|楼|棵|株|幅|桶|根|匹|茬|分贝|点|码|代|版|集|季|℃|%|°c"
)
_QUANTITY: Final = re.compile(
    rf"(?=[\d{NUMERALS}不将接近超逾突破至最多高大约上数几第前百千])"
    r"(?P<bound>不超过|不超|不多于|不低于|不少于|不足|不到|不满|将近|接近|近|超过|超|逾|突破|破|至少|最少|最高|最多|多达|高达"
    r"|大约|约|上|数(?!\d)|几|第|前)?"
    rf"(?:(?P<hundred>百分之|千分之|万分之|(?P<below>{_NUMBER})分之))?"
    rf"(?P<low>{_NUMBER})(?P<more1>[余多来])?(?P<unit1>%|岁|元)?"
    rf"(?:(?:[-~—–]|至|到)(?P<high>{_NUMBER}))?"
    rf"(?P<more>余|多|来)?(?P<scale>[万亿])?(?P<unit>{_UNITS})?(?P<tenth>(?<=成)[一二三四五六七八九半](?![\d{NUMERALS}个年月天]))?(?P<after>以上|以下|以内|左右|上下|之多|多|余)?"
)
_GOALS: Final = r"(\d{1,3}|[零一二三四五六七八九十]{1,3})"
_SCORE: Final = re.compile(rf"(?<![\d.]){_GOALS}(?:-|:|比){_GOALS}(?![\d.%万亿年月岁]|日(?!本))")
# One unit in several spellings, and how many of the first one is worth.
_IN: Final[dict[str, tuple[str, float]]] = {
    "名": ("人", 1), "位": ("人", 1), "周岁": ("岁", 1), "批次": ("批", 1),
    "个百分点": ("点数", 1), "百分点": ("点数", 1),
    "公里": ("米", 1000), "千米": ("米", 1000), "里": ("米", 500), "厘米": ("米", 0.01),
    "毫米": ("米", 0.001), "公斤": ("克", 1000), "千克": ("克", 1000), "斤": ("克", 500),
    "吨": ("克", 1_000_000), "毫克": ("克", 0.001), "小时": ("分钟", 60),
    "年": ("个月", 12), "个点": ("点数", 1), "基点": ("点数", 0.01), "个基点": ("点数", 0.01),
    "个小时": ("分钟", 60), "钟头": ("分钟", 60), "个钟头": ("分钟", 60),
    "个多小时": ("分钟", 60), "课时": ("学时", 1), "秒": ("分钟", 1 / 60),
    "平方公里": ("平方米", 1_000_000), "平方千米": ("平方米", 1_000_000), "亩": ("平方米", 666.67),
    "公顷": ("平方米", 10_000), "美金": ("美元", 1), "港币": ("港元", 1), "块钱": ("元", 1),
    "毛": ("元", 0.1),
    "个多月": ("个月", 1), "个半小时": ("分钟", 60), "个半钟头": ("分钟", 60),
    "个半月": ("个月", 1),
    "成": ("%", 10), "度": ("℃", 1), "摄氏度": ("℃", 1), "°c": ("℃", 1),
    "金": ("枚", 1), "银": ("枚", 1), "铜": ("枚", 1), "日": ("天", 1), "周": ("天", 7),
}  # fmt: skip
_OVER: Final = frozenset(
    {
        "超过",
        "超",
        "逾",
        "突破",
        "破",
        "不低于",
        "不少于",
        "至少",
        "最少",
        "多达",
        "以上",
        "余",
        "多",
        "上",
    }
)
_UNDER: Final = frozenset(
    {
        "不超过",
        "不超",
        "不多于",
        "不足",
        "不到",
        "不满",
        "将近",
        "接近",
        "近",
        "最高",
        "最多",
        "以下",
        "以内",
    }
)
_ABOUT: Final = frozenset({"大约", "约", "来", "左右", "上下"})
_HOTLINE: Final = re.compile(r"1(?:2\d{3}|1[0249]|2[02])|9[56]\d{3}")
_BARE: Final = frozenset("十百千万亿")
"""A scale without a number, as in 万人, says one to nine times so many."""
_GENERATION: Final = re.compile(r"\d0后")
_BROKEN: Final = frozenset({"破"})
_DOWN: Final = frozenset({"跌", "降", "低"})
"""With these before it, what is broken through lies above: 跌破3美元."""
_HALF_MORE: Final = "个半"
_ONE_OR_TWO: Final = "一两"
_AMONG: Final = frozenset("中内里外间")
_COUNTED: Final = frozenset({"m", "mq", "q", "t"})
_FEW = 3
_KEPT = 4096
_SMALL = 10
_ODD: Final = frozenset("多余")
"""After a unit, as in 一成多, they say that the next whole one is not reached."""
_CLOSING: Final = frozenset('”"』》')

_EITHER: Final = "一二三四五六七八九两三"
_SHARES: Final = {"百分之": 1.0, "千分之": 0.1, "万分之": 0.01}
_Parts = dict[str, str | None]


class Quantity(NamedTuple):
    """A number with its unit in one spelling.

    `bound` is "over", "under", "about" or nothing; `is_weak` where it may as well be an article
    or part of a name and says nothing by itself; `follows` is what stands after it.
    """

    low: float
    high: float
    step: float
    unit: str
    bound: str
    is_weak: bool
    text: str
    span: tuple[int, int]
    follows: str


def quantities(
    text: str, words: Callable[[], Sequence[TaggedWord]] = tuple, start: int = 0
) -> Iterator[Quantity]:
    """Yield the quantities of a levelled text whose dates were blanked out, from a place on.

    A letter that begins one of its words is no unit: 3000万本金 are not books. `words` is called
    where such a letter is met.
    """
    for score in _SCORE.finditer(text, start):
        first, last = score.span()
        value = value_of(score[1]) * 1000 + value_of(score[2])
        after = text[last : last + 2]
        yield Quantity(value, value, 0.0, "比", "", False, score.group(), (first, last), after)
        text = text[:first] + "\u3000" * (last - first) + text[last:]
    for found in _QUANTITY.finditer(text, start):
        quantity = _quantity(text, found, words)
        if quantity is not None:
            yield quantity


def _quantity(
    text: str, found: re.Match[str], words: Callable[[], Sequence[TaggedWord]]
) -> Quantity | None:
    start, end = found.span()
    unit = found["unit1"] or found["unit"] or ""
    if len(found["unit"] or "") == 1 and _begins_a_word(text, found.start("unit"), words):
        unit, end = found["unit1"] or "", found.start("unit")
    worth = _worth(found.groups(), unit)
    if worth is None or _GENERATION.fullmatch(text, found.start("low"), end + 1):
        return None
    if found["bound"] in _BROKEN and text[start - 1 : start] in _DOWN:
        worth = (*worth[:4], "under", worth[5])
    if found["low"][0].isdigit() and (
        _HOTLINE.fullmatch(found.group())
        or _within_latin(text, found)
        or _ends_a_title(text, found)
    ):
        return None
    return Quantity(*worth, text[start:end], (start, end), text[end : end + 2])


def worth_of(unit: str) -> tuple[str, float]:
    """Return the unit that one is counted in, and how many of it that is."""
    return _IN.get(unit, (unit, 1.0))


@lru_cache(_KEPT)
def _worth(
    parts: tuple[str | None, ...], unit: str
) -> tuple[float, float, float, str, str, bool] | None:
    """Return low, high, step, unit, bound and weakness of a quantity by its parts; None for none.

    A title and its lead tell the same numbers, so half of them were read before.
    """
    part = dict(zip(_QUANTITY.groupindex, parts, strict=True))
    written = part["low"] or ""
    if part["bound"] == "第":
        return None
    has_digits = written[0].isdigit()
    if not has_digits and not unit and not part["hundred"] and not _is_round(written):
        return None
    low, high = _range(part)
    half = 0.5 if unit.startswith(_HALF_MORE) else 0.0
    low, high = low + half, high + half
    if part["tenth"]:
        low = high = low + (value_of(part["tenth"]) / 10 if part["tenth"] != "半" else 0.5)
    factor = 1.0
    if part["hundred"]:
        unit, factor = "%", _share(part)
    else:
        unit, factor = _IN.get(unit, (unit, 1.0))
    step = step_of(written + (part["scale"] or "")) * factor * (half or 1)
    is_weak = _is_weak(written, part["bound"], unit) or (unit == "℃" and not high)
    return low * factor, high * factor, step, unit, _bound(part), is_weak


def _begins_a_word(text: str, place: int, words: Callable[[], Sequence[TaggedWord]]) -> bool:
    """Say whether a letter begins a longer word that is no count itself."""
    if not "\u4e00" <= text[place + 1 : place + 2] <= "\u9fff":
        return False
    known = words()
    at = bisect_left(known, place, key=itemgetter(2))
    return any(
        start == place and len(word) > 1 and tag not in _COUNTED and word[1:] not in _AMONG
        for word, tag, start in known[at : at + 1]
    )


def _range(part: _Parts) -> tuple[float, float]:
    scale = value_of("1" + part["scale"]) if part["scale"] else 1.0
    either = part["low"] or ""
    if either == _ONE_OR_TWO or (len(either) == 2 and either in _EITHER):  # noqa: PLR2004 - 两三 is two or three
        return value_of(either[0]) * scale, value_of(either[1]) * scale
    low = value_of(part["low"] or "")
    high = low if part["high"] is None else value_of(part["high"])
    if part["high"] and part["unit1"] and part["unit1"] != part["unit"]:
        return low, low
    last = (part["high"] or " ")[-1]
    if last in "万亿" and (part["low"] or " ")[-1] not in "万亿":
        low *= value_of("1" + last)
    if part["low"] in _BARE:
        return low * scale, low * scale * 9
    if part["bound"] in {"数", "几"}:
        low, high = low * 2, low * 10
    elif part["more1"] or part["more"]:
        high = low * 2 if low in {10, 100, 1000, 10_000} else low * 1.1
    elif part["after"] in _ODD and low < _SMALL:
        high = low + 1
    return low * scale, high * scale


def _share(part: _Parts) -> float:
    if part["below"]:
        return 100 / max(1.0, value_of(part["below"]))
    return _SHARES[part["hundred"] or ""]


def _bound(part: _Parts) -> str:
    marks = {part["bound"], part["after"], part["more"], part["more1"]}
    if marks & _UNDER:
        return "under"
    if marks & _OVER:
        return "over"
    return "about" if marks & _ABOUT else ""


def _is_round(written: str) -> bool:
    """Say whether numerals without a unit are a number by themselves, as 三千 and 两百 are."""
    if len(written) < 2 or written[0] not in "一二两三四五六七八九":  # noqa: PLR2004 - of two letters
        return False
    return written[-1] in "百千万亿" or (len(written) > _FEW and written[1] in "百千万")


def _is_weak(written: str, bound: str | None, unit: str) -> bool:
    if written[0].isdigit():
        return False
    return (
        (written == "一" and unit not in {"死", "伤", "%", "倍", "岁"})
        or bound == "前"
        or not (unit or _is_round(written))
    )


def _within_latin(text: str, found: re.Match[str]) -> bool:
    """Say whether digits belong to a name (A320, iPhone 15, 5g), which is compared as a name."""
    start, end = found.start("low"), found.end("low")
    before, after = text[max(0, start - 2) : start].strip(), text[end : end + 1]
    return _is_letter(before[-1:]) or (_is_letter(after) and not found["unit"])


def _ends_a_title(text: str, found: re.Match[str]) -> bool:
    """Say whether bare digits end what stands in quotation marks, as in “清禾12”."""
    before = text[found.start() - 1 : found.start()]
    return text[found.end() : found.end() + 1] in _CLOSING and before.isalpha()


def _is_letter(mark: str) -> bool:
    return mark.isascii() and mark.isalpha()
