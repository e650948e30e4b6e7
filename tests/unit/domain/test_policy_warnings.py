"""Caps that never stop anything by themselves, or that stop everything: said, not refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.policy import (
    A_DAY,
    Calendar,
    CalendarUnit,
    Cap,
    Counts,
    Covers,
    Gap,
    Mode,
    Over,
    Per,
    QuietHours,
    Rolling,
)
from app.domain.policy_faults import PolicyFault
from app.domain.policy_warnings import is_hidden, warnings
from app.domain.push import ContentKind

NOW = datetime(2026, 11, 21, tzinfo=UTC)
NEWS = Covers(kinds=(ContentKind.NEWS,))
WEEK, MONTH = Calendar(CalendarUnit.WEEK), Calendar(CalendarUnit.MONTH)
ALL, FEW = Cap("all", 3, A_DAY), Cap("few", 5, A_DAY, NEWS)


def test_a_cap_behind_a_stricter_one_that_is_about_more_is_named_once() -> None:
    found = warnings([FEW, ALL, replace(ALL, id="more", limit=2)], NOW)
    assert found == (
        PolicyFault("/caps/0", "never_first", {"id": "all"}),
        PolicyFault("/caps/1", "never_first", {"id": "more"}),
    )


def test_a_limit_of_nothing_is_said_to_stop_all_of_it() -> None:
    none = Cap("none", 0, A_DAY, NEWS)
    assert warnings([none], NOW) == (PolicyFault("/caps/0", "stops_all"),)
    shadow = replace(none, mode=Mode.SHADOW)
    assert warnings([shadow, Cap("night", 0, QuietHours(0, 60))], NOW) == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"limit": 6},
        {"mode": Mode.SHADOW},
        {"over": Over.DEFER},
        {"effective_from": NOW + timedelta(days=1)},
        {"per": (Per.RECIPIENT, Per.PROVIDER)},
        {"per": (Per.SURFACE,)},
        {"counts": Counts.PUSHES},
        {"covers": Covers(kinds=(ContentKind.GENERAL,))},
        {"covers": Covers(kinds=(ContentKind.NEWS,), topics=("a",))},
        {"window": Rolling(24 * 3600)},
        {"window": Calendar(CalendarUnit.DAY, "UTC")},
        {"window": QuietHours(0, 60)},
    ],
)
def test_whatever_leaves_a_cap_something_to_do_hides_it_no_longer(
    changes: dict[str, object],
) -> None:
    assert is_hidden(FEW, ALL, NOW)
    assert not is_hidden(FEW, replace(ALL, **changes), NOW)  # type: ignore[arg-type]


def test_who_waits_is_hidden_behind_one_that_drops_and_the_other_way_not() -> None:
    waits = replace(FEW, over=Over.DEFER)
    assert is_hidden(waits, ALL, NOW)
    assert is_hidden(waits, replace(ALL, over=Over.DEFER), NOW)
    later = replace(FEW, effective_from=NOW + timedelta(days=2))
    assert is_hidden(later, replace(ALL, effective_from=NOW + timedelta(days=1)), NOW)


@pytest.mark.parametrize(
    ("window", "behind", "hidden"),
    [
        (A_DAY, WEEK, True),
        (A_DAY, MONTH, True),
        (WEEK, MONTH, False),
        (MONTH, WEEK, False),
        (WEEK, WEEK, True),
        (A_DAY, Rolling(25 * 3600), True),
        (WEEK, Rolling(25 * 3600), False),
        (Rolling(3600), Rolling(7200), True),
        (Rolling(7200), Rolling(3600), False),
        (Rolling(600), Gap(3600), True),
        (Gap(600), Gap(3600), True),
        (A_DAY, Gap(3600), False),
        (Rolling(3600), A_DAY, False),
        (QuietHours(60, 120), QuietHours(0, 360), True),
        (QuietHours(1380, 420), QuietHours(0, 360), False),
        (QuietHours(0, 60), A_DAY, False),
    ],
)
def test_only_what_counts_at_least_as_long_hides(
    window: object, behind: object, hidden: bool
) -> None:
    limit = 1 if isinstance(behind, Gap) else 3
    one = Cap("one", 3, window, NEWS)  # type: ignore[arg-type]
    other = Cap("other", limit, behind)  # type: ignore[arg-type]
    assert is_hidden(one, other, NOW) is hidden
