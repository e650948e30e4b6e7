"""Contacts in a text are found however they are written; official numbers are left alone."""

import pytest

from app.domain.signals import Signal
from app.screening.contacts import contact_signals, is_direct, text_signals

ENOUGH = 60

BAIT = {
    "想要的加我微信 abc_12345 备注领取": "wechat",
    "加V：haoyun888 送福利": "wechat",
    "威信：lucky6688": "wechat",
    "私聊我Q 123456789": "qq",
    "扣扣：876543210 有惊喜": "qq",
    "企鹅号八七六五四三二一零": "qq",
    "群号：345678901": "group",
    "纸飞机联系 zhao888": "telegram",
    "TG：@hello123": "telegram",
    "电话１３８-００１３-８０００": "phone",
    "幺三八零零一三八零零零 随时联系": "phone",
    "①③⑧⓪⓪①③⑧⓪⓪⓪": "phone",
    "1 3 8 0 0 1 3 8 0 0 0": "phone",
    "13800138000，价格面议": "phone",
    "微信：138001，领资料": "wechat",
    "扫码进群领红包": "asked",
    "➕V了解": "asked",
    "详情看主页有联系方式": "asked",
    "登录 abc 点 com 观看": "site",
    "访问www.hehe888.vip领取": "site",
    "联系邮箱 abc艾特qq点com": "mail",
}
LAWFUL = (
    "客服热线95588，24小时为您服务",
    "拨打12345或12315投诉",
    "400-800-8888为您服务",
    "如有线索请联系王警官13800138000",
    "咨询电话：010-12345678",
    "传真：010-1234,5678",
    "2025年11月11日10:00-11:30 13:00",
    "全年营收15,300,000,000元",
    "成交额13800000000元",
    "全年营收15,300,000,000",
    "微信支付推出新功能",
    "微信windows版本上线",
    "QQ音乐上线新专辑",
    "飞机A320neo交付",
    "abcqq123456789x 型号说明",
    "微信12345次登录",
    "微信12345登录",
    "abqq123456789",
    "13800138000,13900139000,",
    "游客可扫码购票入园",
    "警方提醒：陌生人要求加微信、进群做任务，都是诈骗",
    "人民网网址www.people.com.cn",
    "投稿邮箱news@kuaixun.example",
    "私信曝光：两人决裂",
)


def kinds(text: str) -> dict[str, int]:
    return {signal.kind: signal.weight for signal in contact_signals([("/body", text)])}


@pytest.mark.parametrize(("text", "kind"), BAIT.items())
def test_bait_is_found_however_it_is_written(text: str, kind: str) -> None:
    assert kinds(text).get(kind, 0) >= ENOUGH


@pytest.mark.parametrize("text", LAWFUL)
def test_official_numbers_and_mentions_weigh_too_little(text: str) -> None:
    assert sum(kinds(text).values()) < ENOUGH


def test_a_signal_spans_the_contact_in_the_original_and_holds_it_in_plain_digits() -> None:
    text = "急需的打 1③8-００13-8000 找我"
    [signal] = contact_signals([("/title", text)])
    assert text[slice(*signal.span)] == "1③8-００13-8000"
    assert (signal.weight, signal.params) == (90, {"value": "13800138000"})


def test_a_way_inside_a_named_contact_is_not_told_twice() -> None:
    assert list(kinds("加微信abc12345")) == ["wechat"]


def test_a_report_that_names_somebody_is_no_report() -> None:
    assert "asked" in kinds("警方提醒您：请进群，再拨打13800138000")
    assert "asked" not in kinds("警方提醒您：不要进群")


def test_only_a_name_or_number_is_direct() -> None:
    assert is_direct(contact_signals([("/body", "QQ：123456789")]))
    assert not is_direct(contact_signals([("/body", "加微信了解")]))


def found(text: str, *, listed: bool) -> list[Signal]:
    return list(text_signals([("/title", text), ("/body", "")], listed=listed))


def test_a_report_is_told_only_where_listed_terms_were_found_and_nobody_is_named() -> None:
    assert [one.kind for one in found("警方通报一起案件", listed=True)] == ["reported"]
    assert found("警方通报一起案件", listed=False) == []
    assert [one.kind for one in found("警方通报，微信abc12345", listed=True)] == ["wechat"]
