"""Telling the same story told again from another story of the same kind."""

from pathlib import Path

import pytest

from app.screening.likeness import LikenessIndex, Story, likeness, pairs_of
from app.screening.retelling import retelling

SAME = [
    ("杭州地铁19号线开通 串联三大枢纽", "串联三大枢纽 杭州地铁19号线开通了"),
    ("某市遭遇特大暴雨 已紧急转移两万人", "特大暴雨袭击某市 两万人紧急转移"),
    ("全国秋粮收购进展顺利 主产区收购超六千万吨", "秋粮收购进展顺利：主产区收购超6000万吨"),
    ("嫦娥六号返回器携月背样品着陆", "嫦娥六号携月背样品返回地球"),
    ("国务院公布明年放假安排 春节放假9天", "明年放假安排公布：春节放9天"),
    ("专家提醒流感进入高发期 注意防护", "流感进入高发期 专家提醒做好防护"),
    ("一小区电梯突然下坠 6人被困两小时获救", "电梯下坠6人被困 两小时后获救"),
    ("城南商场昨夜起火无人受伤", "城南商场昨夜火灾无人受伤"),
]
OTHERS = [
    ("中国女排3比0战胜日本女排", "中国女排3比1战胜巴西女排"),
    ("山东济南一商场起火 无人伤亡", "四川成都一商场起火 无人伤亡"),
    ("8月份CPI同比上涨0.6%", "9月份CPI同比上涨0.4%"),
    ("张文宏回应疫苗接种问题", "马斯克回应疫苗接种问题"),
    ("北京发布雷电黄色预警", "北京发布暴雨蓝色预警"),
    ("特斯拉召回12万辆汽车", "比亚迪召回5万辆汽车"),
    ("博物馆3月恢复开放", "博物馆5月恢复开放"),
]
SAME_FROM = 60
PAIRS = [
    line.split("\t")
    for line in (Path(__file__).parent / "cases/rehash.tsv").read_text("utf-8").splitlines()[1:]
]
RECALL_FLOOR = 0.93
FALSE_HITS_AT_MOST = 1


def is_retold(one: str, other: str) -> bool:
    first, second = Story.told_by(one, ""), Story.told_by(other, "")
    return retelling(first, second, SAME_FROM) > 0


@pytest.mark.parametrize(("one", "other"), SAME)
def test_a_story_is_known_again(one: str, other: str) -> None:
    assert is_retold(one, other)
    assert is_retold(other, one)


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_another_story_of_the_same_kind_is_another(one: str, other: str) -> None:
    assert not is_retold(one, other)


def test_pairs_of_many_subjects_are_told_apart_either_way_round() -> None:
    told = [(expect, is_retold(one, other), is_retold(other, one)) for expect, one, other in PAIRS]
    assert all(forth == back for _, forth, back in told)
    hits = [forth for expect, forth, _ in told if expect == "hit"]
    passes = [forth for expect, forth, _ in told if expect == "pass"]
    assert sum(hits) >= RECALL_FLOOR * len(hits) > 0
    assert 0 <= sum(passes) <= FALSE_HITS_AT_MOST < len(passes)


STORIES = [
    line.split("\t")
    for path in sorted((Path(__file__).parents[2] / "corpora/learning/stories").glob("*.tsv"))
    for line in path.read_text("utf-8").splitlines()[1:]
]


def test_stories_told_in_other_words_are_known_and_what_follows_them_is_not() -> None:
    held: dict[str, list[bool]] = {"hit": [], "pass": []}
    for expect, title, body, old_title, old_body in STORIES:
        one, other = Story.told_by(title, body), Story.told_by(old_title, old_body)
        held[expect].append(retelling(one, other, SAME_FROM) > 0)
    assert sum(held["hit"]) >= 0.83 * len(held["hit"]) > 0
    assert sum(held["pass"]) <= 0.035 * len(held["pass"])


def test_the_same_title_says_nothing_of_the_numbers_that_follow() -> None:
    one = Story.told_by("城西公园改造有新进展", "公园投入3000万元，新增沙坑，2月开放。")
    same = Story.told_by("城西公园改造有新进展", "公园投入3000万元 新增沙坑 将于2月开放。")
    assert retelling(one, same, SAME_FROM) >= SAME_FROM
    other = Story.told_by("城西公园改造有新进展", "施工队昨日撤场，绿化面积达到5公顷，周六试园。")
    assert retelling(one, other, SAME_FROM) == 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("社区本周放《春渡》", "社区本周放《老街》"),
        ("第三届青年电影节开幕", "第四届青年电影节开幕"),
        ("女排联赛首轮战罢", "女排联赛次轮战罢"),
        ("城南水厂扩建完工", "城北水厂扩建完工"),
        ("学校新建体育中心", "学校新建图书大楼"),
        ("高校取消体测引热议", "高校取消宿舍熄灯引热议"),
        ("公司宣布涨价", "公司宣布降价"),
    ],
)
def test_one_word_makes_another_story(one: str, other: str) -> None:
    assert not is_retold(one, other)


def test_yesterday_tells_of_the_same_day_as_today_did() -> None:
    assert is_retold("杭州地铁19号线今天开通", "杭州地铁19号线昨天开通")


def test_a_new_title_over_the_same_body_is_the_same_story() -> None:
    body = "当地时间昨日下午，河谷发生山洪，救援队已转移三百名村民，道路仍然中断。"
    first, second = Story.told_by("山洪突发", body), Story.told_by("河谷遭灾", body)
    assert likeness(first, second) >= SAME_FROM


@pytest.mark.parametrize("text", ["", "！！", "字"])
def test_texts_without_pairs_are_like_nothing(text: str) -> None:
    assert pairs_of(text) == frozenset()
    assert likeness(Story.told_by(text, ""), Story.told_by("杭州地铁开通", "")) == 0


def test_the_index_finds_the_likest_first() -> None:
    index = LikenessIndex()
    titles = [title for pair in SAME for title in pair]
    numbers = [index.add(Story.told_by(title, "")) for title in titles]
    assert numbers == list(range(len(index)))
    found = list(index.like(Story.told_by(titles[3], ""), 50))
    assert found[0] == (3, 100)
    assert found[1][0] == 2
    assert index.story(3).title == titles[3]
    assert list(index.like(Story.told_by(titles[3], ""), 100)) == [(3, 100)]
    assert list(index.like(Story.told_by("毫不相干的另一件事", ""), 50)) == []


def test_a_phrase_that_everybody_uses_still_finds_the_latest() -> None:
    index = LikenessIndex()
    for _ in range(700):
        index.add(Story.told_by("今日要闻速览", ""))
    found = [number for number, _ in index.like(Story.told_by("今日要闻速览", ""), 90)]
    assert found
    assert min(found) >= 100
