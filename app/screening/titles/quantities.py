"""Find quantities in a text and say whether the original has them: value, unit, about, at least."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from app.screening.titles.numerals import NUMERALS, step_of, value_of

_DIGITS: Final = r"\d+(?:,\d{3})*(?:\.\d+)?[十百千万亿]*"
_WORDS: Final = rf"[{NUMERALS}]+(?:点[零〇一二三四五六七八九]+)?"
_NUMBER: Final = rf"(?:{_DIGITS}|{_WORDS})"
_UNITS: Final = (
    "个百分点|百分点|平方公里|平方千米|平方米|立方米|千瓦时|公里|千米|厘米|毫米|公斤|千克|毫克|公顷|"
    "个小时|个多小时|小时|分钟|学时|课时|美元|美金|欧元|日元|港元|港币|英镑|卢布|韩元|元|块钱|人次|个月|个多月|万步|光年|"
    "摄氏度|年|月|周|天|日|秒|岁|人|名|位|个|吨|斤|克|升|米|里|亩|次|起|家|部|辆|架|艘|件|条|项|只|头|"
    "套|栋|座|所|种|类|倍|成|折|度|级|届|死|伤|户|省|市|县|区|国|地|批|轮|场|分|票|间|张|份|页|本|篇|款|"
    "台|口|层|连|队|胜|负|环|金|银|铜|枚|瓶|箱|袋|杯|碗|盒|股|列|毛|趟|楼|棵|株|幅|桶|根|匹|点|码|代|版|集|季|℃|%|°c"
)
_QUANTITY: Final = re.compile(
    r"(?P<bound>不超过|不足|不到|不满|将近|接近|近|超过|超|逾|突破|破|至少|最少|最高|最多|多达|高达"
    r"|大约|约|上|数|几|第|前)?"
    rf"(?:(?P<hundred>百分之|千分之|(?P<below>{_NUMBER})分之))?"
    rf"(?P<low>{_NUMBER})(?P<more1>[余多来])?(?P<unit1>%|岁|元)?"
    rf"(?:(?:[-~—–]|至|到)(?P<high>{_NUMBER}))?"
    rf"(?P<more>余|多|来)?(?P<scale>[万亿])?(?P<unit>{_UNITS})?(?P<after>以上|以下|以内|左右|上下|之多|多|余)?"
)
_GOALS: Final = r"(\d{1,3}|[零一二三四五六七八九十]{1,3})"
_SCORE: Final = re.compile(rf"(?<![\d.]){_GOALS}(?:-|:|比){_GOALS}(?![\d.%万亿年月日岁])")
# One unit in several spellings, and how many of the first one is worth.
_IN: Final[dict[str, tuple[str, float]]] = {
    "名": ("人", 1), "位": ("人", 1), "个百分点": ("点数", 1), "百分点": ("点数", 1),
    "公里": ("米", 1000), "千米": ("米", 1000), "里": ("米", 500), "厘米": ("米", 0.01),
    "毫米": ("米", 0.001), "公斤": ("克", 1000), "千克": ("克", 1000), "斤": ("克", 500),
    "吨": ("克", 1_000_000), "毫克": ("克", 0.001), "小时": ("分钟", 60),
    "个小时": ("分钟", 60), "个多小时": ("分钟", 60), "课时": ("学时", 1), "秒": ("分钟", 1 / 60),
    "平方公里": ("平方米", 1_000_000), "平方千米": ("平方米", 1_000_000), "亩": ("平方米", 666.67),
    "公顷": ("平方米", 10_000), "美金": ("美元", 1), "港币": ("港元", 1), "块钱": ("元", 1),
    "毛": ("元", 0.1),
    "个多月": ("个月", 1), "成": ("%", 10), "度": ("℃", 1), "摄氏度": ("℃", 1), "°c": ("℃", 1),
    "金": ("枚", 1), "银": ("枚", 1), "铜": ("枚", 1), "日": ("天", 1), "周": ("天", 7),
}  # fmt: skip
_OVER: Final = frozenset(
    {"超过", "超", "逾", "突破", "破", "至少", "最少", "多达", "以上", "余", "多", "上"}
)
_UNDER: Final = frozenset(
    {"不超过", "不足", "不到", "不满", "将近", "接近", "近", "最高", "最多", "以下", "以内"}
)
_ABOUT: Final = frozenset({"大约", "约", "来", "左右", "上下"})
_HOTLINE: Final = re.compile(r"1(?:2\d{3}|1[0249]|2[02])|9[56]\d{3}")
_SLACK = 0.15
_FEW = 3
_NEAR = 3
_COUNTING: Final = frozenset({"个", "项", "枚", "国", "家", "种", "类", "款", "条", "地", "件", ""})
_RECKONED: Final = frozenset("共计总累比多少增减差涨降早晚延提")


@dataclass(frozen=True, slots=True)
class Quantity:
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


def quantities(text: str) -> Iterator[Quantity]:
    """Yield the quantities of a levelled text whose dates were blanked out, in order."""
    for score in _SCORE.finditer(text):
        value = value_of(score[1]) * 1000 + value_of(score[2])
        yield Quantity(value, value, 0.0, "比", "", False, score.group(), score.span(), "")
        text = text[: score.start()] + "\u3000" * len(score.group()) + text[score.end() :]
    for found in _QUANTITY.finditer(text):
        quantity = _quantity(text, found)
        if quantity is not None:
            yield quantity


def _quantity(text: str, found: re.Match[str]) -> Quantity | None:
    unit = found["unit1"] or found["unit"] or ""
    written = found["low"]
    has_digits = written[0].isdigit()
    if not has_digits and not unit and not found["hundred"] and not _is_round(written):
        return None
    if (
        found["bound"] == "第"
        or _HOTLINE.fullmatch(found.group())
        or (has_digits and _within_latin(text, found))
    ):
        return None
    low, high = _range(found)
    factor = 1.0
    if found["hundred"]:
        unit, factor = "%", _share(found)
    else:
        unit, factor = _IN.get(unit, (unit, 1.0))
    bound = _bound(found)
    step = step_of(written + (found["scale"] or "")) * factor
    end = found.end()
    return Quantity(
        low * factor, high * factor, step, unit, bound,
        _is_weak(written, found["bound"], unit), found.group(), found.span(),
        text[end : end + 2],
    )  # fmt: skip


def _range(found: re.Match[str]) -> tuple[float, float]:
    scale = value_of("1" + found["scale"]) if found["scale"] else 1.0
    low = value_of(found["low"])
    high = low if found["high"] is None else value_of(found["high"])
    if found["unit1"] and found["unit1"] != found["unit"]:
        return low, low
    if found["high"] is not None and found["high"][-1] in "万亿" and found["low"][-1] not in "万亿":
        low *= value_of("1" + found["high"][-1])
    if found["bound"] in {"数", "几"}:
        low, high = low * 2, low * 10
    elif found["more1"] or found["more"]:
        high = low * 2 if low in {10, 100, 1000, 10_000} else low * 1.1
    return low * scale, high * scale


def _share(found: re.Match[str]) -> float:
    if found["below"]:
        return 100 / max(1.0, value_of(found["below"]))
    return 1.0 if found["hundred"] == "百分之" else 0.1


def _bound(found: re.Match[str]) -> str:
    marks = {found["bound"], found["after"], found["more"], found["more1"]}
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


def _is_letter(mark: str) -> bool:
    return mark.isascii() and mark.isalpha()


def agrees(ours: Quantity, theirs: Quantity) -> bool:
    """Say whether a quantity of the popup can be read from one of the original."""
    if ours.unit and theirs.unit and ours.unit != theirs.unit and not _counts_alike(ours, theirs):
        return False
    if {ours.bound, theirs.bound} == {"over", "under"}:
        return False
    ours_low, ours_high = _reach(ours)
    theirs_low, theirs_high = _reach(theirs)
    return ours_low <= theirs_high and theirs_low <= ours_high


def _counts_alike(ours: Quantity, theirs: Quantity) -> bool:
    """Say whether two words only count things: five events are five medals."""
    return ours.unit in _COUNTING and theirs.unit in _COUNTING


def is_derived(ours: Quantity, text: str, theirs: Sequence[Quantity]) -> bool:
    """Say whether a text says of its quantity that it is a sum or difference, and it is one."""
    if ours.unit == "%" and _is_share(ours, theirs):
        return True
    before = text[max(0, ours.span[0] - _NEAR) : ours.span[0]] + ours.text
    if not any(mark in before for mark in _RECKONED):
        return False
    values = {one.low for one in theirs if one.unit == ours.unit}
    return any(
        ours.low in {one + other, one - other} for one in values for other in values if one != other
    )


def _is_share(ours: Quantity, theirs: Sequence[Quantity]) -> bool:
    """Say whether a percentage is what one of two counts of the same makes of the other."""
    counts = [one for one in theirs if one.unit not in {"%", ""} and one.low > 0]
    return any(
        one.unit == other.unit and abs(100 * one.low / other.low - ours.low) < 1
        for one in counts
        for other in counts
        if one.low < other.low
    )


def _reach(one: Quantity) -> tuple[float, float]:
    """Return from where to where a quantity may lie, rounded as it is written."""
    half = one.step / 2 if one.step != 1 else 0.0
    low, high = one.low - half, one.high + half
    if one.bound in {"under", "about"}:
        low *= 1 - _SLACK
    if one.bound in {"over", "about"}:
        high *= 1 + _SLACK
    return low, high


def instead(ours: Quantity, theirs: Sequence[Quantity]) -> Quantity | None:
    """Return the quantity of the original that ours took the place of, None if it has none."""
    told = [one for one in theirs if not one.is_weak]
    alike = [one for one in told if one.unit == ours.unit or one.low == ours.low]
    near = [one for one in alike if _beside(ours, one)]
    return next(iter(near or alike), None)


def is_swapped(ours: Quantity, theirs: Sequence[Quantity]) -> Quantity | None:
    """Return the quantity that the original has for what ours is said of, where it is another."""
    agreeing = [one for one in theirs if agrees(ours, one)]
    if any(_beside(ours, one) or not one.follows.strip() for one in agreeing):
        return None
    same_unit = (one for one in theirs if one.unit == ours.unit and not agrees(ours, one))
    return next((one for one in same_unit if ours.follows.strip() and _beside(ours, one)), None)


def is_small(ours: Quantity) -> bool:
    """Say whether a count may have been taken from a list of names: two or three of something."""
    return ours.high <= _FEW and ours.unit in {
        "人",
        "个",
        "家",
        "地",
        "国",
        "省",
        "市",
        "项",
        "款",
        "天",
    }


def _beside(ours: Quantity, theirs: Quantity) -> bool:
    return bool(ours.follows.strip()) and ours.follows == theirs.follows
