"""Find dates and times of day in a text, each with what it says about which calendar unit."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from app.screening.titles.numerals import value_of

_N = r"(?:\d{1,2}|[一二两三四五六七八九十]{1,3})"
_TIME: Final = re.compile(
    r"(?=[0-9零〇○一二两三四五六七八九十前去今明后昨上本这下当第年月凌清早中傍晚深午周星])(?:"
    rf"(?P<until>(?:前|[1一](?:[-~—至到]))(?P<last>{_N})个?月|前三季度|上半年|第?一季度)"
    r"|(?P<year>(?:19|20)\d\d|[一二][零〇○九一二三四五六七八]{3})(?:年(?!前|来|间)|[-./](?=\d{1,2}[-./]\d))"
    rf"|(?P<month>{_N})月(?!球|饼|亮|嫂|子|薪|租|供|天(?!气))"
    rf"|(?P<day>{_N})(?:日(?!元|本|均|内|游|志|后|前|线)|号(?![线楼院地机店文台门车仓公站厅库]))"
    rf"|(?P<hour>(?P<late>下午|晚上?|傍晚|中午)?(?P<clock>{_N})(?:时(?!代|间|期|报|尚)|点(?!评|赞|名|多|建|意|要|理|原|启|看|球|上|下|位)))"
    r"|(?P<colon>\d{1,2}:[0-5]\d(?!\d))"
    r"|(?P<ago>前年|去年|今年|明年|后年)"
    r"|(?P<near>前天|昨天|昨日|昨晚|昨夜|今天|今日|今晚|今夜|今早|明天|明日|明早|明晚|后天)"
    r"|(?P<week>(?:上|本|这|下)?个?(?:周|星期)[一二三四五六日天])"
    r"|(?P<weeks>(?:上|本|这|下)个?(?:周|星期)末?(?!期|岁|年)|周末)"
    r"|(?P<moon>(?:上|本|当|下)个?月(?!球|亮))"
    r"|(?P<season>第?[二三四]季度|下半年)|(?P<edge>年[初中底末]|月[初中底末])"
    r"|(?P<part>凌晨|清晨|早上|上午|中午|下午|傍晚|晚上|深夜|午夜))"
)
_SAME: Final = {
    "昨日": "昨天", "昨晚": "昨天", "昨夜": "昨天", "今日": "今天", "今晚": "今天", "今夜": "今天",
    "今早": "今天", "明日": "明天", "明早": "明天", "明晚": "明天", "这周": "本周", "当月": "本月",
    "第二季度": "二季度", "第三季度": "三季度", "第四季度": "四季度",
    "年末": "年底", "月末": "月底", "星期天": "周日", "清晨": "早上", "午夜": "深夜",
}  # fmt: skip
_MONTHS: Final = {"前三季度": "9", "上半年": "6", "一季度": "3", "第一季度": "3"}
_NOON = 12


class Moment(NamedTuple):
    """One part of a date or time: which unit, its value in one spelling, where it stands."""

    unit: str
    value: str
    text: str
    span: tuple[int, int]


def moments(text: str, start: int = 0) -> Iterator[Moment]:
    """Yield the parts of dates and times in a levelled text from a place on, in order."""
    for found in _TIME.finditer(text, start):
        unit = found.lastgroup or ""
        # `late` and `clock` are closed before the hour that holds them, so `lastgroup` is the hour.
        yield Moment(unit, _value(unit, found), found.group(), found.span())


def _value(unit: str, found: re.Match[str]) -> str:
    if unit in {"year", "month", "day"}:
        return str(int(value_of(found[unit])))
    if unit == "hour":
        hour = int(value_of(found["clock"]))
        return str(hour + _NOON if found["late"] and hour < _NOON else hour)
    if unit == "colon":
        return found["colon"].lstrip("0")
    if unit == "until":
        return _MONTHS.get(found.group()) or str(int(value_of(found["last"])))
    text = found.group().replace("星期", "周").replace("个", "")
    if unit == "week" and text[-1] != "周":
        text = text[-2:]
    return _SAME.get(text, text)


def without_times(text: str, found: tuple[Moment, ...]) -> str:
    """Return the text with its dates and times blanked out, place for place."""
    for moment in found:
        start, end = moment.span
        text = text[:start] + "\u3000" * (end - start) + text[end:]
    return text


def clash(ours: Moment, theirs: tuple[Moment, ...], published: dict[str, str]) -> Moment | None:
    """Return what the original says instead of a moment of ours; None where nothing contradicts.

    `published` holds year, month and day of the original's publication, where known: a moment
    that names them contradicts nothing.
    """
    if published.get(ours.unit) == ours.value:
        return None
    alike = [one for one in theirs if one.unit == ours.unit]
    if not alike or any(one.value == ours.value for one in alike):
        return None
    return alike[0]
