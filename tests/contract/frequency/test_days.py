"""What every frequency store does where one window ends and the next begins."""

from datetime import UTC, datetime, timedelta

from app.frequency import keys
from app.frequency.store import Full, Lapsed, Reserved
from tests.fixtures.frequency import Counting, members

(ANA,) = members(7, 1)


async def test_a_new_day_begins_empty_at_midnight_of_the_recipients_time_zone(
    counting: Counting,
) -> None:
    counting.clock.set(datetime(2026, 11, 21, 15, 59, 50, tzinfo=UTC))
    first = counting.day("daily", 1)
    assert await counting.store.reserve(counting.ask("r1", (ANA,), first)) == Reserved((ANA,), ())
    await counting.store.start("r1", [ANA])
    counting.clock.advance(seconds=10)
    second = counting.day("daily", 1)
    assert second.ends_at - first.ends_at == timedelta(days=1)
    assert await counting.store.reserve(counting.ask("r2", (ANA,), second)) == Reserved((ANA,), ())
    assert await counting.used(ANA, first, second) == (1, 1)


async def test_a_reservation_does_not_outlive_its_day(counting: Counting) -> None:
    counting.clock.set(datetime(2026, 11, 21, 15, 59, 50, tzinfo=UTC))
    cap = counting.day("daily", 1)
    ask = counting.ask("r1", (ANA,), cap, seconds=60)
    assert await counting.store.reserve(ask) == Reserved((ANA,), ())
    counting.clock.advance(seconds=10)
    assert await counting.store.reserve(ask) == Lapsed()
    assert await counting.store.start("r1", [ANA]) == frozenset()


async def test_a_day_of_twenty_five_hours_counts_as_one(counting: Counting) -> None:
    counting.clock.set(datetime(2026, 11, 1, 4, 30, tzinfo=UTC))
    before = counting.day("daily", 1, "America/New_York")
    await counting.store.reserve(counting.ask("r1", (ANA,), before))
    await counting.store.start("r1", [ANA])
    counting.clock.advance(timedelta(hours=24))
    after = counting.day("daily", 1, "America/New_York")
    outcome = await counting.store.reserve(counting.ask("r2", (ANA,), after))
    assert outcome == Reserved((), (Full(ANA, "daily", 1, 1, before.ends_at),))


async def test_who_travels_west_does_not_get_the_same_day_twice(counting: Counting) -> None:
    here = counting.day("daily", 1, "Pacific/Kiritimati")
    await counting.store.reserve(counting.ask("r1", (ANA,), here))
    await counting.store.start("r1", [ANA])
    await counting.store.commit("r1", [ANA])
    counting.clock.set(here.ends_at + timedelta(hours=24))
    there = counting.day("daily", 1, "Pacific/Pago_Pago")
    assert there.window == here.window
    outcome = await counting.store.reserve(counting.ask("r2", (ANA,), there))
    assert outcome == Reserved((), (Full(ANA, "daily", 1, 1, there.ends_at),))


async def test_old_windows_and_slots_leave_nothing_behind(counting: Counting) -> None:
    for day in range(10):
        cap = counting.day("daily", 1)
        await counting.store.reserve(counting.ask(f"r{day}", (ANA,), cap))
        assert await counting.store.start(f"r{day}", [ANA]) == {ANA}
        counting.clock.advance(timedelta(days=1))
    size = await counting.client.strlen(_record_key())
    assert size <= 4 + 3 * 12 + 3 * 13


async def test_a_hit_does_not_put_off_the_end_of_a_counter(counting: Counting) -> None:
    cap = counting.day("daily", 5)
    await counting.store.reserve(counting.ask("r1", (ANA,), cap))
    first = await counting.client.ttl(_record_key())
    counting.clock.advance(timedelta(hours=3))
    await counting.store.reserve(counting.ask("r2", (ANA,), cap))
    second = await counting.client.ttl(_record_key())
    assert 3 * 3600 - 5 <= first - second <= 3 * 3600 + 5


async def test_the_servers_clock_takes_no_part_in_a_decision(counting: Counting) -> None:
    for year in (2001, 2090):
        counting.clock.set(datetime(year, 5, 1, tzinfo=UTC))
        cap = counting.day("daily", 1)
        assert await counting.store.reserve(counting.ask(f"a{year}", (ANA,), cap)) == Reserved(
            (ANA,), ()
        )
        outcome = await counting.store.reserve(counting.ask(f"b{year}", (ANA,), cap))
        assert outcome == Reserved((), (Full(ANA, "daily", 1, 1, cap.ends_at),))


def _record_key() -> str:
    return keys.place(ANA)[1]
