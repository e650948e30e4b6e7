"""The limits that rules read: each cited, none missing, none out of bounds."""

from dataclasses import replace
from datetime import date

import pytest

from app.domain.facts import Limit
from app.rules.limits import REQUIRED, problems
from app.rules.matrix import limits_matrix
from tests.fixtures.facts import limits_of_pack

PACK = limits_of_pack()


def test_the_matrix_names_every_number_once_in_the_order_of_their_declaration() -> None:
    since = dict.fromkeys((limit.name for limit in PACK), date(2026, 11, 21))
    rows = limits_matrix(reversed(PACK), since)
    assert [row["name"] for row in rows] == [required.name for required in REQUIRED]
    assert rows[0] == {
        "name": "label_min_size_dp",
        "value": PACK[0].value,
        "unit": "dp",
        "says": {"zh": "“广告”二字的最小字号", "en": "smallest size of the word 广告"},
        "source": PACK[0].source,
        "house": True,
        "since": "2026-11-21",
    }


def with_first(**changes: object) -> tuple[Limit, ...]:
    return (replace(PACK[0], **changes), *PACK[1:])  # type: ignore[arg-type]


def test_a_missing_limit_is_named() -> None:
    assert problems(PACK[1:]) == ("label_min_size_dp: missing",)


def test_an_empty_pack_lacks_every_limit() -> None:
    assert problems(()) == tuple(f"{required.name}: missing" for required in REQUIRED)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"unit": "px"}, "label_min_size_dp: unit 'px' instead of 'dp'"),
        ({"value": 11}, "label_min_size_dp: 11 is outside 12 to 96"),
        ({"value": 97}, "label_min_size_dp: 97 is outside 12 to 96"),
        ({"source": " "}, "label_min_size_dp: no source is named"),
    ],
)
def test_a_limit_that_does_not_fit_is_named(changes: dict[str, object], problem: str) -> None:
    assert problems(with_first(**changes)) == (problem,)


@pytest.mark.parametrize("value", [12, 96])
def test_the_bounds_themselves_fit(value: int) -> None:
    assert problems(with_first(value=value)) == ()


def test_a_limit_given_twice_and_one_that_nobody_reads_are_named() -> None:
    unread = Limit("mood", 3, "dp", "house", house=True)
    assert problems((*PACK, PACK[0], unread)) == (
        "label_min_size_dp: given 2 times",
        "mood: no rule reads it",
    )
