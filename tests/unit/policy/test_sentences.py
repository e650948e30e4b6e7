"""A cap as a sentence that a person can read, in both languages."""

# ruff: noqa: E501, ISC004 - whole sentences, as they are read

from datetime import UTC, datetime

import pytest
from hypothesis import given

from app.domain.policy import (
    A_DAY,
    Calendar,
    CalendarUnit,
    Cap,
    Counts,
    Covers,
    Gap,
    Mode,
    Over,
    Per,
    QuietHours,
    Rolling,
)
from app.domain.push import ContentKind, MinorsAudience
from app.domain.registers import ContentClass
from app.policy.sentences import sentence, span_words
from tests.unit.domain.test_policy import caps

NAMES = {"srf_a": "晨窗", "prv_a": "示例快讯"}


@pytest.mark.parametrize(
    ("cap", "zh", "en"),
    [
        (
            Cap("a", 5, A_DAY),
            "每位接收用户每个自然日（按其所在时区）最多收到 5 条弹窗，超出的不再下发。",
            "A recipient gets at most 5 popups each calendar day (in the recipient's time zone);"
            " what is more is left out.",
        ),
        (
            Cap(
                "b",
                2,
                Calendar(CalendarUnit.WEEK, "Asia/Shanghai"),
                Covers(
                    kinds=(ContentKind.NEWS, ContentKind.GENERAL),
                    surfaces=("srf_a",),
                    providers=("prv_a",),
                    topics=("天气",),
                    classes=(ContentClass.FINANCE,),
                    minors=(MinorsAudience.ONLY,),
                ),
                per=(Per.RECIPIENT, Per.TOPIC),
                over=Over.DEFER,
                effective_from=datetime(2026, 12, 1, tzinfo=UTC),
            ),
            "自 2026-12-01 08:00 起，每位接收用户每周（周一起算）（Asia/Shanghai 时间）、每个话题分别计数，"
            "最多收到 2 条在“晨窗”上的由“示例快讯”推送的话题为“天气”的内容涉及金融的受众仅限未成年人的"
            "新闻信息、其他信息弹窗，超出的推迟到有空位时再下发。",
            "From 2026-12-01 08:00 (Beijing) on, a recipient gets at most 2 popups with news or general"
            " content on “晨窗” by “示例快讯” on the topic “天气” about finance for an audience of minors"
            " only each week (from Monday) (Asia/Shanghai time), counted for each topic apart; what is"
            " more waits for room.",
        ),
        (
            Cap("c", 3, Rolling(5400), mode=Mode.SHADOW),
            "每位接收用户任意连续 1 小时 30 分钟内最多收到 3 条弹窗，超出的不再下发。（只统计，不拦截）",
            "A recipient gets at most 3 popups in any 1 hour 30 minutes; what is more is left out."
            " (A shadow: it stops nothing.)",
        ),
        (
            Cap("d", 1, Gap(600), Covers(kinds=(ContentKind.ADVERTISEMENT,)), over=Over.DEFER),
            "同一接收用户收到的广告信息弹窗，前后至少间隔 10 分钟，超出的推迟到有空位时再下发。",
            "Popups with advertisements to one recipient come at least 10 minutes apart; what is more"
            " waits for room.",
        ),
        (
            Cap("g", 5000, A_DAY, per=(Per.SURFACE, Per.TOPIC)),
            "所有接收用户合计，每个自然日（按展示端所在时区）、每个展示端、每个话题分别计数，最多收到 5000 条弹窗，"
            "超出的不再下发。",
            "All recipients together get at most 5000 popups each calendar day (in the surface's time"
            " zone), counted for each surface and each topic apart; what is more is left out.",
        ),
        (
            Cap("h", 1, Gap(600), per=(Per.TOPIC,)),
            "发给任何接收用户的弹窗，前后至少间隔 10 分钟、每个话题分别计数，超出的不再下发。",
            "Popups to whomever come at least 10 minutes apart, counted for each topic apart; what is"
            " more is left out.",
        ),
        (
            Cap("i", 2, Rolling(3600), per=(Per.SURFACE, Per.TOPIC), counts=Counts.PUSHES),
            "任意连续 1 小时内、每个展示端、每个话题分别计数，最多放行 2 个推送，超出的不再下发。",
            "At most 2 pushes are released in any 1 hour, counted for each surface and each topic apart;"
            " what is more is left out.",
        ),
        (
            Cap("i", 2, A_DAY, per=(), counts=Counts.PUSHES),
            "每个自然日（按展示端所在时区），最多放行 2 个推送，超出的不再下发。",
            "At most 2 pushes are released each calendar day (in the surface's time zone);"
            " what is more is left out.",
        ),
        (
            Cap("j", 1, Gap(600), per=(Per.TOPIC,), counts=Counts.PUSHES),
            "推送，前后至少间隔 10 分钟、每个话题分别计数，超出的不再下发。",
            "Pushes come at least 10 minutes apart, counted for each topic apart; what is more is left"
            " out.",
        ),
        (
            Cap(
                "k",
                20,
                A_DAY,
                Covers(kinds=(ContentKind.ADVERTISEMENT,)),
                per=(Per.SURFACE,),
                counts=Counts.PUSHES,
                percent=30,
                over=Over.DEFER,
            ),
            "每个自然日（按展示端所在时区）、每个展示端分别计数，广告信息推送最多占展示端全部推送的 30%"
            "（不足 20 个按 20 个计），超出的推迟到有空位时再下发。",
            "At most 30 percent of a surface's pushes, taken as no fewer than 20, are pushes with"
            " advertisements each calendar day (in the surface's time zone), counted for each surface"
            " apart; what is more waits for room.",
        ),
        (
            Cap("l", 2, Rolling(3600), over=Over.REPLACE),
            "每位接收用户任意连续 1 小时内最多收到 2 条弹窗，超出的替换同一服务提供者较早一条尚未显示的，"
            "没有可替换的不再下发。",
            "A recipient gets at most 2 popups in any 1 hour; what is more replaces an older one of the"
            " same provider that was not shown yet, or is left out.",
        ),
        (
            Cap("m", 5, Rolling(3600), broadcast=2),
            "每位接收用户任意连续 1 小时内最多收到 5 条弹窗（其中 2 条留给不指明接收用户的推送），超出的不再下发。",
            "A recipient gets at most 5 popups in any 1 hour, 2 of which are for pushes that name no"
            " recipients; what is more is left out.",
        ),
        (
            Cap("e", 0, QuietHours(22 * 60, 7 * 60 + 5), over=Over.DEFER),
            "22:00 至次日 07:05（按其所在时区），不向接收用户下发弹窗，推迟到结束后再下发。",
            "No popups from 22:00 to 07:05 (in the recipient's time zone); they wait for its end.",
        ),
        (
            Cap("f", 0, QuietHours(12 * 60, 14 * 60)),
            "12:00 至 14:00（按其所在时区），不向接收用户下发弹窗，这段时间的不再下发。",
            "No popups from 12:00 to 14:00 (in the recipient's time zone); they are left out.",
        ),
    ],
)
def test_a_cap_reads_like_this(cap: Cap, zh: str, en: str) -> None:
    assert sentence(cap, NAMES).zh == zh
    assert sentence(cap, NAMES).en == en


def test_spans_are_told_in_their_largest_units() -> None:
    assert [span_words(seconds).en for seconds in (60, 86_400, 90_061)] == [
        "1 minute", "1 day", "1 day 1 hour 1 minute 1 second",
    ]  # fmt: skip
    assert span_words(2 * 86_400 + 60).zh == "2 天 1 分钟"


@given(caps)
def test_every_cap_has_a_sentence_in_both_languages(cap: Cap) -> None:
    said = sentence(cap, {})
    assert said.zh.endswith(("。", "）"))
    assert said.en[0].isupper()
