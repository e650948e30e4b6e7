"""Which rulings came too fast."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.decision import RulingVerdict
from app.review.haste import STREAK, STREAK_GAP, Given, is_streak, is_too_fast, reading_time

NOW = datetime(2026, 12, 1, 8, tzinfo=UTC)
ONE = Given(RulingVerdict.APPROVE, "属实", NOW)


def run(gap: timedelta, number: int = STREAK) -> list[Given]:
    return [replace(ONE, given_at=NOW - at * gap) for at in range(number)]


def test_nobody_reads_a_hundred_letters_in_ten_seconds() -> None:
    assert reading_time(120) == timedelta(seconds=11)
    assert is_too_fast(120, NOW - timedelta(seconds=10), NOW)
    assert not is_too_fast(120, NOW - timedelta(seconds=11), NOW)
    assert is_too_fast(0, NOW, NOW)
    assert not is_too_fast(200, None, NOW)


@pytest.mark.parametrize(
    ("latest", "is_one"),
    [
        (run(STREAK_GAP), True),
        (run(STREAK_GAP, STREAK + 3), True),
        (run(STREAK_GAP, STREAK - 1), False),
        (run(STREAK_GAP + timedelta(seconds=1)), False),
        ([replace(ONE, reason="另有理由"), *run(STREAK_GAP)], False),
        ([replace(ONE, verdict=RulingVerdict.REFUSE), *run(STREAK_GAP)], False),
        ([], False),
    ],
)
def test_alike_and_at_speed(latest: list[Given], is_one: bool) -> None:
    assert is_streak(latest) is is_one
