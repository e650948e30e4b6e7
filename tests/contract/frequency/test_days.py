"""What every frequency store does where one window ends and the next begins."""

from datetime import UTC, datetime, timedelta

from app.frequency import keys
from app.frequency.store import Full, Lapsed, Reserved
from tests.fixtures.frequency import Ledger, members

(ANA,) = members(7, 1)


async def test_a_new_day_begins_empty_at_midnight_of_the_recipients_time_zone(
    ledger: Ledger,
) -> None:
    ledger.clock.set(datetime(2026, 11, 21, 15, 59, 50, tzinfo=UTC))
    first = ledger.day("daily", 1)
    assert await ledger.store.reserve(ledger.ask("r1", (ANA,), first)) == Reserved((ANA,), ())
    await ledger.store.start("r1", [ANA])
    ledger.clock.advance(seconds=10)
    second = ledger.day("daily", 1)
    assert second.ends_at - first.ends_at == timedelta(days=1)
    assert await ledger.store.reserve(ledger.ask("r2", (ANA,), second)) == Reserved((ANA,), ())
    assert await ledger.used(ANA, first, second) == (1, 1)


async def test_a_reservation_does_not_outlive_its_day(ledger: Ledger) -> None:
    ledger.clock.set(datetime(2026, 11, 21, 15, 59, 50, tzinfo=UTC))
    cap = ledger.day("daily", 1)
    ask = ledger.ask("r1", (ANA,), cap, seconds=60)
    assert await ledger.store.reserve(ask) == Reserved((ANA,), ())
    ledger.clock.advance(seconds=10)
    assert await ledger.store.reserve(ask) == Lapsed()
    assert await ledger.store.start("r1", [ANA]) == frozenset()


async def test_a_day_of_twenty_five_hours_counts_as_one(ledger: Ledger) -> None:
    ledger.clock.set(datetime(2026, 11, 1, 4, 30, tzinfo=UTC))
    before = ledger.day("daily", 1, "America/New_York")
    await ledger.store.reserve(ledger.ask("r1", (ANA,), before))
    await ledger.store.start("r1", [ANA])
    ledger.clock.advance(timedelta(hours=24))
    after = ledger.day("daily", 1, "America/New_York")
    outcome = await ledger.store.reserve(ledger.ask("r2", (ANA,), after))
    assert outcome == Reserved((), (Full(ANA, "daily", 1, 1, before.ends_at),))


async def test_who_travels_west_does_not_get_the_same_day_twice(ledger: Ledger) -> None:
    here = ledger.day("daily", 1, "Pacific/Kiritimati")
    await ledger.store.reserve(ledger.ask("r1", (ANA,), here))
    await ledger.store.start("r1", [ANA])
    await ledger.store.commit("r1", [ANA])
    ledger.clock.set(here.ends_at + timedelta(hours=24))
    there = ledger.day("daily", 1, "Pacific/Pago_Pago")
    assert there.window == here.window
    outcome = await ledger.store.reserve(ledger.ask("r2", (ANA,), there))
    assert outcome == Reserved((), (Full(ANA, "daily", 1, 1, there.ends_at),))


async def test_old_windows_and_slots_leave_nothing_behind(ledger: Ledger) -> None:
    for day in range(10):
        cap = ledger.day("daily", 1)
        await ledger.store.reserve(ledger.ask(f"r{day}", (ANA,), cap))
        assert await ledger.store.start(f"r{day}", [ANA]) == {ANA}
        ledger.clock.advance(timedelta(days=1))
    size = await ledger.client.strlen(_record_key())
    assert size <= 4 + 3 * 12 + 3 * 13


async def test_a_hit_does_not_put_off_the_end_of_a_counter(ledger: Ledger) -> None:
    cap = ledger.day("daily", 5)
    await ledger.store.reserve(ledger.ask("r1", (ANA,), cap))
    first = await ledger.client.ttl(_record_key())
    ledger.clock.advance(timedelta(hours=3))
    await ledger.store.reserve(ledger.ask("r2", (ANA,), cap))
    second = await ledger.client.ttl(_record_key())
    assert 3 * 3600 - 5 <= first - second <= 3 * 3600 + 5


async def test_the_servers_clock_takes_no_part_in_a_decision(ledger: Ledger) -> None:
    for year in (2001, 2090):
        ledger.clock.set(datetime(year, 5, 1, tzinfo=UTC))
        cap = ledger.day("daily", 1)
        assert await ledger.store.reserve(ledger.ask(f"a{year}", (ANA,), cap)) == Reserved(
            (ANA,), ()
        )
        outcome = await ledger.store.reserve(ledger.ask(f"b{year}", (ANA,), cap))
        assert outcome == Reserved((), (Full(ANA, "daily", 1, 1, cap.ends_at),))


def _record_key() -> str:
    return keys.place(ANA)[1]
