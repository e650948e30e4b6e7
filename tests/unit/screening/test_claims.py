"""Unlawful claims: judged on invented advertisements of many trades, and on lawful ones."""

from pathlib import Path

import pytest

from app.domain.decision import Finding, Verdict
from app.domain.signals import Family
from tests.fixtures.judging import judged, rows, signals_of

CASES = list(rows(Path(__file__).parent / "cases" / "claims.tsv"))
NAME = "北京暖冬服饰有限公司"


def push(title: str, body: str, **advertiser: str | None) -> dict[str, object]:
    plain = {"name": NAME, "credit_code": None, "category": None}
    return {
        "push.title": title,
        "push.body": body,
        "push.advertiser": {**plain, "approval_number": None, "evidence": None, **advertiser},
    }


def findings(title: str, body: str, **advertiser: str | None) -> list[Finding]:
    """Return what rules of claims find, without the approvals that advertisers hold."""
    texts = push(title, body, **advertiser)
    found = [
        finding
        for rules in ("ads-", "internet-ads-", "popup-05-09-inducement")
        for finding in judged("advertisement", texts, rules).findings
    ]
    return [one for one in found if one.rule not in ("ads-46-approval", "ads-34-advertiser")]


def found(title: str, body: str = "", **advertiser: str | None) -> set[str]:
    return {finding.rule for finding in findings(title, body, **advertiser)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_an_unlawful_claim_is_told_from_a_lawful_one(case: dict[str, str]) -> None:
    wanted = case["expect"] == "hit"
    proof = None if wanted else "行业报告 2026-01"
    said = findings(case["title"], case["body"], category=case["category"], evidence=proof)
    assert bool(said) == wanted, said


def test_a_span_points_at_the_words_in_the_original() -> None:
    title = "國家級\u200b品質羽絨服"
    (one,) = findings(title, "")
    assert one.span is not None
    assert title[slice(*one.span)] == "國家級"


def test_only_the_name_of_a_forbidden_trade_blocks() -> None:
    def verdicts(category: str) -> set[Verdict]:
        return {one.verdict for one in findings("新品", "到店看看", category=category)}

    assert verdicts("烟草") == verdicts(" 处方药 ") == {Verdict.BLOCK}
    assert verdicts("烟草制品配件") == {Verdict.HOLD}
    assert verdicts("非处方药") == {Verdict.HOLD}
    assert verdicts("服装") == set()


def test_a_declared_class_names_the_trade_where_the_category_does_not() -> None:
    text = "告别高血压，三个疗程见效"
    assert found(text, category="大健康", ad_class="medicine") == {"ads-16-medical"}


def test_the_same_words_belong_to_the_article_of_the_trade() -> None:
    text = "告别高血压，三个疗程见效"
    assert found(text, category="医疗") == {"ads-16-medical"}
    assert "ads-17-disease" in found(text, category="普通食品")
    assert "ads-18-health-food" in found(text, category="保健食品")


def test_plain_food_has_no_health_function_and_health_food_may() -> None:
    text = "每天一勺，增强免疫力，本品不能代替药物"
    assert found(text, category="普通食品") == {"ads-17-disease"}
    assert found(text, category="保健食品") == set()


def test_words_name_a_trade_where_no_category_does() -> None:
    assert found("稳健理财，保本保息") == {"ads-25-returns"}
    assert "ads-25-returns" in found("理财基金", "保本保息", category="服装")
    assert found("理财日记本上新", "纸张厚实，保本色", category="文具") == set()


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        ("本品不能代替药物", False),
        ("保健食品不是药物", False),
        ("每天一粒", True),
        ("", True),
    ],
)
def test_health_food_bears_its_warning(body: str, *, missing: bool) -> None:
    said = findings("钙片上新", body, category="保健食品")
    assert [one.code for one in said] == ["warning-missing"] * missing
    if missing:
        assert said[0].span == (len(body), len(body))


def test_rank_with_source_and_period_needs_proof() -> None:
    text = "2026年线上销量第一，数据来源：奥维云网"
    codes = {one.code for one in findings(text, "")}
    assert codes == {"unproven"}
    assert findings(text, "", evidence="奥维云网报告 2026-12") == []
    assert {one.code for one in findings("全网销量第一", "", evidence="报告")} <= {"unconditional"}


def test_the_advertisers_own_name_is_no_claim() -> None:
    assert found("第一食品商店开业", name="上海第一食品商店有限公司") == set()
    assert found("极致家具新店开业", name="极致家具有限公司") == set()
    assert found("极致家具新店开业") == {"ads-09-03-absolute"}


def test_one_place_is_one_claim() -> None:
    said = findings("100%有效，无任何副作用", "", category="医疗")
    assert len({(one.pointer, one.span) for one in said}) == len(said)


def test_other_pushes_make_no_claims() -> None:
    texts: dict[str, object] = {"push.title": "全国销量第一", "push.body": "包治百病"}
    for base in ("news", "general"):
        assert not [one for one in signals_of(base, texts) if one.family is Family.CLAIM]


def test_an_advertisement_without_advertiser_and_with_words_beside_a_picture() -> None:
    image = {"sha256": "0" * 64, "media_type": "image/png", "width": 1, "height": 1}
    images = [{**image, "alt": "国家级品质"}]
    overrides = {"push.title": "冬", "push.body": "冬", "push.advertiser": None}
    signals = signals_of("advertisement", {**overrides, "push.images": images})
    claims = [(one.kind, one.pointer) for one in signals if one.family is Family.CLAIM]
    assert claims == [("absolute", "/images/0/alt")]
