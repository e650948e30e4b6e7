"""Conditions say what they say, refuse what makes no sense, and name the place of the fault."""

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.facts import Facts, Unknown
from app.domain.signals import Family, Signal
from app.rules.operator.condition import compiled
from app.rules.operator.fault import ConditionError
from app.rules.operator.fields import FIELDS, Field, FieldType
from app.rules.operator.functions import COUNTING
from app.rules.operator.parser import DEEPEST, MOST_TOKENS
from app.rules.operator.programs import Trace, Truth, has_value
from app.rules.operator.tokens import LONGEST
from tests.fixtures.facts import facts_of

NEWS = facts_of("news")
AD = facts_of("advertisement")
BLIND = replace(NEWS, surface=Unknown("gone", outage=True), screening=Unknown("no", outage=True))


def value(condition: str, facts: Facts = NEWS) -> Truth:
    return compiled(condition).run(facts, Trace())


@pytest.mark.parametrize(
    "condition",
    [
        'kind == "news"',
        'kind != "general"',
        'kind in ["news", "general"]',
        'title contains "秋粮"',
        'title starts_with "全国"',
        'title ends_with "顺利"',
        'title matches "收购.展"',
        'text contains "6000"',
        "text contains “6000”",
        'not title contains "夏粮"',
        'kind == "news" and (title contains "夏粮" or body contains "秋粮")',
        "audience.size >= 3 and audience.size < 4 and audience.size != 5",
        "audience.size in [1, 3] and audience.size <= 3 and audience.size == 3",
        "hour == 12 and weekday == 5",
        "source.age_days == 0",
        "length(title) > 5",
        "length(advertiser.name) == 0",
        "has(source.author) and not has(topic)",
        "not personalised and personalised == false and personalised != true",
        'hits("gambling") == 0 and strength("advertising") < 1',
        'link.host == "m.kuaixun.example" and link.opens == "in_app"',
        'surface.name == "kuaixun-app" and provider.name == "快讯"',
        'source.listed_unit == "新华通讯社"',
        'not (advertiser.name == "某店") and not (advertiser.name contains "店")',
        "not source.age_days > 1",
        "image_count < 1",
        'urgency == "normal" and minors == "excluded" and ai_generated == "no"',
        'audience.kind == "recipients" and surface.channel == "inbox"',
        'title contains "\\"" or title contains "收购"',
    ],
)
def test_what_is_so_is_true(condition: str) -> None:
    assert value(condition) is True
    assert value(f"not ({condition})") is False


def test_a_part_that_the_push_lacks_makes_every_comparison_false() -> None:
    assert value("source.age_days >= 0", AD) is False
    assert value("source.age_days < 0", AD) is False
    assert value('source.unit == "新华社"', AD) is False
    assert value('source.listed_unit == "新华通讯社"', AD) is False
    assert value('link.host == "a"', replace(NEWS, push=replace(NEWS.push, link=None))) is False
    assert value('advertiser.category == "服装"', AD) is True


def test_tags_are_tried_one_by_one() -> None:
    chosen = replace(NEWS.push.personalisation, used=True, tags=("读书", "会员"))
    facts = replace(NEWS, push=replace(NEWS.push, personalisation=chosen))
    trace = Trace()
    assert compiled('personalised and personalisation.tags == "会员"').run(facts, trace) is True
    assert ("/personalisation/tags/1", (0, 2)) in trace.places


def test_signals_add_up() -> None:
    signal = Signal(Family.ADVERTISING, "price", "/title", (0, 1), 40)
    assert not isinstance(NEWS.screening, Unknown)
    facts = replace(NEWS, screening=replace(NEWS.screening, signals=(signal, signal)))
    assert value('strength("advertising") >= 80', facts) is True
    assert value('strength("claim") >= 1', facts) is False


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('surface.name == "a"', None),
        ('not surface.name == "a"', None),
        ("has(surface.name)", None),
        ("length(surface.name) > 1", None),
        ('hits("fraud") > 0', None),
        ('kind == "general" and surface.name == "a"', False),
        ('surface.name == "a" and kind == "general"', False),
        ('surface.name == "a" or kind == "news"', True),
        ('kind == "general" or surface.name == "a"', None),
        ('kind == "news" and surface.name == "a"', None),
    ],
)  # fmt: skip
def test_what_is_missing_is_neither_true_nor_false(condition: str, expected: Truth) -> None:
    assert value(condition, BLIND) is expected


def test_an_unknown_truth_is_unknown() -> None:
    gone = Unknown("gone", outage=True)
    field = Field("t", FieldType.TRUTH, "真", "truth", lambda _: gone)
    assert has_value(field, wanted=True)(NEWS, Trace()) is None


def test_an_unknown_source_is_unknown() -> None:
    facts = replace(NEWS, source=Unknown("no_source_list_published", outage=True))
    assert value('source.listed_unit == "新华通讯社"', facts) is None


def test_what_made_it_true_is_pointed_at() -> None:
    trace = Trace()
    condition = 'kind == "general" and title contains "全" or body matches "秋." and hour == 12'
    assert compiled(condition).run(NEWS, trace) is True
    assert NEWS.push.body is not None
    at = NEWS.push.body.index("秋")
    assert trace.places[0] == ("/body", (at, at + 2))


@pytest.mark.parametrize(
    ("condition", "at", "says"),
    [
        ("", 0, "expected here"),
        ("kind =", 5, "not part of the language"),
        ('kind == "news', 8, "closing quotation mark"),
        ('knid == "news"', 0, "no field knid"),
        ('kind == "newz"', 8, "kind is one of"),
        ('kind in ["newz"]', 9, "kind is one of"),
        ('kind == ""', 8, "must not be empty"),
        ("kind == 3", 8, "text in quotation marks"),
        ("kind < 3", 7, "text in quotation marks"),
        ('kind < "news"', 0, "< is not for a text"),
        ('hour contains "1"', 0, "contains is not for a number"),
        ('hour == "1"', 8, "whole number"),
        ("hour == true", 8, "whole number"),
        ("hour", 0, "true or false is expected"),
        ("personalised > 1", 0, "> is not for a truth value"),
        ("personalised == 1", 16, "true or false is expected"),
        ('kind in "news"', 8, "needs a list"),
        ("kind in [kind]", 9, "expected here"),
        ('"news" == kind', 0, "left side is a field"),
        ('title matches "(a"', 14, "Not an expression of RE2"),
        (f'title matches "{"a" * 201}"', 14, "at most 200"),
        ('size("a") > 1', 0, "no function size"),
        ('hits("gamble") > 1', 5, "One of"),
        ("hits(kind) > 1", 5, "One of"),
        ("length(hour) > 1", 0, "length is of texts"),
        ('length("a") > 1', 0, "field is expected in brackets"),
        ('has("a")', 0, "field is expected in brackets"),
        ("length(title)", 0, "true or false is expected"),
        ('kind == "news" title', 15, "out of place"),
        ('(kind == "news"', 15, '")" is missing'),
        ("has(kind", 8, '")" is missing'),
        ('["a"] == kind', 0, "left side"),
        ("not", 3, "the end"),
        (" " * (LONGEST + 1), LONGEST, "at most 2000"),
        ("(" * (DEEPEST + 1) + "personalised" + ")" * (DEEPEST + 1), DEEPEST + 1, "Nested"),
        ("not " * (DEEPEST + 1) + "personalised", 4 * (DEEPEST + 1), "Nested"),
        (" or ".join(["hour>1"] * (MOST_TOKENS // 4 + 1)), None, "Too long"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_at_its_place(
    condition: str, at: int | None, says: str
) -> None:
    with pytest.raises(ConditionError) as caught:
        compiled(condition)
    fault = caught.value.fault
    assert says in fault.en
    assert fault.zh
    if at is not None:
        assert fault.span[0] == at


def test_only_what_no_score_decides_is_certain() -> None:
    assert compiled('title contains "独家"').is_certain
    assert not compiled('kind == "news" and hits("fraud") > 0').is_certain


@given(st.text(max_size=60))
def test_any_text_is_either_a_condition_or_refused(source: str) -> None:
    try:
        found, span = compiled(source).run(NEWS, Trace()), (0, 0)
    except ConditionError as error:
        found, span = None, error.fault.span
    assert found in (True, False, None)
    assert 0 <= span[0] <= span[1] <= len(source)


@given(st.text(max_size=40), st.sampled_from(["a+b", ".{2}", "[一-龥]+", "(x|y)*z", "\\d"]))
def test_a_match_is_a_place_in_any_text(title: str, pattern: str) -> None:
    facts = replace(NEWS, push=replace(NEWS.push, title=title))
    trace = Trace()
    escaped = pattern.replace("\\", "\\\\")
    if compiled(f'title matches "{escaped}"').run(facts, trace):
        [(_, span)] = trace.places
        assert span is not None
        assert 0 <= span[0] <= span[1] <= len(title)


def test_a_lone_surrogate_is_searched_like_any_other_character() -> None:
    facts = replace(NEWS, push=replace(NEWS.push, title="a\ud800b独家"))
    trace = Trace()
    assert compiled('title matches "独家"').run(facts, trace) is True
    assert trace.places == [("/title", (3, 5))]


def test_a_search_made_to_be_slow_takes_linear_time() -> None:
    facts = replace(NEWS, push=replace(NEWS.push, body="a" * 20_000))
    start = time.perf_counter()
    assert value('body matches "(a*)*b|(a|aa)+$x"', facts) is False
    assert time.perf_counter() - start < 0.5


def test_every_field_and_function_reads_from_every_push() -> None:
    for facts in (NEWS, AD, facts_of("general"), BLIND):
        for field in FIELDS.values():
            found = field.read(facts)
            assert isinstance(found, tuple | Unknown)
            assert field.zh
            assert field.en
    for counting in COUNTING.values():
        assert all(counting.read(NEWS, one) == 0 for one in counting.values)


def test_hours_and_days_are_those_of_beijing() -> None:
    facts = replace(NEWS, now=datetime(2026, 11, 22, 16, 30, tzinfo=UTC))
    assert value("hour == 0 and weekday == 1", facts) is True


def test_pictures_are_read_too() -> None:
    facts = facts_of("news", {"push.images": [
        {"sha256": "0" * 64, "media_type": "image/png", "width": 1, "height": 1, "alt": "独家海报"}
    ]})  # fmt: skip
    trace = Trace()
    assert compiled('text contains "海报" and image_count == 1').run(facts, trace) is True
    assert trace.places[0] == ("/images/0/alt", (2, 4))
