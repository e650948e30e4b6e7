"""The canonical byte form: RFC 8785 without floats."""

import json
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.canonical import (
    LARGEST_INTEGER,
    Plain,
    canonical_bytes,
    plain_canonical_bytes,
    sha256_digest,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


class Colour(StrEnum):
    RED = "red"


def test_strings_are_escaped_as_rfc_8785_3_2_2_2_says() -> None:
    written = canonical_bytes('€$\u000f\nA\'B"\\\\"/\b\t\f\r\x7f\u2028')
    assert written == '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/\\b\\t\\f\\r\x7f\u2028"'.encode()


def test_keys_are_sorted_by_utf_16_code_units_as_in_rfc_8785_3_2_3() -> None:
    value: dict[str, str] = {
        "€": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\x80": "Control",
        "ö": "Latin Small Letter O With Diaeresis",
    }
    assert list(json.loads(canonical_bytes(value))) == [
        "\r",
        "1",
        "\x80",
        "ö",
        "€",
        "\U0001f600",
        "\ufb33",
    ]


def test_nothing_stands_between_tokens() -> None:
    value: dict[str, object] = {"b": [1, True, None, {}], "a": {"z": [], "y": -5}}
    assert canonical_bytes(value) == b'{"a":{"y":-5,"z":[]},"b":[1,true,null,{}]}'


def test_an_enum_of_strings_is_its_string_and_a_tuple_a_list() -> None:
    assert canonical_bytes({"c": Colour.RED, "t": (1, 2)}) == b'{"c":"red","t":[1,2]}'


@given(VALUES)
def test_what_is_written_reads_back_and_is_written_the_same_again(value: object) -> None:
    written = canonical_bytes(value)
    assert json.loads(written) == value
    assert canonical_bytes(json.loads(written)) == written


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"a": [1, 2.0]}, "/a/1: float"),
        ({"a": [1, "x", None, {"k": "v"}], "b": 2.0}, "/b: float"),
        ({"a/b~": {1: "x"}}, "/a~1b~0: a key is int"),
        ({1: "x", "a": "y"}, "(whole value): a key is int"),
        ([b"bytes"], "/0: bytes"),
        (float("nan"), "(whole value): float"),
    ],
)
def test_a_type_without_canonical_form_is_named_with_its_place(value: object, place: str) -> None:
    with pytest.raises(TypeError) as caught:
        canonical_bytes(value)
    assert str(caught.value).startswith(place)


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"n": LARGEST_INTEGER + 1}, "/n: 9007199254740992 is beyond"),
        ({"n": -LARGEST_INTEGER - 1}, "/n: -9007199254740992 is beyond"),
        ({"title": "ok\ud83d"}, "/title: lone surrogate U+D83D at character 2"),
        ({"\udc00": 1}, "(whole value): lone surrogate U+DC00"),
    ],
)
def test_a_value_that_would_not_survive_is_named_with_its_place(value: object, place: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        canonical_bytes(value)
    assert str(caught.value).startswith(place)


def test_endless_nesting_is_an_error_and_no_crash() -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(ValueError, match="nested too deeply"):
        canonical_bytes(endless)


def test_the_largest_integers_are_written_out() -> None:
    assert canonical_bytes([LARGEST_INTEGER, -LARGEST_INTEGER]) == (
        b"[9007199254740991,-9007199254740991]"
    )


def test_a_digest_carries_its_algorithm() -> None:
    assert sha256_digest(b"abc") == (
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER) | TEXT,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(max_codepoint=127)), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(PLAIN)
def test_plain_values_have_the_same_bytes_either_way(value: Plain) -> None:
    assert plain_canonical_bytes(value) == canonical_bytes(value)


@pytest.mark.parametrize("value", [{"a": LARGEST_INTEGER + 1}, {"a": ["\ud800"]}])
def test_plain_values_without_a_canonical_form_are_refused_alike(value: Plain) -> None:
    with pytest.raises(ValueError, match="/a"):
        plain_canonical_bytes(value)
