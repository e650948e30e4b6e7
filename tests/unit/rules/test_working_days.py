"""Working days between holidays, worked weekends and years that are not known yet."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.registers import AlgorithmFiling, AlgorithmKind
from app.rules.deadlines import Step, deadlines
from app.rules.working_days import ARRANGEMENTS, due_after, is_working_day

DAYS = {Step.FILING: 10, Step.CHANGE: 10, Step.END: 20}
# Of 365 days each: 104 weekend days, and what the notices make of the rest.
WORKING_DAYS = {2025: 248, 2026: 248}


@pytest.mark.parametrize("year", WORKING_DAYS)
def test_a_year_has_as_many_working_days_as_its_notice_leaves(year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(365)]
    assert sum(map(is_working_day, days)) == WORKING_DAYS[year]


def test_every_arrangement_is_of_its_year_and_works_weekends_alone() -> None:
    for one in ARRANGEMENTS:
        assert str(one.year) in one.source
        assert all(first <= last for first, last in one.off)
        assert {day.year for span in one.off for day in span} == {one.year}
        assert all(day.year == one.year and day.weekday() >= 5 for day in one.worked)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 2, 14), True),
        (date(2026, 2, 15), False),
        (date(2026, 2, 23), False),
        (date(2026, 2, 24), True),
        (date(2026, 9, 20), True),
        (date(2026, 10, 10), True),
        (date(2026, 10, 11), False),
        (date(2025, 10, 8), False),
        (date(2027, 10, 1), True),
    ],
)
def test_holidays_and_worked_weekends_are_as_arranged(day: date, works: bool) -> None:
    assert is_working_day(day) is works


@pytest.mark.parametrize(
    ("start", "working_days", "due", "arranged"),
    [
        (date(2026, 3, 2), 1, date(2026, 3, 3), True),
        (date(2026, 3, 6), 1, date(2026, 3, 9), True),
        (date(2026, 2, 13), 10, date(2026, 3, 5), True),
        (date(2026, 9, 30), 1, date(2026, 10, 8), True),
        (date(2026, 12, 25), 10, date(2027, 1, 8), False),
        (date(2024, 12, 30), 1, date(2024, 12, 31), False),
    ],
)
def test_the_first_day_does_not_count_and_unknown_years_are_named(
    start: date, working_days: int, due: date, arranged: bool
) -> None:
    found = due_after(start, working_days)
    assert (found.day, found.is_arranged) == (due, arranged)


@given(st.dates(date(2024, 6, 1), date(2027, 6, 1)), st.integers(1, 40))
def test_the_last_day_is_a_working_day_and_so_many_lie_before_it(start: date, days: int) -> None:
    due = due_after(start, days).day
    between = [start + timedelta(days=number) for number in range(1, (due - start).days + 1)]
    assert is_working_day(due)
    assert sum(map(is_working_day, between)) == days


def filing(**days: date) -> AlgorithmFiling:
    none: dict[str, date | None] = {"filed_on": None, "changed_on": None}
    kind = AlgorithmKind.PERSONALISED_PUSH
    return AlgorithmFiling(
        kind, ("m",), None, review_by=date(2030, 1, 1), notice_url=None, **(none | days)
    )


def test_deadlines_run_from_the_days_that_are_registered() -> None:
    assert deadlines(filing(), DAYS) == ()
    started, altered, ended = deadlines(
        filing(
            started_on=date(2026, 3, 2),
            filed_on=date(2026, 3, 17),
            altered_on=date(2026, 4, 1),
            changed_on=date(2026, 4, 1),
            ended_on=date(2026, 7, 1),
        ),
        DAYS,
    )
    assert (started.due.day, started.was_late) == (date(2026, 3, 16), True)
    assert (altered.done_on, altered.was_late) == (date(2026, 4, 1), False)
    assert ended.due.day == date(2026, 7, 29)
    assert not ended.was_late
    assert [ended.is_overdue(date(2026, 7, day)) for day in (29, 30)] == [False, True]
    assert not started.is_overdue(date(2030, 1, 1))
