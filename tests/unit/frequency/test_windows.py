"""The calendar day as a window, above all where clocks change."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.policy import DailyCap
from app.frequency.store import CapWindow
from app.frequency.windows import calendar_day, open_windows

ZONES = (
    "Asia/Shanghai",
    "America/New_York",
    "Europe/London",
    "Africa/Cairo",
    "America/Santiago",
    "America/Havana",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Australia/Lord_Howe",
    "Asia/Beirut",
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def test_a_day_in_beijing_runs_from_midnight_to_midnight() -> None:
    window = calendar_day(at("2026-11-21T23:59:59+08:00"), "Asia/Shanghai")
    assert window.key == "day:2026-11-21"
    assert window.starts_at == at("2026-11-21T00:00:00+08:00")
    assert window.ends_at == at("2026-11-22T00:00:00+08:00")
    assert calendar_day(window.ends_at, "Asia/Shanghai").key == "day:2026-11-22"


@pytest.mark.parametrize(
    ("zone", "noon", "hours"),
    [
        ("America/New_York", "2026-03-08T16:00:00+00:00", 23),
        ("America/New_York", "2026-11-01T16:00:00+00:00", 25),
        ("Africa/Cairo", "2026-04-24T10:00:00+00:00", 23),  # begins at 01:00, no midnight
        ("America/Havana", "2026-11-01T16:00:00+00:00", 25),  # midnight comes twice
        ("Australia/Lord_Howe", "2026-04-05T02:00:00+00:00", 24.5),
    ],
)
def test_a_day_on_which_the_clocks_change_is_longer_or_shorter(
    zone: str, noon: str, hours: float
) -> None:
    window = calendar_day(at(noon), zone)
    assert window.ends_at - window.starts_at == timedelta(hours=hours)


def test_a_day_that_a_zone_left_out_has_no_gap_and_no_overlap() -> None:
    before = calendar_day(at("2011-12-29T12:00:00-10:00"), "Pacific/Apia")
    after = calendar_day(before.ends_at, "Pacific/Apia")
    assert (before.key, after.key) == ("day:2011-12-29", "day:2011-12-31")
    assert before.ends_at == after.starts_at


@given(
    instant=st.integers(631_152_000, 4_102_000_000).map(lambda n: datetime.fromtimestamp(n, UTC)),
    zone=st.sampled_from(ZONES),
)
def test_every_instant_is_in_its_window_and_windows_touch(instant: datetime, zone: str) -> None:
    window = calendar_day(instant, zone)
    assert window.starts_at <= instant < window.ends_at
    assert calendar_day(window.starts_at, zone) == window
    following = calendar_day(window.ends_at, zone)
    assert following.starts_at == window.ends_at
    assert following.key > window.key


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../etc/passwd", "Asia", "Asia/Shanghai\n"])
def test_an_unknown_time_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="unknown time zone"):
        calendar_day(at("2026-11-21T00:00:00+00:00"), name)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        calendar_day(datetime(2026, 11, 21), "Asia/Shanghai")  # noqa: DTZ001


def test_caps_are_opened_in_the_recipients_own_day() -> None:
    caps = (
        DailyCap("daily-2", surface=None, kind=None, limit=2, source="house", house=True),
        DailyCap("daily-5", surface=None, kind=None, limit=5, source="house", house=True),
    )
    ends_at = at("2026-11-22T00:00:00-05:00")
    assert open_windows(caps, at("2026-11-22T01:00:00+08:00"), "America/New_York") == (
        CapWindow("daily-2", "day:2026-11-21", 2, ends_at),
        CapWindow("daily-5", "day:2026-11-21", 5, ends_at),
    )
