"""Words that stand together make an offer, a rendering or a trap; a report of it is none."""

from pathlib import Path

import pytest

from app.domain.signals import DISGUISED, REPORTED, Family
from app.screening import content_words
from app.screening.content import content_signals, reported_signals
from app.screening.content_words import Vocabulary

ENOUGH = 60

OFFERS = {
    "开户送彩金，百家乐真人在线，提现秒到": "gambling",
    "刷单兼职，一单一结，日结不拖欠": "fraud",
    "附近寂寞少妇可上门，满意付款": "pornography",
    "麻古到货，纯度高，懂的私": "drugs",
    "高压气枪，打鸟打兔子，货到付款": "weapons",
    "毕业证代办，学信网可查，先看证后付款": "forged_papers",
    "征信花了也能借钱，秒批秒到，不看征信": "illegal_finance",
    "开房记录代查，只需手机号，24小时出结果": "personal_data_trade",
    "替人讨债，断手断脚，事成付款": "violence",
    "大师亲自化解犯太岁，灵验不灵退款": "superstition",
    "学生党电子烟，同款人手一支，免实名": "harm_to_minors",
    "孩子成绩差就是废物，别人都有清华北大的梦": "minors_values",
    "小学生热舞擦边，性感撩人": "minors_image",
    "涉事女童真实姓名、家庭住址全公开，人肉出来": "minors_data",
    "女星出轨实锤，露骨聊天记录曝光": "gossip",
    "晒豪宅晒劳斯莱斯，有钱任性，穷人别看": "flaunting",
    "网红直播吃屎，辣眼睛看吐了": "ugliness",
    "车祸现场血肉模糊，高清无码视频快看": "disaster",
    "真实解剖尸体全过程，血腥慎入": "gore",
    "女神浴室湿身，男人看了把持不住": "sexual_suggestion",
    "东北人都是骗子，没素质": "discrimination",
    "震惊！全国人民都在吃的东西竟然致癌，快扔": "click_bait",
}
TRAPS = {
    "您有3条未读消息": "fake_unread",
    "妈妈来电，点击接听": "fake_call",
    "检测到手机中毒，请立即清理病毒": "fake_system",
    "恭喜您获得现金红包，点击领取": "fake_reward",
    "您的账号将被冻结，点击解除": "threat",
    "分享到3个群即可领取红包": "forced_share",
}
REPORTS = (
    "警方捣毁一赌博窝点：组织者以百家乐、下注返水招揽，提现秒到",
    "法院宣判：男子贩卖麻古，微信收款后发货，被判刑十年",
    "民警提醒：刷单兼职、一单一结都是骗局，切勿转账",
    "教育部：严禁代写论文、代办毕业证，一经查实撤销学位",
    "央行：征信修复、无抵押秒批均为骗局",
)
SOBER = (
    "地震已致12人遇难，救援仍在继续",
    "女演员宣布离婚，双方和平分手",
    "福布斯富豪榜公布，首富易主",
    "电影《赌神：百家乐下注开户送彩金》重映",
    "双色球开奖：头奖两注",
    "身份证丢失如何补办？异地也能办",
)


def strong(*texts: str, contacted: bool = False) -> dict[str, int]:
    fields = [(f"/{n}", text) for n, text in enumerate(texts)]
    found = content_signals(fields, contacted=contacted)
    return {signal.kind: signal.weight for signal in found if signal.weight >= ENOUGH}


@pytest.mark.parametrize(("text", "kind"), (OFFERS | TRAPS).items())
def test_an_offer_a_rendering_or_a_trap_is_judged_by_words_that_stand_together(
    text: str, kind: str
) -> None:
    assert kind in strong(text)


@pytest.mark.parametrize("text", [*REPORTS, *SOBER])
def test_a_report_advice_or_sober_news_is_left_alone(text: str) -> None:
    assert strong(text) == {}


def test_a_signal_spans_its_words_in_the_original_and_names_them() -> None:
    text = "【新】百 家 乐，注册送彩金"
    found = content_signals([("/title", "今晚八点"), ("/body", text)])
    [signal] = [one for one in found if one.kind == "gambling"]
    assert (signal.family, signal.kind, signal.pointer) == (Family.CONTENT, "gambling", "/body")
    assert text[slice(*signal.span)] == "百 家 乐，注册送彩金"
    assert signal.params == {"words": "今晚、百 家 乐、注册送、彩金", DISGUISED: True}


def test_words_of_title_and_body_count_together_and_the_span_stays_in_one_field() -> None:
    found = content_signals([("/title", "高仿军官证"), ("/body", "代办，货到付款")])
    assert [(one.kind, one.pointer, one.span) for one in found] == [
        ("forged_papers", "/title", (0, 5))
    ]


def test_a_contact_counts_as_a_channel_and_no_report_has_one() -> None:
    alone = strong("地下彩，天天开")["gambling"]
    assert strong("地下彩，天天开", contacted=True)["gambling"] > alone
    assert strong("警方提醒：百家乐，下注返水") == {}
    assert "gambling" in strong("警方提醒：百家乐，下注返水", contacted=True)


DRUGS = "麻古到货，纯度高"


@pytest.mark.parametrize(
    "text",
    [
        f"温馨提示：{DRUGS}",
        f"提醒：{DRUGS}，老客户介绍",
        f"警方：{DRUGS}",
        f"警方提醒：{DRUGS}，私聊下单",
        f"民警破获大案，谨防假冒，正品认准本店：{DRUGS}，扫码进群",
    ],
)
def test_a_notice_an_agent_alone_and_any_way_to_deal_excuse_nothing(text: str) -> None:
    assert "drugs" in strong(text)
    assert reported_signals([("/body", text)]) == ()


@pytest.mark.parametrize(
    "text",
    [
        f"警方提醒：见到“{DRUGS}”，切勿扫码进群",
        f"警方破获贩毒案：团伙以“{DRUGS}”招揽，通过私聊下单",
        f"“{DRUGS}，进群领取”是骗局，警惕陷阱",
    ],
)
def test_a_way_to_deal_that_is_forbidden_or_told_about_leaves_a_report_one(text: str) -> None:
    assert strong(text) == {}
    assert [one.kind for one in reported_signals([("/body", text)])] == [REPORTED]


def test_a_word_inside_a_longer_harmless_one_does_not_count() -> None:
    assert strong("猪肉批发，量大从优，货到付款") == {}


def test_a_tide_of_work_is_no_jargon() -> None:
    assert strong("商业潮吹响号角，改革大潮吹来") == {}


def test_an_authority_that_asks_for_a_card_number_reports_nothing() -> None:
    text = "税务局提醒您：有一笔退税待领取，填写银行卡号和短信验证码"
    assert "fraud" in strong(text)
    assert reported_signals([("/body", text)]) == ()


def test_a_latin_word_counts_only_where_it_stands_alone() -> None:
    assert "gore" not in strong("savour 在线观看，高清无码")


def test_a_title_that_never_closes_hides_nothing() -> None:
    assert "gambling" in strong("《百家乐注册送体验金")


def test_a_topic_that_needs_somebody_says_nothing_without() -> None:
    found = content_signals([("/body", "真实姓名、家庭住址全公开，人肉出来")])
    assert "minors_data" not in {signal.kind for signal in found}
    [signal] = [
        one
        for one in content_signals([("/body", "女童真实姓名、家庭住址全公开，人肉出来")])
        if one.kind == "minors_data"
    ]
    assert signal.weight >= ENOUGH


def test_a_report_is_a_signal_where_listed_terms_were_found() -> None:
    [told] = reported_signals([("/title", "警方通报：专家学者谈防骗")])
    assert (told.family, told.kind, told.weight) == (Family.CONTENT, REPORTED, 100)
    assert told.params == {"words": "警方、专家、学者、防骗"}
    [warned] = reported_signals([("/title", "专家学者医生说")])
    assert warned.weight == 60
    assert reported_signals([("/title", "专家说")]) == ()
    assert reported_signals([("/title", "今日天气晴")]) == ()


def test_a_table_with_a_word_of_one_letter_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shared.toml").write_text('deal = "元"', "utf-8")
    monkeypatch.setattr(content_words, "_FOLDER", tmp_path)
    with pytest.raises(ValueError, match="元"):
        Vocabulary.load()


def test_a_long_text_full_of_words_takes_linear_time() -> None:
    found = content_signals([("/body", "百家乐下注送体验金" * 200)])
    assert [signal.kind for signal in found] == ["gambling"]


def test_a_short_word_ends_at_the_punctuation_of_a_clause() -> None:
    # 检测不 (出) is drug dealers' talk; here one clause ends and the next begins.
    fields = [("/body", "免费检测，不更换药丸也可走人工车道，现货私聊")]
    assert all("检测" not in str(one.params["words"]) for one in content_signals(fields))
    fields = [("/body", "免费检测不出，药丸现货私聊")]
    assert any("检测不" in str(one.params["words"]) for one in content_signals(fields))


def test_capitals_throughout_are_no_disguise() -> None:
    for text, disguised in (("SPA会所上门全套八百", False), ("sPa会所上门全套八百", True)):
        (signal,) = content_signals([("/body", text)])
        assert "spa" in str(signal.params["words"]).lower()
        assert signal.params.get(DISGUISED, False) is disguised


def test_what_covers_another_word_may_itself_tell_of_a_deed() -> None:
    fields = [("/body", "记者调查同城速配，消保委约谈了两家开发商。")]
    (told,) = reported_signals(fields)
    assert "约谈" in str(told.params["words"])
    assert told.weight >= 60
