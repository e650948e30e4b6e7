"""Advertising that is not declared: judged on invented pushes of many trades."""

from pathlib import Path

import pytest

from app.domain.signals import Family
from tests.fixtures.judging import judged, rows, signals_of

CASES = list(rows(Path(__file__).parent / "cases" / "undeclared.tsv"))
RULE = "ads-14-undeclared"


def finds(title: str, body: str) -> bool:
    return bool(judged("general", {"push.title": title, "push.body": body}, RULE).findings)


def weights(overrides: dict[str, object]) -> list[int]:
    found = signals_of("news", overrides)
    return [one.weight for one in found if one.family is Family.ADVERTISING]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_a_push_that_sells_is_told_from_one_that_informs(case: dict[str, str]) -> None:
    assert finds(case["title"], case["body"]) == (case["expect"] == "hit")


def test_every_span_points_at_the_words_that_it_names() -> None:
    title, body = "全场\u200b五折，限时抢购", "原价２９９现价９９，加 微 信领取优惠"
    signals = signals_of("general", {"push.title": title, "push.body": body})
    found = [one for one in signals if one.family is Family.ADVERTISING]
    texts = {"/title": title, "/body": body}
    shown = {texts[one.pointer][slice(*one.span)] for one in found}
    assert {"全场\u200b五折", "限时", "加 微 信领"} <= shown
    assert all(one.weight > 0 for one in found)


def test_an_advertisement_is_not_asked_whether_it_is_one() -> None:
    assert not [one for one in signals_of("advertisement", {}) if one.family is Family.ADVERTISING]


def test_the_words_beside_a_picture_count() -> None:
    image = {"sha256": "0" * 64, "media_type": "image/png", "width": 1, "height": 1}
    images = [{**image, "alt": "全场五折，限时抢购，扫码领券"}]
    texts = {"push.title": "冬日", "push.body": "冬日"}
    found = judged("general", {**texts, "push.images": images}, RULE).findings
    assert {finding.pointer for finding in found} == {"/images/0/alt"}


def test_reports_and_warnings_weaken_what_they_quote() -> None:
    offer = "全场五折，限时抢购，扫码领券"
    alone = weights({"push.title": offer, "push.body": ""})
    warned = "市消协发布消费警示：商家宣称“全场五折”涉嫌虚假宣传，谨防上当受骗"
    told = weights({"push.title": offer, "push.body": warned})
    assert max(told) < max(alone)
