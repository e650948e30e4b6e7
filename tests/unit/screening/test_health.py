"""Knowledge about health beside whom to buy from, on invented pushes; and on lawful ones."""

import pytest

from app.domain.signals import Family
from tests.fixtures.judging import judged, signals_of

RULE = "internet-ads-health"


def texts(title: str, body: str) -> dict[str, object]:
    return {"push.title": title, "push.body": body}


@pytest.mark.parametrize(
    ("kind", "title", "body", "sellers"),
    [
        (
            "general",
            "三伏天养生知识",
            "湿气重的人多喝薏米水，祛湿茶请加微信 cwys2031。",
            ["cwys2031"],
        ),
        ("general", "老中医教你三招缓解失眠", "睡前泡脚，点击购买助眠足浴包。", ["点击购买"]),
        (
            "general",
            "膝盖疼该怎么养",
            "医生建议少爬楼梯，致电 13812345678 领取方案。",
            ["13812345678"],
        ),
        (
            "general",
            "护肝小知识",
            "熬夜伤肝，多吃枸杞。门店地址：朝阳区建国路88号。",
            ["建国路88号"],
        ),
        (
            "news",
            "专家提醒：秋燥时节这样补",
            "多吃梨有助于润肺，阿胶膏订购热线 4008001234。",
            ["订购热线"],
        ),
    ],
)
def test_a_seller_beside_knowledge_about_health_is_found(
    kind: str, title: str, body: str, sellers: list[str]
) -> None:
    found = judged(kind, texts(title, body), RULE).findings
    for seller in sellers:
        assert any(seller in str(one.params["seller"]) for one in found), found
    for one in found:
        start, end = one.span or (0, 0)
        assert end > start


@pytest.mark.parametrize(
    ("kind", "title", "body"),
    [
        ("general", "健康科普：便秘的人要多喝水", "多吃蔬菜，每天运动半小时，有助于改善便秘。"),
        ("general", "体检报告已生成", "点击查看您的体检报告，如有疑问请联系 010-12345678。"),
        ("general", "社区将办健康讲座", "周六上午九点，地点：幸福路12号社区中心，免费入场。"),
        ("general", "春装上新", "点击购买，全场包邮，客服微信 czsx2024。"),
        ("news", "秋冬季如何预防流感", "国家疾控局提示，接种疫苗有助于预防流感，勤洗手、多通风。"),
        ("news", "多地查处虚假养生讲座", "警方提醒，养生知识讲座卖药多为骗局，发现线索请拨打110。"),
        ("advertisement", "枸杞到货", "养生知识：多吃枸杞有助于护肝。点击购买。"),
    ],
)
def test_knowledge_alone_and_sellers_alone_are_left_alone(kind: str, title: str, body: str) -> None:
    assert judged(kind, texts(title, body), RULE).findings == ()


def test_nobody_asks_about_health_where_nothing_is_sold() -> None:
    plain = texts("健康科普：便秘的人要多喝水", "多吃蔬菜，有助于改善便秘。")
    assert not [one for one in signals_of("general", plain) if one.family is Family.CLAIM]


def test_signs_in_other_words_add_up_and_repeated_ones_do_not() -> None:
    sold = "加微信 cwys2031。"
    once, twice, other = (
        next(
            one.weight
            for one in signals_of("general", texts(title, sold))
            if one.kind == "health_knowledge"
        )
        for title in ("泡脚有好处", "泡脚有好处，泡脚有好处", "泡脚有好处，艾灸有好处")
    )
    assert once == twice < other
