"""The policy language: what caps cover, how they are stored, and what earlier versions stored."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.cap_json import cap_from, cap_json, counting_json
from app.domain.facts import Caps
from app.domain.policy import (
    A_DAY,
    EVERY_PUSH,
    Calendar,
    CalendarUnit,
    Cap,
    Counts,
    Covers,
    Gap,
    Mode,
    Over,
    Per,
    Policy,
    QuietHours,
    Rolling,
)
from app.domain.push import ContentKind, MinorsAudience
from app.domain.registers import ContentClass
from app.pushes.bearing import Bearing
from tests.fixtures.facts import facts_of

NEWS = replace(facts_of("news").push, surface="srf_a", topic="weather", content_class=None)
START = datetime(2026, 12, 1, tzinfo=UTC)


def test_what_is_not_named_is_not_asked_about() -> None:
    assert EVERY_PUSH.holds_for(NEWS, "prv_a")


@pytest.mark.parametrize(
    ("covers", "holds"),
    [
        (Covers(kinds=(ContentKind.NEWS,)), True),
        (Covers(kinds=(ContentKind.GENERAL, ContentKind.ADVERTISEMENT)), False),
        (Covers(surfaces=("srf_b", "srf_a")), True),
        (Covers(surfaces=("srf_b",)), False),
        (Covers(providers=("prv_a",)), True),
        (Covers(providers=("prv_b",)), False),
        (Covers(topics=("weather",)), True),
        (Covers(topics=("sport",)), False),
        (Covers(classes=(ContentClass.FINANCE,)), False),
        (Covers(minors=(NEWS.minors,)), True),
        (Covers(minors=(MinorsAudience.ONLY,)), False),
        (Covers(kinds=(ContentKind.NEWS,), topics=("sport",)), False),
    ],
)
def test_everything_that_is_named_has_to_hold(covers: Covers, *, holds: bool) -> None:
    assert covers.holds_for(NEWS, "prv_a") is holds


def test_a_class_covers_pushes_that_declare_it() -> None:
    push = replace(NEWS, content_class=ContentClass.FINANCE)
    assert Covers(classes=(ContentClass.FINANCE,)).holds_for(push, "prv_a")


def test_a_policy_names_caps_that_cover_a_push_later_ones_too() -> None:
    later = Cap("later", 1, A_DAY, effective_from=START)
    other = Cap("other", 1, A_DAY, Covers(providers=("prv_b",)))
    assert Bearing().on(Policy("1", (later, other)), NEWS, "prv_a") == Caps("1", (later,))
    assert not later.is_in_force(START - timedelta(seconds=1))
    assert later.is_in_force(START)


def test_quiet_hours_may_run_into_the_next_day() -> None:
    night, noon = QuietHours(22 * 60, 7 * 60), QuietHours(12 * 60, 14 * 60)
    assert [night.include(minute) for minute in (0, 419, 420, 1319, 1320)] == [
        True, True, False, False, True,
    ]  # fmt: skip
    assert [noon.include(minute) for minute in (719, 720, 839, 840)] == [False, True, True, False]


windows = st.one_of(
    st.builds(
        Calendar, st.sampled_from(CalendarUnit), st.sampled_from((None, "Asia/Shanghai", "UTC"))
    ),
    st.builds(Rolling, st.integers(60, 100_000)),
    st.builds(Gap, st.integers(60, 100_000)),
    st.builds(QuietHours, st.integers(0, 1439), st.integers(0, 1439)),
)
names = st.lists(st.text(max_size=5), max_size=2).map(tuple)
some = st.builds(
    Covers,
    kinds=st.lists(st.sampled_from(ContentKind), max_size=2).map(tuple),
    surfaces=names,
    providers=names,
    topics=names,
    classes=st.lists(st.sampled_from(ContentClass), max_size=2).map(tuple),
    minors=st.lists(st.sampled_from(MinorsAudience), max_size=2).map(tuple),
)
caps = st.builds(
    Cap,
    id=st.text(max_size=5),
    limit=st.integers(0, 1000),
    window=windows,
    covers=some,
    per=st.lists(st.sampled_from(Per), max_size=3).map(tuple),
    over=st.sampled_from(Over),
    mode=st.sampled_from(Mode),
    source=st.text(max_size=5),
    house=st.booleans(),
    effective_from=st.one_of(st.none(), st.datetimes(timezones=st.just(UTC))),
    counts=st.sampled_from(Counts),
    broadcast=st.integers(0, 9),
    percent=st.one_of(st.none(), st.integers(1, 99)),
)


@given(caps)
def test_a_stored_cap_is_read_back_as_it_was(cap: Cap) -> None:
    assert cap_from(cap_json(cap)) == cap
    assert cap_from(counting_json(cap)) == replace(cap, covers=EVERY_PUSH, source="", house=True)


def test_policies_of_earlier_versions_are_read() -> None:
    old = {
        "id": "news-5", "surface": "srf_a", "kind": "news", "limit": 5, "source": "x",
        "house": False,
    }  # fmt: skip
    assert cap_from(old) == Cap(
        "news-5", 5, A_DAY, Covers(kinds=(ContentKind.NEWS,), surfaces=("srf_a",)), source="x",
        house=False,
    )  # fmt: skip
    whole = cap_from({**old, "surface": None, "kind": None})
    assert whole.covers == EVERY_PUSH


def test_outbox_rows_of_earlier_versions_are_read_and_plain_caps_stay_as_short() -> None:
    old = {"id": "general-2", "limit": 2}
    assert cap_from(old) == Cap("general-2", 2, A_DAY)
    assert counting_json(Cap("general-2", 2, A_DAY, source="x", house=False)) == old


@pytest.mark.parametrize("window", [{}, {"fortnight": 1}, {"unit": "year", "zone": None}])
def test_a_window_that_nobody_knows_is_refused(window: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"window|year"):
        cap_from({"id": "a", "limit": 1, "window": window})
