"""What the desk's pace makes of whatever waits."""

from datetime import UTC, datetime, timedelta

import pytest

from app.review.pace import Pace, QueueState, Waiting, forecast, in_order, percentile

NOW = datetime(2026, 12, 1, 4, tzinfo=UTC)


def waiting(number: int, minutes: int, rank: int = 1, expires: int | None = None) -> Waiting:
    """So many news tickets that are due in so many minutes."""
    due = NOW + timedelta(minutes=minutes)
    end = due if expires is None else NOW + timedelta(minutes=expires)
    queue = "news" if rank else "emergency"
    return Waiting(queue, rank, due, end, number, NOW - timedelta(minutes=number))


@pytest.mark.parametrize(
    ("pace", "ahead", "seconds"),
    [
        (Pace(0, 0, 0), 0, None),
        (Pace(60, 3, 1000), 9, 600),  # the tenth in turn, one a minute
        (Pace(7, 1, 9999), 0, 515),  # rounded up
        (Pace(5, 4, 90), 2, 90),  # a quiet hour: somebody is free at once
        (Pace(5, 4, 90), 4, 3600),
        (Pace(3600, 4, 7200), 0, 1),  # busy, but the next in turn
    ],
)
def test_a_wait_goes_by_the_turn_or_by_what_is_usual(
    pace: Pace, ahead: int, seconds: int | None
) -> None:
    assert pace.wait(ahead) == seconds


def test_whoever_has_no_turn_before_the_end_is_late_or_lost() -> None:
    # One a minute: of fifteen that are due in ten minutes, ten have their turn.
    found = forecast([waiting(15, 10), waiting(5, 120)], Pace(60, 1, 60), NOW)
    [news] = found.queues
    assert (news.waiting, news.over, news.late, news.lost) == (20, 0, 5, 5)
    assert news.oldest == NOW - timedelta(minutes=15)
    assert found.lost_by_hour[:3] == (5, 0, 0)


def test_emergencies_take_their_turn_first_and_what_is_over_is_no_forecast() -> None:
    groups = [waiting(1, 10, expires=40), waiting(2, -5, expires=200), waiting(20, 30, rank=0)]
    found = forecast(groups, Pace(60, 1, 60), NOW)
    emergency, news = found.queues
    assert (emergency.name, emergency.waiting, emergency.lost) == ("emergency", 20, 0)
    # The two overdue ones go before the third, whose ten minutes are over by then.
    assert (news.waiting, news.over, news.late, news.lost) == (3, 2, 1, 0)


def test_what_expires_far_ahead_is_counted_in_no_hour() -> None:
    found = forecast([waiting(2000, 13 * 60), waiting(1, -30)], Pace(60, 1, 60), NOW)
    assert found.queues[0].lost == 1 + 2001 - 780
    assert (found.lost_by_hour[0], sum(found.lost_by_hour)) == (1, 1)


def test_without_a_pace_the_next_hour_is_lost_and_nothing_else() -> None:
    found = forecast([waiting(3, 59), waiting(4, 61)], Pace(0, 0, 0), NOW)
    assert (found.queues[0].late, found.queues[0].lost) == (3, 3)


def test_every_queue_is_named_even_if_nothing_waits_in_it() -> None:
    [first, second] = in_order([QueueState("news", 3)], ("emergency", "news"))
    assert (first, second.waiting) == (QueueState("emergency"), 3)


@pytest.mark.parametrize(
    ("counts", "hundredths", "value"),
    [
        ([], 50, None),
        ([(5, 1)], 50, 5),
        ([(10, 1), (0, 1)], 50, 0),
        ([(10, 1), (0, 1)], 51, 10),
        ([(1, 95), (60, 5)], 95, 1),
        ([(1, 94), (60, 6)], 95, 60),
    ],
)
def test_a_percentile_is_what_so_many_do_not_exceed(
    counts: list[tuple[int, int]], hundredths: int, value: int | None
) -> None:
    assert percentile(counts, hundredths) == value
