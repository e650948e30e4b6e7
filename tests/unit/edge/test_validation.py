"""Whatever Pydantic finds is told with a pointer, a stable code and words in both languages."""

from typing import Annotated, Literal

import pytest
from pydantic import Field, ValidationError

from app.errors import Invalid, Malformed, Words
from app.validation import as_refusal, explained_pattern, field_problems, parse_json
from app.wire import WireModel, preferred_language

LETTERS = explained_pattern(r"^[a-z]+$", "not_letters", Words("只能是小写字母", "Letters only"))


class Part(WireModel):
    count: Annotated[int, Field(ge=1, le=9)] = 1
    word: Annotated[str, Field(min_length=2, max_length=4)] = "ab"
    code: Annotated[str, Field(pattern=LETTERS)] = "a"
    way: Literal["left", "right"] = "left"


class Whole(WireModel):
    part: Part
    flags: Annotated[tuple[bool, ...], Field(min_length=1, max_length=2)] = (True,)


@pytest.mark.parametrize(
    ("body", "pointer", "code", "zh"),
    [
        ("{}", "/part", "missing", "缺少必填字段"),
        ('{"part":{},"x/y~z":1}', "/x~1y~0z", "unknown_field", "没有这个字段"),
        ('{"part":1}', "/part", "wrong_type", "须为对象"),
        ("[]", "", "wrong_type", "须为对象"),
        ('{"part":{"count":0}}', "/part/count", "out_of_range", "不得小于 1"),
        ('{"part":{"count":10}}', "/part/count", "out_of_range", "不得大于 9"),
        ('{"part":{"count":1.5}}', "/part/count", "wrong_type", "须为整数"),
        ('{"part":{"count":"1"}}', "/part/count", "wrong_type", "须为整数"),
        ('{"part":{"count":true}}', "/part/count", "wrong_type", "须为整数"),
        ('{"part":{"word":"a"}}', "/part/word", "too_short", "至少 2 个字符"),
        ('{"part":{"word":"一二三四五"}}', "/part/word", "too_long", "最多 4 个字符"),
        ('{"part":{"word":null}}', "/part/word", "wrong_type", "须为字符串"),
        ('{"part":{"code":"1"}}', "/part/code", "not_letters", "只能是小写字母"),
        ('{"part":{"way":"up"}}', "/part/way", "not_one_of", "须为以下之一：left、right"),
        ('{"part":{},"flags":[1]}', "/flags/0", "wrong_type", "须为 true 或 false"),
        ('{"part":{},"flags":[]}', "/flags", "too_few", "至少 1 项"),
        ('{"part":{},"flags":{}}', "/flags", "wrong_type", "须为数组"),
        (
            '{"part":{"word":"a\\ud800"}}',
            "/part/word",
            "lone_surrogate",
            "含有不成对的代理项（半个字符）",
        ),
    ],
)
def test_a_problem_names_its_place_and_says_why(
    body: str, pointer: str, code: str, zh: str
) -> None:
    with pytest.raises(Invalid) as caught:
        parse_json(Whole, body.encode())

    problem = caught.value.problems[0]
    assert (problem.pointer, problem.code, problem.message.zh) == (pointer, code, zh)
    assert problem.message.en
    assert "{" not in problem.message.en


@pytest.mark.parametrize(
    ("body", "column"),
    [(b"{", 1), (b'{"part":\xff}', 9), (b"\xef\xbb\xbf{}", 1), (b"[" * 5000, 202), (b"{} x", 4)],
)
def test_what_is_not_json_is_malformed_and_says_where(body: bytes, column: int) -> None:
    with pytest.raises(Malformed) as caught:
        parse_json(Whole, body)

    assert caught.value.extra == {"line": 1, "column": column}
    assert f"第 {column} 列" in caught.value.detail.zh


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        parse_json(Whole, b'{"part":{"count":0,"word":""},"extra":1}')

    assert [problem.pointer for problem in caught.value.problems] == [
        "/part/count",
        "/part/word",
        "/extra",
    ]


def test_an_unforeseen_kind_of_error_still_has_words() -> None:
    problems = field_problems([{"type": "new_in_pydantic", "loc": ("query", "limit")}], placed=True)

    assert problems[0].pointer == "/query/limit"
    assert problems[0].code == "invalid_value"
    assert problems[0].message.zh


def test_a_refusal_never_repeats_the_input() -> None:
    with pytest.raises(ValidationError) as caught:
        Whole.model_validate_json('{"part":{"word":"hunter2hunter2"}}')

    refusal = as_refusal(caught.value, b"")

    assert "hunter2" not in repr(refusal.problems)


@pytest.mark.parametrize(
    ("accepted", "spoken"),
    [
        ("", "zh"),
        ("*", "zh"),
        ("fr", "zh"),
        ("en", "en"),
        ("en-GB, zh;q=0.5", "en"),
        ("zh-CN,en;q=0.9", "zh"),
        ("zh;q=0.1, en;q=0.2", "en"),
        ("en;q=x", "zh"),
        ("en;q=0", "zh"),
    ],
)
def test_the_language_is_the_one_asked_for_and_chinese_in_doubt(accepted: str, spoken: str) -> None:
    assert preferred_language(accepted) == spoken
