"""Find the names of people, places and bodies in a text, and say whether the original has them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from app.screening.tables import alias_groups
from app.screening.tokenizer import TaggedWord

_SURNAMES: Final = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程"
    "苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝"
    "龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左"
    "柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈"
    "饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师"
)
_NOT_NAMES: Final = frozenset(
    "高招 中断 曝光 高兴 明朗 文静 和平 高考 高铁 高管 安全 成功 时代 万元 万人 金额 金牌 石油 马上 华语 "
    "平安 白天 方便 任何 全程 全面 康复 路线 车辆 党员 农民 师生 关于 于是 安定 解禁 解除 解封 应急 游客 "
    "成立 成交 成本 成年 时间 时隔 温度 温暖 夏天 夏季 秋季 冬季 春季 小伙 老师 阿姨 万辆 新手机 严重 严格 "
    "向好 全新 连续 连夜 安排 易发 高温 高速 高校 高达 高位 高层 高价 文旅 黄金 黄牌 雷暴 金融 金价 牛市 熊市 "
    "安检 安保 古城 古镇 米饭 季度 单日 单价 单身 单位 曲线 房价 房企 车企 车主 车祸 师傅 党组 党委 费用 冷空气 "
    "时时 时速 全年 全省 全市 全球 全体 全部 全运 应聘 应对 简单 项目 连接 连锁 向前 向上 左右 章程 关税 关注 关闭 "
    "包括 包装 欧冠 欧联 梅雨 华裔 华人 华侨 卫星 卫生 边境 边防 国际 世界 地球 大陆 内地 海外 境外 国外 本地 外地 "
    "东部 西部 南部 北部 中部 东方 西方 南方 北方 城区 市区 郊区 县城 农村 乡村 高原 平原 盆地 沿海 近海 远海 华东 华南 "
    "华北 华中 西北 西南 东北 江南 江北 江淮 黄淮 地铁 公路 高架 大桥 机场 车站 广场 公园 小区 社区 大厦 商场 超市 "
    "马拉松 奥运 冬奥 亚运 世预赛 世界杯 英超 西甲 德甲 意甲 中超 欧洲杯 亚洲杯".split()
)
_SUFFIX: Final = re.compile(r"(?:特别行政区|自治区|自治州|自治县|新区|地区|[省市区县州国镇乡村岛湾队]|男篮|女篮|男足|女足|男排|女排)$")
_LATIN: Final = re.compile(r"[a-z][a-z0-9]*(?:[ -]?\d+[a-z]*)?|\d+[a-z]+(?![a-z])")
_MASKED: Final = re.compile(rf"[{''.join(sorted(_SURNAMES))}]某某?[\u4e00-\u9fff]?(?=[^\u4e00-\u9fff]|$)|[{''.join(sorted(_SURNAMES))}]某某?")
_SHORT_BODY: Final = 5
_COMMON: Final = frozenset({"a", "app", "ai", "vs", "pk", "ok", "tv", "km", "kg", "mm", "cm", "m", "g"})


@dataclass(frozen=True, slots=True)
class Name:
    """A name at its place; `kind` is person, place, body or latin."""

    kind: str
    text: str
    start: int


def names(text: str, words: Iterable[TaggedWord]) -> Iterator[Name]:
    """Yield the names among the words of a levelled text, then those in Latin letters."""
    for word, tag, start in words:
        kind = _kind(word, tag)
        if kind:
            yield Name(kind, word, start)
    for found in _MASKED.finditer(text) if "某" in text else ():
        yield Name("person", found.group(), found.start())
    for found in _LATIN.finditer(text):
        if found.group() not in _COMMON:
            yield Name("latin", found.group(), found.start())


def _kind(word: str, tag: str) -> str:
    if len(word) < 2 or word in _NOT_NAMES or not "\u4e00" <= word[0] <= "\u9fff":  # noqa: PLR2004
        return ""
    if tag == "ns":
        return "place"
    if tag == "nt":
        return "body"
    if tag == "nrt" or (tag == "nr" and word[0] in _SURNAMES and len(word) <= 4):  # noqa: PLR2004
        return "person"
    return ""


def is_named(name: Name, text: str) -> bool:
    """Say whether a text has the name, in full, in short or by another name for the same."""
    if name.text in text:
        return True
    core = _SUFFIX.sub("", name.text)
    if len(core) > 1 and core in text:
        return True
    if any(other in text for other in _aliases().get(name.text, ())):
        return True
    if name.kind == "person":
        return False
    short = 2 if name.kind == "place" else _SHORT_BODY
    return len(name.text) <= short and set(name.text) <= set(text)


@cache
def _aliases() -> dict[str, tuple[str, ...]]:
    groups: dict[str, tuple[str, ...]] = {}
    for _, group in alias_groups():
        for name in group:
            groups[name] = (*groups.get(name, ()), *group)
    return groups


@cache
def foreign() -> frozenset[str]:
    """Return the names of other countries and of international bodies that stand for one."""
    return frozenset(group[0] for kind, group in alias_groups() if kind == "country")
