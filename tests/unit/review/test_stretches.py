"""How long somebody sat at the desk, and what counts as a pause."""

from datetime import UTC, datetime, timedelta

import pytest

from app.review.stretches import Break, at_desk_since, pauses

NOW = datetime(2026, 12, 1, 4, tzinfo=UTC)


def ago(minutes: int) -> datetime:
    return NOW - timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("done", "told", "since"),
    [
        ([], [], None),
        ([60, 55, 50, 3], [], 3),  # a gap of 47 minutes is a pause
        ([40, 31, 22, 13, 4], [], 40),
        ([40, 31, 22, 13, 10], [], None),  # ten minutes without doing anything
        ([40, 33, 28, 20, 12, 4], [(32, 29)], 28),
        ([40, 33, 4], [(6, None)], None),
        ([40, 33], [(32, 1)], None),  # back, and nothing done yet
    ],
)
def test_a_pause_of_either_sort_begins_the_time_anew(
    done: list[int], told: list[tuple[int, int | None]], since: int | None
) -> None:
    breaks = [Break(ago(a), None if b is None else ago(b)) for a, b in told]
    found = at_desk_since([ago(one) for one in done], breaks, NOW)
    assert found == (None if since is None else ago(since))


def test_a_gap_in_which_a_break_was_told_is_that_break() -> None:
    told = [Break(ago(28), ago(15))]
    found = pauses([ago(90), ago(60), ago(30), ago(12), ago(5)], told)
    assert [(one.began_at, one.was_told) for one in found] == [
        (ago(90), False),
        (ago(60), False),
        (ago(28), True),
    ]
