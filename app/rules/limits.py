"""The numbers that rules need from the rule pack, and how far an admin may move them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from app.domain.facts import Limit

LABEL_MIN_SIZE: Final = "label_min_size_dp"
LABEL_MIN_CONTRAST: Final = "label_min_contrast_hundredths"
CLOSE_MIN_SIDE: Final = "close_min_side_dp"
CLOSE_MIN_CONTRAST: Final = "close_min_contrast_hundredths"
OLD_NEWS_DAYS: Final = "old_news_days"
LIFETIME_HOURS: Final = "push_lifetime_hours"
AI_PICTURE_LABEL: Final = "ai_picture_label_percent"
LINK_MAX_LENGTH: Final = "link_max_length"
UNDECLARED_SCORE: Final = "undeclared_ad_score_hundredths"
UNDECLARED_KINDS: Final = "undeclared_ad_kinds"
TITLE_DISTORTION: Final = "title_distortion_hundredths"
CLICK_BAIT: Final = "click_bait_hundredths"
RETOLD_DAYS: Final = "retold_days"
RETOLD_LIKENESS: Final = "retold_likeness_percent"
TOPIC_LIKENESS: Final = "topic_likeness_percent"
TOPIC_DAILY: Final = "topic_daily_pushes"
SHARE_FROM: Final = "share_from_pushes"
NEWS_SHARE: Final = "news_share_percent"
ADS_SHARE: Final = "advertisements_share_percent"
GENERAL_SHARE: Final = "general_share_percent"
CONTENT_MIN_WEIGHT: Final = "content_weight_hundredths"
CONTENT_NEWS_MIN_WEIGHT: Final = "content_news_weight_hundredths"
REPORT_MIN_WEIGHT: Final = "report_weight_hundredths"
MANNER_MIN_WEIGHT: Final = "manner_weight_hundredths"
MANNER_NEWS_MIN_WEIGHT: Final = "manner_news_weight_hundredths"
ORDINARY_MIN_WEIGHT: Final = "ordinary_weight_hundredths"
CONTACT_MIN_WEIGHT: Final = "contact_weight_hundredths"
INDUCEMENT_MIN_WEIGHT: Final = "inducement_weight_hundredths"
ALGORITHM_FILING_DAYS: Final = "algorithm_filing_working_days"
ALGORITHM_CHANGE_DAYS: Final = "algorithm_change_working_days"
ALGORITHM_END_DAYS: Final = "algorithm_end_working_days"
HEALTH_KNOWLEDGE: Final = "health_knowledge_hundredths"
ELDERLY_BODY_MIN: Final = "elderly_body_min_dp"
ELDERLY_CLOSE_MIN: Final = "elderly_close_min_dp"


@dataclass(frozen=True, slots=True)
class RequiredLimit:
    """A number without which the rules cannot judge.

    A pack may choose it between `lowest` and `highest`; the bounds keep the rule meaningful.
    """

    name: str
    unit: str
    lowest: int
    highest: int
    zh: str
    en: str


REQUIRED: Final = (
    RequiredLimit(
        LABEL_MIN_SIZE, "dp", 12, 96,
        "“广告”二字的最小字号", "smallest size of the word 广告",
    ),
    RequiredLimit(
        LABEL_MIN_CONTRAST, "1/100", 450, 2100,
        "“广告”二字与底色的最低对比度（百分之一）",
        "lowest contrast of the word 广告 with its background, in hundredths",
    ),
    RequiredLimit(
        CLOSE_MIN_SIDE, "dp", 44, 200,
        "关闭标志宽和高的最小值", "smallest width and height of the close mark",
    ),
    RequiredLimit(
        CLOSE_MIN_CONTRAST, "1/100", 300, 2100,
        "关闭标志与底色的最低对比度（百分之一）",
        "lowest contrast of the close mark with its background, in hundredths",
    ),
    RequiredLimit(
        OLD_NEWS_DAYS, "day", 1, 365,
        "原文发布超过多少天算旧闻", "age in days from which news is old news",
    ),
    RequiredLimit(
        LIFETIME_HOURS, "hour", 1, 720,
        "一条推送从提交到失效的最长小时数", "longest life of a push in hours",
    ),
    RequiredLimit(
        AI_PICTURE_LABEL, "%", 5, 50,
        "图片中人工智能标识的字高占最短边的最低百分比",
        "least height of the AI label in a picture, in hundredths of its shortest side",
    ),
    RequiredLimit(
        LINK_MAX_LENGTH, "char", 100, 2048,
        "链接最多多少个字符", "most characters of a link",
    ),
    RequiredLimit(
        UNDECLARED_SCORE, "1/100", 60, 300,
        "广告迹象合计达到多少（百分之一）即转人工",
        "sum of the signs of advertising, in hundredths, from which a push is held",
    ),
    RequiredLimit(
        UNDECLARED_KINDS, "kind", 2, 6,
        "至少须有几种互不相同的广告迹象", "how many kinds of signs of advertising it takes",
    ),
    RequiredLimit(
        TITLE_DISTORTION, "1/100", 20, 200,
        "改动标题原意的信号合计多少转人工（百分之一）",
        "weight of signals, in hundredths, at which changes to a title are held",
    ),
    RequiredLimit(
        CLICK_BAIT, "1/100", 20, 200,
        "标题党信号合计多少转人工（百分之一）",
        "weight of signals, in hundredths, at which a title is held as click bait",
    ),
    RequiredLimit(
        CONTENT_MIN_WEIGHT, "1/100", 50, 100,
        "合起来像违法或不良内容的词，分值达到多少转人工（百分之一）",
        "weight from which words that together look like bad content are held, in hundredths",
    ),
    RequiredLimit(
        CONTENT_NEWS_MIN_WEIGHT, "1/100", 50, 100,
        "新闻信息中合起来像违法或不良内容的词，分值达到多少转人工（百分之一）",
        "weight from which such words are held in news, which report them, in hundredths",
    ),
    RequiredLimit(
        REPORT_MIN_WEIGHT, "1/100", 30, 100,
        "分值达到多少算通报、警示类文字，可以提到违法内容（百分之一）",
        "weight from which a text counts as a report or warning that may name bad content",
    ),
    RequiredLimit(
        MANNER_MIN_WEIGHT, "1/100", 35, 100,
        "整体措辞像违法或不良内容，分值达到多少转人工（百分之一）",
        "weight from which wording that as a whole resembles bad content is held, in hundredths",
    ),
    RequiredLimit(
        MANNER_NEWS_MIN_WEIGHT, "1/100", 35, 100,
        "新闻信息的整体措辞像违法或不良内容，分值达到多少转人工（百分之一）",
        "weight from which such wording is held in news, in hundredths",
    ),
    RequiredLimit(
        ORDINARY_MIN_WEIGHT, "1/100", 66, 100,
        "整体措辞属于日常表达，分值达到多少时仅凭词语组合不转人工（百分之一）",
        "weight from which ordinary wording keeps words that stand together from being held",
    ),
    RequiredLimit(
        CONTACT_MIN_WEIGHT, "1/100", 40, 100,
        "引流联系方式的分值合计达到多少转人工（百分之一）",
        "sum of weights from which contacts in the text are held, in hundredths",
    ),
    RequiredLimit(
        INDUCEMENT_MIN_WEIGHT, "1/100", 50, 100,
        "诱导点击的分值达到多少转人工（百分之一）",
        "weight from which an inducement to click is held, in hundredths",
    ),
    RequiredLimit(
        HEALTH_KNOWLEDGE, "1/100", 60, 100,
        "介绍健康、养生知识的迹象合计多少算这类文字（百分之一）",
        "sum of signs, in hundredths, from which a text introduces knowledge about health",
    ),
    RequiredLimit(
        ELDERLY_BODY_MIN, "dp", 18, 96,
        "适老模式正文的最小字号", "smallest size of the body text in elderly mode",
    ),
    RequiredLimit(
        ELDERLY_CLOSE_MIN, "dp", 44, 200,
        "适老模式关闭标志宽和高的最小值",
        "smallest width and height of the close mark in elderly mode",
    ),
    RequiredLimit(
        RETOLD_DAYS, "day", 1, 90,
        "与多少天之内的推送比对是否翻炒", "days of earlier pushes that a story is compared with",
    ),
    RequiredLimit(
        RETOLD_LIKENESS, "%", 40, 95,
        "相似度达到百分之多少算同一篇", "likeness in percent from which it is the same story",
    ),
    RequiredLimit(
        TOPIC_LIKENESS, "%", 25, 95,
        "相似度达到百分之多少算同一话题", "likeness in percent from which it is the same topic",
    ),
    RequiredLimit(
        TOPIC_DAILY, "push", 1, 100,
        "同一展示端同一话题每天最多几条新闻", "news pushes on one topic, surface and day",
    ),
    RequiredLimit(
        SHARE_FROM, "push", 2, 1000,
        "当天下发满多少条起计算各类占比", "releases of a day from which shares are looked at",
    ),
    RequiredLimit(
        NEWS_SHARE, "%", 1, 100, "新闻信息的最高占比", "highest share of news",
    ),
    RequiredLimit(
        ADS_SHARE, "%", 1, 100, "广告信息的最高占比", "highest share of advertisements",
    ),
    RequiredLimit(
        GENERAL_SHARE, "%", 1, 100,
        "其他（垂直领域）信息的最高占比", "highest share of other (vertical) content",
    ),
    RequiredLimit(
        ALGORITHM_FILING_DAYS, "workday", 1, 10,
        "自提供服务之日起多少个工作日内备案算法",
        "working days from the start of the service to file its algorithm",
    ),
    RequiredLimit(
        ALGORITHM_CHANGE_DAYS, "workday", 1, 10,
        "自变更之日起多少个工作日内办理变更", "working days from a change to file it",
    ),
    RequiredLimit(
        ALGORITHM_END_DAYS, "workday", 1, 20,
        "自终止服务之日起多少个工作日内办理注销",
        "working days from the end to take the filing back",
    ),
)  # fmt: skip


def problems(limits: Iterable[Limit]) -> tuple[str, ...]:
    """Return what is wrong with the limits of a rule pack; empty if rules can judge by them."""
    given = tuple(limits)
    known = {required.name: required for required in REQUIRED}
    counts = Counter(limit.name for limit in given)
    found = [f"{name}: missing" for name in known if name not in counts]
    found += [f"{name}: given {count} times" for name, count in counts.items() if count > 1]
    for limit in given:
        required = known.get(limit.name)
        found.extend(
            [f"{limit.name}: no rule reads it"] if required is None else _misfits(limit, required)
        )
    return tuple(found)


def _misfits(limit: Limit, required: RequiredLimit) -> list[str]:
    found = []
    if limit.unit != required.unit:
        found.append(f"{limit.name}: unit {limit.unit!r} instead of {required.unit!r}")
    if not required.lowest <= limit.value <= required.highest:
        span = f"{required.lowest} to {required.highest}"
        found.append(f"{limit.name}: {limit.value} is outside {span}")
    if not limit.source.strip():
        found.append(f"{limit.name}: no source is named")
    return found
