"""The calendar day as a window, above all where clocks change."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.policy import (
    A_DAY,
    Calendar,
    CalendarUnit,
    Cap,
    Gap,
    Per,
    QuietHours,
    Rolling,
)
from app.frequency.cap_window import GRACE, CapWindow
from app.frequency.windows import Scope, calendar, open_window, open_windows

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


WEEK, MONTH = CalendarUnit.WEEK, CalendarUnit.MONTH
SCOPE = Scope("prv_a", "news", None)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def test_a_day_in_beijing_runs_from_midnight_to_midnight() -> None:
    window = calendar(CalendarUnit.DAY, at("2026-11-21T23:59:59+08:00"), "Asia/Shanghai")
    assert window.key == "day:2026-11-21"
    assert window.starts_at == at("2026-11-21T00:00:00+08:00")
    assert window.ends_at == at("2026-11-22T00:00:00+08:00")
    assert calendar(CalendarUnit.DAY, window.ends_at, "Asia/Shanghai").key == "day:2026-11-22"


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
    window = calendar(CalendarUnit.DAY, at(noon), zone)
    assert window.ends_at - window.starts_at == timedelta(hours=hours)


def test_a_day_that_a_zone_left_out_has_no_gap_and_no_overlap() -> None:
    before = calendar(CalendarUnit.DAY, at("2011-12-29T12:00:00-10:00"), "Pacific/Apia")
    after = calendar(CalendarUnit.DAY, before.ends_at, "Pacific/Apia")
    assert (before.key, after.key) == ("day:2011-12-29", "day:2011-12-31")
    assert before.ends_at == after.starts_at


@given(
    instant=st.integers(631_152_000, 4_102_000_000).map(lambda n: datetime.fromtimestamp(n, UTC)),
    zone=st.sampled_from(ZONES),
)
def test_every_instant_is_in_its_window_and_windows_touch(instant: datetime, zone: str) -> None:
    window = calendar(CalendarUnit.DAY, instant, zone)
    assert window.starts_at <= instant < window.ends_at
    assert calendar(CalendarUnit.DAY, window.starts_at, zone) == window
    following = calendar(CalendarUnit.DAY, window.ends_at, zone)
    assert following.starts_at == window.ends_at
    assert following.key > window.key


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../etc/passwd", "Asia", "Asia/Shanghai\n"])
def test_an_unknown_time_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="unknown time zone"):
        calendar(CalendarUnit.DAY, at("2026-11-21T00:00:00+00:00"), name)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        calendar(CalendarUnit.DAY, datetime(2026, 11, 21), "Asia/Shanghai")  # noqa: DTZ001


def test_caps_are_opened_in_the_recipients_own_day() -> None:
    caps = (
        Cap("daily-2", 2, A_DAY, source="house"),
        Cap("daily-5", 5, A_DAY, source="house"),
    )
    ends_at = at("2026-11-22T00:00:00-05:00")
    assert open_windows(caps, at("2026-11-22T01:00:00+08:00"), "America/New_York", SCOPE) == (
        CapWindow("daily-2", "day:2026-11-21", 2, ends_at),
        CapWindow("daily-5", "day:2026-11-21", 5, ends_at),
    )


@pytest.mark.parametrize(
    ("unit", "instant", "key", "ends"),
    [
        (WEEK, "2026-11-29T23:59:59+08:00", "week:2026-11-23", "2026-11-30T00:00:00+08:00"),
        (WEEK, "2026-11-30T00:00:00+08:00", "week:2026-11-30", "2026-12-07T00:00:00+08:00"),
        (MONTH, "2026-12-31T23:59:59+08:00", "month:2026-12", "2027-01-01T00:00:00+08:00"),
        (MONTH, "2028-02-01T00:00:00+08:00", "month:2028-02", "2028-03-01T00:00:00+08:00"),
    ],
)
def test_weeks_begin_on_monday_and_months_on_the_first(
    unit: CalendarUnit, instant: str, key: str, ends: str
) -> None:
    window = calendar(unit, at(instant), "Asia/Shanghai")
    assert (window.key, window.ends_at) == (key, at(ends))


@given(
    instant=st.integers(631_152_000, 4_102_000_000).map(lambda n: datetime.fromtimestamp(n, UTC)),
    zone=st.sampled_from(ZONES),
    unit=st.sampled_from(CalendarUnit),
)
def test_calendar_spans_touch_and_name_what_the_wall_shows(
    instant: datetime, zone: str, unit: CalendarUnit
) -> None:
    window = calendar(unit, instant, zone)
    assert window.starts_at <= instant < window.ends_at
    assert calendar(unit, window.ends_at, zone).starts_at == window.ends_at
    shown = {name_on_the_wall(unit, one, zone) for one in (window.starts_at, instant)}
    before = window.ends_at - timedelta(microseconds=1)
    assert shown | {name_on_the_wall(unit, before, zone)} == {window.key}
    assert name_on_the_wall(unit, window.ends_at, zone) != window.key


def name_on_the_wall(unit: CalendarUnit, instant: datetime, zone: str) -> str:
    """The naive reference: look at the wall, and say which day, week or month it is."""
    today = instant.astimezone(ZoneInfo(zone)).date()
    if unit is CalendarUnit.MONTH:
        return f"month:{today.year}-{today.month:02}"
    first = today if unit is CalendarUnit.DAY else date.fromordinal(today.toordinal())
    while unit is WEEK and first.weekday():
        first -= timedelta(days=1)
    return f"{unit.value}:{first.isoformat()}"


def test_a_named_zone_counts_for_everybody_alike() -> None:
    cap = Cap("c", 1, Calendar(CalendarUnit.DAY, "Asia/Shanghai"))
    instant = at("2026-11-22T01:00:00+08:00")
    here, there = (open_window(cap, instant, zone, SCOPE) for zone in ("UTC", "America/New_York"))
    assert here == there == CapWindow("c", "day:2026-11-22", 1, at("2026-11-23T00:00:00+08:00"))


def test_counts_of_their_own_have_names_of_their_own() -> None:
    every = (Per.TOPIC, Per.RECIPIENT, Per.PROVIDER, Per.KIND)
    scopes = [
        SCOPE,
        replace(SCOPE, topic="news"),
        replace(SCOPE, topic=""),
        replace(SCOPE, kind="general"),
    ]
    found = [one.suffix(every) for one in scopes]
    assert found[0] == "|kind:news|provider:prv_a|topic:"
    assert len(set(found)) == len(found)
    assert SCOPE.suffix((Per.RECIPIENT,)) == ""


def test_caps_whose_day_has_not_come_and_quiet_hours_open_no_window() -> None:
    instant = at("2026-11-22T01:00:00+08:00")
    later = Cap("later", 1, A_DAY, effective_from=instant + timedelta(microseconds=1))
    quiet = Cap("quiet", 0, QuietHours(0, 60))
    assert open_windows((later, quiet), instant, "UTC", SCOPE) == ()
    assert len(open_windows((later,), instant + timedelta(microseconds=1), "UTC", SCOPE)) == 1


SPANS = (60, 61, 3600, 86_400, 7 * 86_400, 31 * 86_400)


@given(
    now=st.integers(1_700_000_000_000_000, 1_900_000_000_000_000),
    span=st.sampled_from(SPANS),
    ago=st.floats(0, 2),
    skew=st.integers(-2_000_000, 2_000_000),
)
def test_a_rolling_span_never_forgets_too_early_and_at_most_a_thirty_second_late(
    now: int, span: int, ago: float, skew: int
) -> None:
    """Against the naive reference: what left less than the span ago counts, whoever noted it.

    The clock of the process that took the slot may differ by the tolerance; its own reading is
    what counts.
    """
    cap = Cap("r", 5, Rolling(span))
    instant = datetime.fromtimestamp(now // 1_000_000, UTC) + timedelta(
        microseconds=now % 1_000_000
    )
    taken = instant - timedelta(seconds=ago * span) + timedelta(microseconds=skew)
    slot, window = (open_window(cap, one, "UTC", SCOPE) for one in (taken, instant))
    assert slot is not None
    assert window is not None
    counts = slot.window in {part.window for part in window.parts}
    age = instant - taken
    width = timedelta(seconds=span / 32)
    if age < timedelta(seconds=span):
        assert counts
    if age >= timedelta(seconds=span) + width:
        assert not counts
    # What is noted of it is remembered for as long as it may count, by every clock.
    assert slot.ends_at >= taken + timedelta(seconds=span)
    assert slot.ends_at <= taken + timedelta(seconds=span) + width
    assert slot.noted_end + GRACE >= slot.ends_at + timedelta(seconds=30)
    assert taken < slot.last_moment <= taken + width + timedelta(seconds=1)


def test_a_rolling_span_has_at_most_so_many_sub_windows() -> None:
    for span in SPANS:
        window = open_window(Cap("r", 5, Rolling(span)), at("2026-11-22T01:00:00Z"), "UTC", SCOPE)
        assert window is not None
        assert len(window.before) == 32
        assert window.parts[window.own].window == window.window
        assert len(window.after) <= 2


def test_a_gap_is_a_rolling_span_of_one() -> None:
    instant = at("2026-11-22T01:00:00Z")
    gap = open_window(Cap("g", 1, Gap(600)), instant, "UTC", SCOPE)
    assert gap == open_window(Cap("g", 1, Rolling(600)), instant, "UTC", SCOPE)
