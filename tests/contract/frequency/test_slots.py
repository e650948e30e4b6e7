"""What every frequency store does with slots: on the embedded server, by address, on a cluster."""

import asyncio
from datetime import timedelta

import pytest

from app.frequency import keys
from app.frequency.store import Full, Group, Lapsed, Reservation, ReservationChanged, Reserved
from tests.fixtures.frequency import Ledger, members

ANA, BEN = members(7, 2)


async def test_a_recipient_gets_slots_up_to_the_limit_and_is_then_told_why_not(
    ledger: Ledger,
) -> None:
    cap = ledger.day("daily", 2)
    for number in (1, 2):
        outcome = await ledger.store.reserve(ledger.ask(f"r{number}", (ANA,), cap))
        assert outcome == Reserved(granted=(ANA,), full=())
    outcome = await ledger.store.reserve(ledger.ask("r3", (ANA, BEN), cap))
    assert outcome == Reserved(granted=(BEN,), full=(Full(ANA, "daily", 2, 2, cap.ends_at),))


async def test_a_repeated_reserve_answers_the_same_and_takes_no_second_slot(
    ledger: Ledger,
) -> None:
    cap = ledger.day("daily", 1)
    ask = ledger.ask("r1", (ANA, BEN), cap)
    await ledger.store.reserve(ledger.ask("r0", (ANA,), cap))
    first = await ledger.store.reserve(ask)
    await ledger.store.give_back("r0", [ANA])
    assert await ledger.store.reserve(ask) == first
    assert (await ledger.used(ANA, cap), await ledger.used(BEN, cap)) == ((0,), (1,))


async def test_a_repeat_takes_no_second_slot_even_if_the_answer_is_forgotten(
    ledger: Ledger,
) -> None:
    cap = ledger.day("daily", 5)
    await ledger.store.reserve(ledger.ask("r1", (ANA,), cap))
    await ledger.client.delete(keys.reservation_key(7, "r1"))
    outcome = await ledger.store.reserve(ledger.ask("r1", (ANA, BEN), cap))
    assert outcome == Reserved(granted=(ANA, BEN), full=())
    assert await ledger.used(ANA, cap) == (1,)


async def test_a_reservation_id_with_other_content_is_refused(ledger: Ledger) -> None:
    cap = ledger.day("daily", 5)
    await ledger.store.reserve(ledger.ask("r1", (ANA,), cap))
    with pytest.raises(ReservationChanged):
        await ledger.store.reserve(ledger.ask("r1", (BEN,), cap))
    assert await ledger.used(BEN, cap) == (0,)


async def test_all_caps_of_a_recipient_are_taken_or_none(ledger: Ledger) -> None:
    wide, narrow = ledger.day("wide", 5), ledger.day("narrow", 1)
    await ledger.store.reserve(ledger.ask("r1", (ANA,), narrow))
    outcome = await ledger.store.reserve(ledger.ask("r2", (ANA, BEN), wide, narrow))
    assert outcome == Reserved(granted=(BEN,), full=(Full(ANA, "narrow", 1, 1, narrow.ends_at),))
    assert await ledger.used(ANA, wide, narrow) == (0, 1)
    assert await ledger.used(BEN, wide, narrow) == (1, 1)


async def test_of_several_full_caps_the_one_that_opens_last_is_named(ledger: Ledger) -> None:
    early, late = ledger.day("early", 0, "Asia/Tokyo"), ledger.day("late", 0, "Europe/Berlin")
    outcome = await ledger.store.reserve(ledger.ask("r1", (ANA,), early, late))
    assert outcome == Reserved(granted=(), full=(Full(ANA, "late", 0, 0, late.ends_at),))


async def test_groups_under_different_caps_are_decided_in_one_call(ledger: Ledger) -> None:
    strict, loose = ledger.day("strict", 0), ledger.day("loose", 3)
    groups = (Group((ANA,), (strict, loose)), Group((BEN,), (loose,)))
    expires_at = ledger.clock.now() + timedelta(minutes=1)
    outcome = await ledger.store.reserve(Reservation("r1", 7, groups, expires_at))
    assert outcome == Reserved(granted=(BEN,), full=(Full(ANA, "strict", 0, 0, strict.ends_at),))


async def test_without_caps_a_recipient_is_granted_and_started(ledger: Ledger) -> None:
    assert await ledger.store.reserve(ledger.ask("r1", (ANA,))) == Reserved((ANA,), ())
    assert await ledger.store.start("r1", [ANA]) == {ANA}
    assert await ledger.store.commit("r1", [ANA]) == {ANA}


async def test_what_was_given_back_is_free_again_once(ledger: Ledger) -> None:
    cap = ledger.day("daily", 3)
    await ledger.store.reserve(ledger.ask("r1", (ANA,), cap))
    await ledger.store.reserve(ledger.ask("r2", (ANA,), cap))
    await ledger.store.start("r1", [ANA])
    assert await ledger.store.give_back("r1", [ANA, BEN]) == {ANA}
    assert await ledger.store.give_back("r1", [ANA]) == frozenset()
    assert await ledger.used(ANA, cap) == (1,)


async def test_what_was_committed_stays_used(ledger: Ledger) -> None:
    cap = ledger.day("daily", 1)
    await ledger.store.reserve(ledger.ask("r1", (ANA,), cap))
    assert await ledger.store.start("r1", [ANA]) == {ANA}
    assert await ledger.store.commit("r1", [ANA]) == {ANA}
    assert await ledger.store.commit("r1", [ANA]) == frozenset()
    assert await ledger.store.give_back("r1", [ANA]) == frozenset()
    ledger.clock.advance(timedelta(hours=6))
    assert await ledger.used(ANA, cap) == (1,)


async def test_what_never_started_expires_and_cannot_be_started_any_more(ledger: Ledger) -> None:
    cap = ledger.day("daily", 1)
    await ledger.store.reserve(ledger.ask("r1", (ANA,), cap, seconds=60))
    ledger.clock.advance(seconds=59)
    assert await ledger.used(ANA, cap) == (1,)
    ledger.clock.advance(seconds=1)
    assert await ledger.used(ANA, cap) == (0,)
    assert await ledger.store.start("r1", [ANA]) == frozenset()
    assert await ledger.store.reserve(ledger.ask("r2", (ANA,), cap)) == Reserved((ANA,), ())
    assert await ledger.store.start("r1", [ANA]) == frozenset()
    assert await ledger.used(ANA, cap) == (1,)


async def test_what_started_and_was_never_heard_of_again_stays_used(ledger: Ledger) -> None:
    cap = ledger.day("daily", 1)
    await ledger.store.reserve(ledger.ask("r1", (ANA,), cap, seconds=5))
    assert await ledger.store.start("r1", [ANA]) == {ANA}
    assert await ledger.store.start("r1", [ANA]) == {ANA}
    ledger.clock.advance(timedelta(hours=8))
    outcome = await ledger.store.reserve(ledger.ask("r2", (ANA,), cap))
    assert outcome == Reserved((), (Full(ANA, "daily", 1, 1, cap.ends_at),))


async def test_a_reservation_whose_time_is_over_takes_nothing(ledger: Ledger) -> None:
    cap = ledger.day("daily", 1)
    ask = ledger.ask("r1", (ANA,), cap, seconds=1)
    ledger.clock.advance(seconds=1)
    assert await ledger.store.reserve(ask) == Lapsed()
    assert await ledger.used(ANA, cap) == (0,)


async def test_broadcasts_and_own_pushes_together_stay_within_the_limit(ledger: Ledger) -> None:
    cap = ledger.day("daily", 3, share=1)
    everyone = keys.everyone_on("srf_test")
    for number, granted in ((1, True), (2, False)):
        ask = ledger.ask(f"b{number}", (everyone,), cap, broadcast=True)
        outcome = await ledger.store.reserve(ask)
        assert outcome == Reserved(
            *(((everyone,), ()) if granted else ((), (Full(everyone, "daily", 1, 1, cap.ends_at),)))
        )
    own = [await ledger.store.reserve(ledger.ask(f"o{n}", (ANA,), cap)) for n in range(3)]
    assert own[:2] == [Reserved((ANA,), ())] * 2
    assert own[2] == Reserved((), (Full(ANA, "daily", 2, 2, cap.ends_at),))


async def test_sixty_four_at_once_never_take_more_than_the_limit(ledger: Ledger) -> None:
    caps = (ledger.day("five", 5), ledger.day("nine", 9))
    batch = members(7, 20)
    asks = [ledger.ask(f"r{n}", batch, *caps) for n in range(64)]
    outcomes = await asyncio.gather(*(ledger.store.reserve(ask) for ask in asks for _ in (1, 2)))
    by_id = {ask.id: outcome for ask, outcome in zip(asks, outcomes[::2], strict=True)}
    assert list(by_id.values()) == outcomes[1::2], "a repeat answers what the first one did"
    granted = [
        recipient
        for outcome in by_id.values()
        if isinstance(outcome, Reserved)
        for recipient in outcome.granted
    ]
    assert {recipient: granted.count(recipient) for recipient in batch} == dict.fromkeys(batch, 5)
    assert await ledger.used(batch[0], *caps) == (5, 5)


async def test_a_thousand_recipients_of_all_buckets_are_counted_apart(ledger: Ledger) -> None:
    cap = ledger.day("daily", 1)
    everyone = [keys.qualified("srf_test", f"p{n}") for n in range(1000)]
    batches = list(keys.batches(everyone, 100))
    asks = [ledger.ask(f"r{n}", batch, cap) for n, (_, batch) in enumerate(batches)]
    outcomes = await asyncio.gather(*(ledger.store.reserve(ask) for ask in asks))
    assert outcomes == [Reserved(batch, ()) for _, batch in batches]
    found = await ledger.store.use(everyone, [cap])
    assert list(found) == everyone
    assert {use.used for uses in found.values() for use in uses} == {1}


async def test_the_servers_clock_can_be_read(ledger: Ledger) -> None:
    first = await ledger.store.server_time()
    assert timedelta(0) <= await ledger.store.server_time() - first < timedelta(seconds=5)
