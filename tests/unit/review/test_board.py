"""How deep the queue was, hour by hour, and which rules cry wolf."""

from datetime import UTC, datetime, timedelta

import pytest

from app.review.board import JudgedRule, depths
from app.review.board_repository import Flow

START = datetime(2026, 12, 1, tzinfo=UTC)


def at(hour: int) -> datetime:
    return START + timedelta(hours=hour)


def test_depth_and_age_at_each_full_hour() -> None:
    found = [
        Flow(at(0), at(2), 3),  # opened between 0 and 1, closed between 2 and 3
        Flow(at(1), None, 2),
        Flow(at(1), at(1), 9),  # there at no full hour
        Flow(at(-30), at(0), 1),
    ]
    assert depths(found, [at(n) for n in range(5)]) == [
        (1, 30 * 3600),
        (3, 3600),
        (5, 2 * 3600),
        (2, 2 * 3600),
        (2, 3 * 3600),
    ]
    assert depths([], [at(0)]) == [(0, 0)]


def test_what_has_left_uncovers_the_next_oldest_and_not_what_left_before() -> None:
    found = [Flow(at(0), at(4), 1), Flow(at(1), at(2), 1), Flow(at(2), at(6), 1)]
    ages = [age // 3600 for _, age in depths(found, [at(n) for n in range(1, 8)])]
    assert ages == [1, 2, 3, 4, 3, 4, 0]


@pytest.mark.parametrize(
    ("upheld", "overridden", "cries"),
    [(0, 19, False), (0, 20, True), (4, 16, False), (3, 17, True), (0, 0, False)],
)
def test_a_rule_cries_wolf_that_mostly_holds_what_people_let_go(
    upheld: int, overridden: int, *, cries: bool
) -> None:
    assert JudgedRule("r", upheld, overridden).cries_wolf is cries
