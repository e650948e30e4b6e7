"""What is wrong with a proposed policy is told at its field: all of it at once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

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
from app.domain.policy_faults import HIGHEST_LIMIT, HIGHEST_OF_ALL, faults
from app.domain.push import ContentKind
from app.policy.default import DEFAULT_CAPS
from app.policy.wording import problem

NOW = datetime(2026, 12, 1, tzinfo=UTC)
NEWS = Covers(kinds=(ContentKind.NEWS,))
EVERYTHING = Cap("all", 5, A_DAY, source="house")
DAY = 24 * 3600


def cap(**changes: Any) -> Cap:  # noqa: ANN401 - any field of a cap
    """A second cap, beside the one that counts everything."""
    return replace(Cap("one", 3, A_DAY, NEWS, source="house"), **changes)


def share(**changes: Any) -> Cap:  # noqa: ANN401 - any field of a cap
    """News are at most a fifth of a surface's pushes."""
    whole = {"per": (Per.SURFACE,), "counts": Counts.PUSHES, "percent": 20, "limit": 10}
    return cap(**whole | changes)


def codes(*caps: Cap) -> list[tuple[str, str]]:
    found = faults(caps, NOW)
    for fault in found:
        told = problem(fault)
        assert told.message.zh
        assert told.message.en
        assert "{" not in told.message.zh + told.message.en
    return [(fault.pointer, fault.code) for fault in found]


def test_the_shipped_policy_has_no_fault() -> None:
    assert codes(*DEFAULT_CAPS) == []


@pytest.mark.parametrize(
    "fine",
    [
        cap(limit=0),
        cap(limit=HIGHEST_LIMIT),
        cap(window=Calendar(CalendarUnit.WEEK, "America/New_York")),
        cap(window=Calendar(CalendarUnit.MONTH), over=Over.DEFER),
        cap(window=Rolling(60)),
        cap(window=Rolling(31 * DAY)),
        cap(window=Gap(3600), limit=1),
        cap(window=QuietHours(22 * 60, 7 * 60), limit=0, over=Over.DEFER),
        cap(per=(Per.RECIPIENT, Per.TOPIC)),
        cap(per=(Per.SURFACE, Per.TOPIC), limit=HIGHEST_OF_ALL),
        cap(per=(), limit=2),
        cap(per=(Per.SURFACE,), covers=Covers(surfaces=("srf_a",))),
        cap(per=(Per.TOPIC,), counts=Counts.PUSHES),
        share(),
        share(per=(Per.SURFACE, Per.TOPIC), covers=Covers(), window=Rolling(3600)),
        share(covers=Covers(providers=("prv_a",))),
        cap(over=Over.REPLACE),
        cap(broadcast=3),
        cap(mode=Mode.SHADOW, limit=1),
        cap(effective_from=NOW + timedelta(days=7)),
    ],
)
def test_what_makes_sense_is_accepted(fine: Cap) -> None:
    assert codes(EVERYTHING, fine) == []


@pytest.mark.parametrize(
    ("wrong", "pointer", "code"),
    [
        (cap(id="Two words"), "id", "bad_id"),
        (cap(limit=-1), "limit", "negative"),
        (cap(limit=HIGHEST_LIMIT + 1), "limit", "too_high"),
        (cap(limit=0, over=Over.DEFER), "over", "never_free"),
        (cap(window=Gap(3600), limit=2), "limit", "limit_is_fixed"),
        (cap(window=QuietHours(0, 360), limit=1), "limit", "limit_is_fixed"),
        (cap(window=Calendar(CalendarUnit.DAY, "Mars/Olympus")), "window/zone", "unknown_zone"),
        (cap(window=Calendar(CalendarUnit.DAY, "../etc/passwd")), "window/zone", "unknown_zone"),
        (cap(window=Rolling(59)), "window/span", "span_out_of_range"),
        (cap(window=Rolling(31 * DAY + 1)), "window/span", "span_out_of_range"),
        (cap(window=Gap(0), limit=1), "window/span", "span_out_of_range"),
        (cap(window=QuietHours(0, 1440), limit=0), "window/quiet", "bad_time"),
        (cap(window=QuietHours(-1, 5), limit=0), "window/quiet", "bad_time"),
        (cap(window=QuietHours(60, 60), limit=0), "window/quiet", "quiet_all_day"),
        (cap(per=(Per.RECIPIENT, Per.SURFACE)), "per", "recipients_have_surfaces"),
        (cap(per=(Per.SURFACE,), limit=HIGHEST_OF_ALL + 1), "limit", "too_high"),
        (cap(per=(), window=QuietHours(0, 360), limit=0), "per", "quiet_counts_nothing"),
        (cap(over=Over.REPLACE, per=(Per.SURFACE,)), "over", "replaces_for_each_only"),
        (
            cap(over=Over.REPLACE, window=QuietHours(0, 360), limit=0),
            "over",
            "replaces_for_each_only",
        ),
        (cap(broadcast=4), "broadcast", "broadcast_too_high"),
        (cap(broadcast=-1), "broadcast", "broadcast_too_high"),
        (cap(broadcast=1, per=(Per.SURFACE,)), "broadcast", "broadcast_of_each_only"),
        (cap(broadcast=1, window=Gap(60), limit=1), "broadcast", "broadcast_of_each_only"),
        (cap(broadcast=3, over=Over.DEFER), "over", "never_free"),
        (cap(counts=Counts.PUSHES), "per", "pushes_have_no_recipient"),
        (share(counts=Counts.POPUPS), "percent", "share_of_pushes_only"),
        (share(percent=0), "percent", "bad_percent"),
        (share(percent=100), "percent", "bad_percent"),
        (share(window=Gap(3600), limit=1), "window", "share_window"),
        (share(limit=0), "limit", "floor_missing"),
        (share(per=(Per.KIND,), covers=Covers()), "per", "share_of_a_surface"),
        (share(covers=Covers()), "covers/kinds", "share_of_all"),
        (
            share(per=(Per.SURFACE, Per.PROVIDER), covers=Covers(providers=("a", "b"))),
            "covers/kinds",
            "share_of_all",
        ),
        (cap(per=(Per.RECIPIENT, Per.RECIPIENT)), "per", "bad_per"),
        (
            cap(window=QuietHours(0, 360), limit=0, per=(Per.RECIPIENT, Per.TOPIC)),
            "per",
            "quiet_counts_nothing",
        ),
        (cap(per=(Per.RECIPIENT, Per.KIND)), "per", "per_one_only"),
        (cap(covers=Covers(topics=("a", "a"))), "covers/topics", "named_twice"),
        (cap(covers=Covers(topics=tuple(map(str, range(101))))), "covers/topics", "too_many_named"),
        (cap(covers=Covers(topics=(" a",))), "covers/topics", "bad_text"),
        (cap(covers=Covers(surfaces=("",))), "covers/surfaces", "bad_text"),
        (cap(covers=Covers(providers=("x" * 65,))), "covers/providers", "bad_text"),
        (cap(source="  "), "source", "source_missing"),
        (cap(source="a\nb"), "source", "bad_text"),
        (cap(source="x" * 201), "source", "bad_text"),
        (cap(effective_from=NOW - timedelta(seconds=1)), "effective_from", "date_past"),
        (cap(effective_from=datetime(2027, 1, 1)), "effective_from", "date_without_zone"),  # noqa: DTZ001
        (cap(effective_from=NOW + timedelta(days=367)), "effective_from", "date_too_far"),
    ],
)
def test_each_fault_of_a_cap_is_told_at_its_field(wrong: Cap, pointer: str, code: str) -> None:
    assert codes(EVERYTHING, wrong) == [(f"/caps/1/{pointer}", code)]


def test_everything_is_told_at_once() -> None:
    wrong = cap(id="?", limit=-1, source="", window=Calendar(CalendarUnit.DAY, "x"))
    assert [code for _, code in codes(EVERYTHING, wrong)] == [
        "bad_id", "negative", "unknown_zone", "source_missing",
    ]  # fmt: skip


def test_what_is_in_force_keeps_a_date_that_has_passed() -> None:
    old = cap(effective_from=NOW - timedelta(days=1))
    assert faults((EVERYTHING, old), NOW, in_force=(old,)) == ()


def test_caps_fit_together_when_their_policy_comes_into_force() -> None:
    later = replace(EVERYTHING, effective_from=NOW + timedelta(days=1))
    assert {one.code for one in faults((later,), NOW)} == {"kind_uncapped"}
    assert faults((later,), NOW, starts=NOW + timedelta(days=1)) == ()
    # Its date is looked at as of now all the same.
    past = replace(EVERYTHING, effective_from=NOW - timedelta(seconds=1))
    [fault] = faults((past,), NOW, starts=NOW + timedelta(days=1))
    assert fault.code == "date_past"


def test_a_cap_of_all_together_does_not_count_for_each() -> None:
    together = replace(EVERYTHING, per=(Per.SURFACE,))
    assert {code for _, code in codes(together)} == {"kind_uncapped"}
    many = [cap(id=f"c{n}", window=Rolling(3600 + n), limit=500, per=()) for n in range(20)]
    assert codes(EVERYTHING, *many) == []


def test_an_empty_policy_and_a_huge_one_are_refused() -> None:
    assert codes() == [("/caps", "empty")]
    many = [replace(EVERYTHING, id=f"c{n}") for n in range(65)]
    assert codes(*many) == [("/caps", "too_many_caps")]


def test_two_caps_may_not_share_an_id() -> None:
    assert codes(EVERYTHING, cap(id="all")) == [("/caps/1/id", "repeated")]


@pytest.mark.parametrize(
    ("first", "second", "overlaps"),
    [
        (cap(), cap(id="two", limit=9), True),
        (cap(limit=9), cap(id="two"), True),
        (cap(), cap(id="two"), True),
        (cap(), cap(id="two", covers=Covers(topics=("a",))), False),
        (cap(), cap(id="two", window=Rolling(DAY)), False),
        (cap(), cap(id="two", per=(Per.RECIPIENT, Per.TOPIC)), False),
        # A shadow says what a tighter limit would do; a looser one could say nothing.
        (cap(), cap(id="two", limit=2, mode=Mode.SHADOW), False),
        (cap(), cap(id="two", limit=4, mode=Mode.SHADOW), True),
        # Tighter from a day on; or looser, which changes nothing.
        (cap(), cap(id="two", limit=2, effective_from=NOW + timedelta(days=1)), False),
        (cap(), cap(id="two", limit=4, effective_from=NOW + timedelta(days=1)), True),
    ],
)
def test_two_caps_that_count_the_same_are_refused_where_one_does_nothing(
    first: Cap, second: Cap, *, overlaps: bool
) -> None:
    found = [(one.pointer, one.code) for one in faults((EVERYTHING, first, second), NOW)]
    assert found == ([("/caps/2", "same_count")] if overlaps else [])


@pytest.mark.parametrize(
    ("window", "limit", "reached"),
    [
        (A_DAY, 4, True),
        (A_DAY, 5, False),
        (Rolling(12 * 3600), 2, True),
        (Rolling(12 * 3600), 4, False),
        (Calendar(CalendarUnit.WEEK), 26, False),
    ],
)
def test_a_limit_that_a_gap_keeps_out_of_reach_is_contradictory(
    window: Calendar | Rolling, limit: int, *, reached: bool
) -> None:
    gap = cap(id="gap", window=Gap(8 * 3600), limit=1)
    found = codes(EVERYTHING, gap, cap(window=window, limit=limit))
    assert found == ([] if reached else [("/caps/2/limit", "behind_a_gap")])
    shadow = replace(gap, mode=Mode.SHADOW)
    assert codes(EVERYTHING, shadow, cap(window=window, limit=limit)) == []


def test_every_kind_needs_a_cap_that_counts_it_now() -> None:
    uncapped = [("/caps", "kind_uncapped")]
    for one in (
        replace(EVERYTHING, mode=Mode.SHADOW),
        replace(EVERYTHING, effective_from=NOW + timedelta(days=1)),
        replace(EVERYTHING, window=QuietHours(0, 60), limit=0),
        replace(EVERYTHING, covers=Covers(surfaces=("srf_a",))),
    ):
        assert codes(one) == uncapped * 3
    assert codes(replace(EVERYTHING, covers=NEWS)) == uncapped * 2


def test_quiet_hours_that_fill_the_day_together_are_impossible() -> None:
    morning = Cap("am", 0, QuietHours(0, 720), source="house")
    evening = Cap("pm", 0, QuietHours(720, 0), source="house")
    assert codes(EVERYTHING, morning, evening) == [("/caps", "always_quiet")] * 3
    assert codes(EVERYTHING, morning, replace(evening, window=QuietHours(721, 0))) == []


def test_more_counters_than_a_record_holds_are_refused() -> None:
    many = [Cap(f"r{n}", 100, Rolling(DAY + n * 60), source="house") for n in range(8)]
    assert codes(EVERYTHING, *many) == [("/caps", "too_many_counters")]
    small = [replace(one, limit=3) for one in many]
    assert codes(EVERYTHING, *small) == []
    apart = [replace(one, covers=Covers(surfaces=(one.id,))) for one in many]
    assert codes(EVERYTHING, *apart) == []
