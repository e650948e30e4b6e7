"""Quiet hours against the wall: minute by minute, above all where clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.policy import QuietHours
from app.frequency.quiet import quiet_until

# Around changes of the clocks: an hour forward, an hour back, half an hour, at midnight, a day.
BORDERS = (
    ("America/New_York", "2026-03-08T07:00:00Z"),
    ("America/New_York", "2026-11-01T06:00:00Z"),
    ("Europe/London", "2026-03-29T01:00:00Z"),
    ("Europe/London", "2026-10-25T01:00:00Z"),
    ("Australia/Lord_Howe", "2026-04-04T15:00:00Z"),
    ("Australia/Lord_Howe", "2026-10-03T15:30:00Z"),
    ("Africa/Cairo", "2026-04-23T22:00:00Z"),
    ("America/Havana", "2026-11-01T05:00:00Z"),
    ("Pacific/Apia", "2011-12-30T10:00:00Z"),
    ("Asia/Shanghai", "2026-11-30T16:00:00Z"),
)
NIGHT = QuietHours(22 * 60, 7 * 60)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def by_walking(hours: QuietHours, instant: datetime, zone: str) -> datetime | None:
    """The naive reference: look at the wall each minute until it is not quiet."""
    moment, first = instant, True
    while True:
        wall = moment.astimezone(ZoneInfo(zone))
        if not hours.include(wall.hour * 60 + wall.minute):
            return None if first else moment
        moment, first = moment.replace(second=0, microsecond=0) + timedelta(minutes=1), False


@pytest.mark.parametrize(
    ("instant", "until"),
    [
        ("2026-11-30T21:59:59+08:00", None),
        ("2026-11-30T22:00:00+08:00", "2026-12-01T07:00:00+08:00"),
        ("2026-12-01T06:59:59.9+08:00", "2026-12-01T07:00:00+08:00"),
        ("2026-12-01T07:00:00+08:00", None),
    ],
)
def test_a_night_ends_in_the_morning(instant: str, until: str | None) -> None:
    found = quiet_until(NIGHT, at(instant), "Asia/Shanghai")
    assert found == (None if until is None else at(until))


@given(
    border=st.sampled_from(BORDERS),
    seconds=st.integers(-30 * 3600, 30 * 3600),
    starts=st.integers(0, 1439),
    length=st.integers(1, 1438),
)
def test_quiet_hours_end_when_the_wall_first_shows_it(
    border: tuple[str, str], seconds: int, starts: int, length: int
) -> None:
    zone, change = border
    instant = at(change) + timedelta(seconds=seconds)
    hours = QuietHours(starts, (starts + length) % 1440)
    assert quiet_until(hours, instant, zone) == by_walking(hours, instant, zone)
