"""What every frequency store does with rolling spans, gaps, shadow caps and many caps at once."""

import asyncio
from datetime import timedelta

import pytest

from app.domain.policy import Calendar, CalendarUnit, Cap, Gap, Mode, Over, Per, Rolling
from app.frequency import keys
from app.frequency.cap_window import CapWindow
from app.frequency.store import Full, Lapsed, Reserved
from app.frequency.windows import Scope, open_windows
from tests.fixtures.frequency import Counting, members

ANA, BEN = members(7, 2)
HOUR, DAY = 3600, 86_400
SCOPE = Scope("prv_a", "news", "weather")


def opened(counting: Counting, *caps: Cap, scope: Scope = SCOPE) -> tuple[CapWindow, ...]:
    return open_windows(caps, counting.clock.now(), "Asia/Shanghai", scope)


async def granted(counting: Counting, name: str, *caps: Cap, scope: Scope = SCOPE) -> bool:
    """Take a slot now, and start it, so that it stays."""
    ask = counting.ask(name, (ANA,), *opened(counting, *caps, scope=scope))
    outcome = await counting.store.reserve(ask)
    assert isinstance(outcome, Reserved)
    if outcome.granted:
        assert await counting.store.start(name, [ANA]) == {ANA}
        assert await counting.store.commit(name, [ANA]) == {ANA}
    return bool(outcome.granted)


@pytest.mark.parametrize("span", [60, HOUR, 31 * DAY])
async def test_a_rolling_span_frees_what_is_older_than_it_and_no_sooner(
    counting: Counting, span: int
) -> None:
    cap = Cap("roll", 2, Rolling(span))
    width = span / 32
    assert await granted(counting, "r1", cap)
    counting.clock.advance(seconds=span / 2)
    assert await granted(counting, "r2", cap)
    counting.clock.advance(seconds=span / 2 - 0.001)
    assert not await granted(counting, "r3", cap)
    counting.clock.advance(seconds=width + 0.001)
    assert await granted(counting, "r4", cap)
    assert not await granted(counting, "r5", cap)


async def test_who_has_no_room_in_a_rolling_span_is_told_when_there_is_some(
    counting: Counting,
) -> None:
    cap = Cap("roll", 3, Rolling(HOUR), over=Over.DEFER)
    for number in range(3):
        assert await granted(counting, f"r{number}", cap)
        counting.clock.advance(seconds=600)
    (window,) = opened(counting, cap)
    outcome = await counting.store.reserve(counting.ask("r9", (ANA,), window))
    assert isinstance(outcome, Reserved)
    (full,) = outcome.full
    assert (full.cap_id, full.used, full.limit, full.over) == ("roll", 3, 3, Over.DEFER)
    (use,) = (await counting.store.use([ANA], [window]))[ANA]
    assert (use.used, use.resets_at) == (3, full.resets_at)
    counting.clock.set(full.resets_at - timedelta(milliseconds=1))
    assert not await granted(counting, "r10", cap)
    counting.clock.set(full.resets_at)
    assert await granted(counting, "r11", cap)


async def test_a_gap_keeps_two_pushes_apart(counting: Counting) -> None:
    gap = Cap("gap", 1, Gap(600))
    assert await granted(counting, "r1", gap)
    counting.clock.advance(seconds=599)
    assert not await granted(counting, "r2", gap)
    counting.clock.advance(seconds=1 + 600 / 32)
    assert await granted(counting, "r3", gap)


async def test_a_slot_of_a_clock_that_goes_before_counts_already(counting: Counting) -> None:
    cap = Cap("roll", 1, Rolling(60))
    counting.clock.advance(seconds=2)
    assert await granted(counting, "r1", cap)
    counting.clock.advance(seconds=-2)
    assert not await granted(counting, "r2", cap)


async def test_a_reservation_does_not_outlive_its_sub_window(counting: Counting) -> None:
    (window,) = opened(counting, Cap("roll", 1, Rolling(HOUR)))
    ask = counting.ask("r1", (ANA,), window, seconds=HOUR)
    assert await counting.store.reserve(ask) == Reserved((ANA,), ())
    assert window.closes_at is not None
    counting.clock.set(window.closes_at)
    assert await counting.store.reserve(ask) == Lapsed()
    assert await counting.store.start("r1", [ANA]) == frozenset()
    assert await counting.used(ANA, window) == (0,)


TWELVE = (
    Cap("day", 5, Calendar(CalendarUnit.DAY)),
    Cap("day-sh", 6, Calendar(CalendarUnit.DAY, "Asia/Shanghai")),
    Cap("week", 20, Calendar(CalendarUnit.WEEK)),
    Cap("month", 60, Calendar(CalendarUnit.MONTH)),
    Cap("minute", 4, Rolling(60)),
    Cap("hour", 4, Rolling(HOUR)),
    Cap("two-days", 9, Rolling(2 * DAY)),
    Cap("span", 40, Rolling(31 * DAY)),
    Cap("topic", 3, Calendar(CalendarUnit.DAY), per=(Per.RECIPIENT, Per.TOPIC)),
    Cap("provider", 4, Rolling(DAY), per=(Per.RECIPIENT, Per.PROVIDER)),
    Cap("kind", 5, Calendar(CalendarUnit.DAY), per=(Per.RECIPIENT, Per.KIND, Per.TOPIC)),
    Cap("trial", 1, Calendar(CalendarUnit.DAY), mode=Mode.SHADOW),
)


async def test_twelve_caps_of_different_windows_are_taken_all_or_none(counting: Counting) -> None:
    used = [await granted(counting, f"r{n}", *TWELVE) for n in range(5)]
    assert used == [True, True, True, False, False]
    windows = opened(counting, *TWELVE)
    assert await counting.used(ANA, *windows) == (3,) * 11 + (1,)
    # Another topic has room under the cap that each topic has; the hour lets one more through.
    other = Scope("prv_a", "news", "sport")
    assert await granted(counting, "r6", *TWELVE, scope=other)
    assert not await granted(counting, "r7", *TWELVE, scope=other)


async def test_sixty_four_at_once_keep_to_twelve_caps(counting: Counting) -> None:
    windows = opened(counting, *TWELVE)
    asks = [counting.ask(f"r{n}", (ANA, BEN), *windows) for n in range(64)]
    outcomes = await asyncio.gather(*(counting.store.reserve(ask) for ask in asks))
    got = [one for found in outcomes if isinstance(found, Reserved) for one in found.granted]
    assert (got.count(ANA), got.count(BEN)) == (3, 3)


async def test_a_shadow_cap_is_told_about_and_stops_nothing(counting: Counting) -> None:
    caps = opened(
        counting,
        Cap("trial", 1, Calendar(CalendarUnit.DAY), mode=Mode.SHADOW),
        Cap("real", 3, Calendar(CalendarUnit.DAY)),
    )
    for number, shadowed in enumerate([(), ((ANA, "trial"),), ((ANA, "trial"),)]):
        outcome = await counting.store.reserve(counting.ask(f"r{number}", (ANA,), *caps))
        assert outcome == Reserved((ANA,), (), shadowed)
    # What it would have stopped, it would not have counted.
    assert await counting.used(ANA, *caps) == (1, 3)
    outcome = await counting.store.reserve(counting.ask("r4", (ANA,), *caps))
    assert outcome == Reserved((), (Full(ANA, "real", 3, 3, caps[1].ends_at),))


async def test_of_caps_without_room_one_that_drops_is_named_before_one_that_waits(
    counting: Counting,
) -> None:
    caps = opened(
        counting,
        Cap("wait-long", 0, Calendar(CalendarUnit.MONTH), over=Over.DEFER),
        Cap("drop-day", 0, Calendar(CalendarUnit.DAY)),
        Cap("wait", 0, Calendar(CalendarUnit.WEEK), over=Over.DEFER),
    )
    outcome = await counting.store.reserve(counting.ask("r1", (ANA,), *caps))
    assert outcome == Reserved((), (Full(ANA, "drop-day", 0, 0, caps[1].ends_at),))
    outcome = await counting.store.reserve(counting.ask("r2", (ANA,), caps[0], caps[2]))
    assert outcome == Reserved((), (Full(ANA, "wait-long", 0, 0, caps[0].ends_at, Over.DEFER),))


async def test_given_back_slots_of_all_windows_are_free_again(counting: Counting) -> None:
    windows = opened(counting, *TWELVE)
    assert await counting.store.reserve(counting.ask("r1", (ANA,), *windows)) == Reserved(
        (ANA,), ()
    )
    await counting.store.start("r1", [ANA])
    assert await counting.store.give_back("r1", [ANA]) == {ANA}
    assert await counting.used(ANA, *windows) == (0,) * 12


async def test_a_record_that_holds_no_further_counter_lets_nothing_through(
    counting: Counting,
) -> None:
    """Counts for each topic are bounded by nothing but the topics; a batch must not fail of it."""
    cap = Cap("topic", 2, Calendar(CalendarUnit.MONTH), per=(Per.RECIPIENT, Per.TOPIC))
    for number in range(255):
        assert await granted(counting, f"r{number}", cap, scope=Scope("p", "news", f"t{number}"))
    (window,) = opened(counting, cap)
    outcome = await counting.store.reserve(counting.ask("one-more", (ANA, BEN), window))
    assert outcome == Reserved((BEN,), (Full(ANA, "topic", 0, 2, window.ends_at),))
    assert await granted(counting, "known", cap, scope=Scope("p", "news", "t7"))


async def test_short_spans_leave_nothing_behind(counting: Counting) -> None:
    cap = Cap("minute", 2, Rolling(60))
    for number in range(100):
        assert await granted(counting, f"r{number}", cap)
        counting.clock.advance(seconds=31)
    size = await counting.client.strlen(keys.place(ANA)[1])
    assert size <= 4 + 5 * 12
