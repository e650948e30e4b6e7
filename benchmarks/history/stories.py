"""Invented stories for measuring the history, or the headlines of a file in their place."""

import random
from pathlib import Path
from typing import Final

from app.domain.push import PushRequest
from tests.fixtures.facts import facts_of

_PLACES: Final = (
    "江州", "临川", "云溪", "白鹭", "青石", "南屏", "松岭", "望河", "明湖", "柳桥", "东港", "西陵",
)  # fmt: skip
_WHO: Final = (
    "市政府", "消防队", "气象台", "中学", "医院", "地铁公司", "农科院", "博物馆", "图书馆", "法院",
)  # fmt: skip
_DEED: Final = (
    "公布", "启动", "完成", "推迟", "恢复", "调整", "试行", "验收", "扩建", "开放", "检修", "招募",
)  # fmt: skip
_WHAT: Final = (
    "老旧小区改造", "夜间公交线路", "秋粮收购价格", "供暖时间表", "登山步道", "校园开放日",
    "门诊预约办法", "非遗展览", "河道清淤工程", "青年公寓申请", "消防演练计划", "机场快线票价",
)  # fmt: skip
_DETAIL: Final = ("涉及", "预计", "首批", "年内", "新增", "覆盖", "取消", "投入", "减少", "延长")


def invented(chance: random.Random, count: int, file: Path | None) -> list[tuple[str, str]]:
    """Return titles and bodies; from a file of headlines each story takes three of them."""
    if file is None:
        return [_story(chance) for _ in range(count)]
    titles = [line.partition("\t")[2] for line in file.read_text("utf-8").splitlines()]
    picked = (chance.sample(titles, 3) for _ in range(count))
    return [(first, f"{second}。{third}") for first, second, third in picked]


def request_of(title: str, body: str) -> PushRequest:
    """Return a news push with these words, in order but for them."""
    words = {"push.title": title, "push.body": body, "push.surface": "one-surface"}
    return facts_of("news", words).push


def _story(chance: random.Random) -> tuple[str, str]:
    where, who, deed, what = (chance.choice(one) for one in (_PLACES, _WHO, _DEED, _WHAT))
    number = chance.randrange(2, 9000)
    title = f"{where}{who}{deed}{what} {chance.choice(_DETAIL)}{number}处"
    other, others_deed = chance.choice(_WHO), chance.choice(_DEED)
    more = f"{chance.choice(_PLACES)}{other}同日{others_deed}{chance.choice(_WHAT)}"
    return title, f"{where}{who}表示，{what}{chance.choice(_DETAIL)}{number}处。{more}。"
