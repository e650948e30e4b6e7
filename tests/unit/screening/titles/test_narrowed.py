"""A part told as the whole, what the lead denies, other comparisons and rates, days and numbers."""

import pytest

from app.screening.titles.judge import OriginalTexts, title_signs


def signs(popup: str, original: str, lead: str) -> set[str]:
    told = title_signs(popup, OriginalTexts(original, lead, None))
    return {name for name, share in told.items() if share}


@pytest.mark.parametrize(
    ("sign", "original", "lead", "popup", "faithful"),
    [
        (
            "scope_changed/total",
            "书屋进了车站",
            "全市90座车站中的41座设置了自助书屋。",
            "90座车站设置自助书屋",
            "90座车站中41座设置自助书屋",
        ),
        (
            "reversed/base",
            "河东区房价走势",
            "9月均价环比上涨1.4%，比去年同期下降6.3%。",
            "河东区9月均价同比上涨1.4%",
            "河东区9月均价比上月上涨1.4%",
        ),
        (
            "negation_dropped/scope",
            "水厂停水检修",
            "管网局称没有接到任何住户中毒的报告，供水已恢复。",
            "水厂检修后住户中毒",
            "水厂检修，无住户中毒",
        ),
        (
            "doubt_dropped/lead-possible",
            "湖底发现木桩",
            "考古队认为湖底木桩可能是一座古桥的桥基，尚待测年。",
            "湖底木桩是古桥桥基",
            "湖底木桩可能是古桥桥基",
        ),
        (
            "number_changed/rate",
            "玉米收购价上调",
            "玉米收购价上调至每公斤2.6元。",
            "玉米每斤收2.6元",
            "玉米每斤收1.3元",
        ),
        (
            "number_changed",
            "玉米收购价上调",
            "玉米收购价上调至每公斤2.6元。",
            "玉米每斤收1.9元",
            "玉米每斤收1.3元",
        ),
        (
            "number_changed",
            "车站增开列车",
            "增开列车128列，候车室延长开放。",
            "车站增开列车170列",
            "车站增开列车130列",
        ),
        (
            "number_changed",
            "铜价回落",
            "铜期货跌至每磅3.92美元。",
            "铜价每磅跌破3美元",
            "铜价每磅跌破4美元",
        ),
        (
            "number_changed",
            "索道停运",
            "索道因故停运两个半小时，乘客均已下山。",
            "索道停运三个半小时",
            "索道停运150分钟",
        ),
        (
            "claim_added/number",
            "老面馆关门",
            "面馆2003年开业，将于2026年年底停业。",
            "开了31年的面馆关门",
            "开了23年的面馆关门",
        ),
        (
            "claim_added/number",
            "银行下调存款利率",
            "三年期利率由1.9%调整为1.75%。",
            "银行下调存款利率0.45个百分点",
            "银行下调存款利率0.15个百分点",
        ),
        (
            "time_changed",
            "大桥封闭检修",
            "本报9月16日（周三）讯，大桥将于19日封闭检修。",
            "大桥周五封闭检修",
            "大桥周六封闭检修",
        ),
    ],
)
def test_a_change_is_noticed_and_its_faithful_twin_is_not(
    sign: str, original: str, lead: str, popup: str, faithful: str
) -> None:
    assert sign in signs(popup, original, lead)
    assert sign not in signs(faithful, original, lead)


@pytest.mark.parametrize(
    ("sign", "original", "lead", "popup"),
    [
        # What is asked is not stated, and 未参与的 is said of the people alone.
        (
            "negation_dropped/scope",
            "药店回应",
            "药店称从未销售过期药品。",
            "销售过期药品？药店回应了",
        ),
        (
            "negation_dropped/scope",
            "学界看法不一",
            "未参与的学者认为样本少。",
            "学者觉得样本少了点",
        ),
        (
            "negation_dropped/scope",
            "路口改造",
            "路口未设置信号灯，已报批。",
            "路口设置信号灯？已报批",
        ),
        # Sentences apart, a number is no part of another.
        ("scope_changed/total", "车展开幕", "展车90辆。售票41辆次，试驾踊跃。", "90辆展车试驾踊跃"),
        # Both comparisons are told of the same number, or none in its sentence.
        ("reversed/base", "菜价", "白菜同比涨2%，环比涨2%。", "白菜环比涨2%"),
        ("reversed/base", "菜价", "较上月减少。白菜涨2%。", "白菜同比涨2%"),
        ("reversed/base", "菜价", "白菜环比涨2%。", "同比不详。白菜涨2%"),
        # Other things are no rate of each other, and small counts are not compared.
        ("number_changed/rate", "停车收费", "每小时6元。", "停车每公斤6元"),
        ("number_changed/rate", "产量", "亩产一斤。", "公顷产一斤"),
        ("number_changed/rate", "产量", "亩产500公斤。", "每公顷产7500公斤"),
        # The same things counted by other words, or in another notation.
        ("number_changed", "车棚起火", "烧毁车辆5台。", "车棚起火烧毁5辆车"),
        ("number_changed", "骑车返乡", "途经六个省份。", "骑车返乡经过6省"),
        ("number_changed", "停电", "停电约40分钟。", "停电40分"),
        ("number_changed", "调查", "每天饮用1至2杯。", "每天一两杯"),
        ("number_changed", "收购", "收购60%股权。", "拟收购六成股权"),
        ("number_changed", "网点恢复", "关闭的36个收费站中已有24个开放。", "24个收费站开放"),
        ("claim_added/number", "追尾", "五车追尾，无人受伤。", "高速5车追尾无人受伤"),
        ("claim_added/number", "选手夺冠", "2001年出生的选手夺冠。", "“00后”选手夺冠"),
        ("time_changed", "封闭检修", "将于周三封闭检修。", "下周封闭检修"),
    ],
)
def test_what_says_the_same_or_nothing_is_not_noticed(
    sign: str, original: str, lead: str, popup: str
) -> None:
    assert sign not in signs(popup, original, lead)


def test_words_that_only_announce_news_claim_nothing() -> None:
    assert "claim_added/run" not in signs("突发！独家速览", "大桥封闭", "大桥封闭检修三日。")
