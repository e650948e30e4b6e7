"""What every frequency store does with slots: on the embedded server, by address, on a cluster."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.policy import Over
from app.frequency import keys
from app.frequency.store import Full, Group, Lapsed, Reservation, ReservationChanged, Reserved
from tests.fixtures.frequency import Counting, members

ANA, BEN = members(7, 2)


async def test_a_recipient_gets_slots_up_to_the_limit_and_is_then_told_why_not(
    counting: Counting,
) -> None:
    cap = counting.day("daily", 2)
    for number in (1, 2):
        outcome = await counting.store.reserve(counting.ask(f"r{number}", (ANA,), cap))
        assert outcome == Reserved(granted=(ANA,), full=())
    outcome = await counting.store.reserve(counting.ask("r3", (ANA, BEN), cap))
    assert outcome == Reserved(granted=(BEN,), full=(Full(ANA, "daily", 2, 2, cap.ends_at),))


async def test_a_repeated_reserve_answers_the_same_and_takes_no_second_slot(
    counting: Counting,
) -> None:
    cap = counting.day("daily", 1)
    ask = counting.ask("r1", (ANA, BEN), cap)
    await counting.store.reserve(counting.ask("r0", (ANA,), cap))
    first = await counting.store.reserve(ask)
    await counting.store.give_back("r0", [ANA])
    assert await counting.store.reserve(ask) == first
    assert (await counting.used(ANA, cap), await counting.used(BEN, cap)) == ((0,), (1,))


async def test_a_repeat_takes_no_second_slot_even_if_the_answer_is_forgotten(
    counting: Counting,
) -> None:
    cap = counting.day("daily", 5)
    await counting.store.reserve(counting.ask("r1", (ANA,), cap))
    await counting.client.delete(keys.reservation_key(7, "r1"))
    outcome = await counting.store.reserve(counting.ask("r1", (ANA, BEN), cap))
    assert outcome == Reserved(granted=(ANA, BEN), full=())
    assert await counting.used(ANA, cap) == (1,)


async def test_a_reservation_id_with_other_content_is_refused(counting: Counting) -> None:
    cap = counting.day("daily", 5)
    await counting.store.reserve(counting.ask("r1", (ANA,), cap))
    with pytest.raises(ReservationChanged):
        await counting.store.reserve(counting.ask("r1", (BEN,), cap))
    assert await counting.used(BEN, cap) == (0,)


async def test_all_caps_of_a_recipient_are_taken_or_none(counting: Counting) -> None:
    wide, narrow = counting.day("wide", 5), counting.day("narrow", 1)
    await counting.store.reserve(counting.ask("r1", (ANA,), narrow))
    outcome = await counting.store.reserve(counting.ask("r2", (ANA, BEN), wide, narrow))
    assert outcome == Reserved(granted=(BEN,), full=(Full(ANA, "narrow", 1, 1, narrow.ends_at),))
    assert await counting.used(ANA, wide, narrow) == (0, 1)
    assert await counting.used(BEN, wide, narrow) == (1, 1)


async def test_of_several_full_caps_the_one_that_opens_last_is_named(counting: Counting) -> None:
    early, late = counting.day("early", 0, "Asia/Tokyo"), counting.day("late", 0, "Europe/Berlin")
    outcome = await counting.store.reserve(counting.ask("r1", (ANA,), early, late))
    assert outcome == Reserved(granted=(), full=(Full(ANA, "late", 0, 0, late.ends_at),))


async def test_groups_under_different_caps_are_decided_in_one_call(counting: Counting) -> None:
    strict, loose = counting.day("strict", 0), counting.day("loose", 3)
    groups = (Group((ANA,), (strict, loose)), Group((BEN,), (loose,)))
    expires_at = counting.clock.now() + timedelta(minutes=1)
    outcome = await counting.store.reserve(Reservation("r1", 7, groups, expires_at))
    assert outcome == Reserved(granted=(BEN,), full=(Full(ANA, "strict", 0, 0, strict.ends_at),))


async def test_without_caps_a_recipient_is_granted_and_started(counting: Counting) -> None:
    assert await counting.store.reserve(counting.ask("r1", (ANA,))) == Reserved((ANA,), ())
    assert await counting.store.start("r1", [ANA]) == {ANA}
    assert await counting.store.commit("r1", [ANA]) == {ANA}


async def test_what_was_given_back_is_free_again_once(counting: Counting) -> None:
    cap = counting.day("daily", 3)
    await counting.store.reserve(counting.ask("r1", (ANA,), cap))
    await counting.store.reserve(counting.ask("r2", (ANA,), cap))
    await counting.store.start("r1", [ANA])
    assert await counting.store.give_back("r1", [ANA, BEN]) == {ANA}
    assert await counting.store.give_back("r1", [ANA]) == frozenset()
    assert await counting.used(ANA, cap) == (1,)


async def test_what_was_committed_stays_used(counting: Counting) -> None:
    cap = counting.day("daily", 1)
    await counting.store.reserve(counting.ask("r1", (ANA,), cap))
    assert await counting.store.start("r1", [ANA]) == {ANA}
    assert await counting.store.commit("r1", [ANA]) == {ANA}
    assert await counting.store.commit("r1", [ANA]) == frozenset()
    assert await counting.store.give_back("r1", [ANA]) == frozenset()
    counting.clock.advance(timedelta(hours=6))
    assert await counting.used(ANA, cap) == (1,)


async def test_what_never_started_expires_and_cannot_be_started_any_more(
    counting: Counting,
) -> None:
    cap = counting.day("daily", 1)
    await counting.store.reserve(counting.ask("r1", (ANA,), cap, seconds=60))
    counting.clock.advance(seconds=59)
    assert await counting.used(ANA, cap) == (1,)
    counting.clock.advance(seconds=1)
    assert await counting.used(ANA, cap) == (0,)
    assert await counting.store.start("r1", [ANA]) == frozenset()
    assert await counting.store.reserve(counting.ask("r2", (ANA,), cap)) == Reserved((ANA,), ())
    assert await counting.store.start("r1", [ANA]) == frozenset()
    assert await counting.used(ANA, cap) == (1,)


async def test_what_started_and_was_never_heard_of_again_stays_used(counting: Counting) -> None:
    cap = counting.day("daily", 1)
    await counting.store.reserve(counting.ask("r1", (ANA,), cap, seconds=5))
    assert await counting.store.start("r1", [ANA]) == {ANA}
    assert await counting.store.start("r1", [ANA]) == {ANA}
    counting.clock.advance(timedelta(hours=8))
    outcome = await counting.store.reserve(counting.ask("r2", (ANA,), cap))
    assert outcome == Reserved((), (Full(ANA, "daily", 1, 1, cap.ends_at),))


async def test_a_reservation_whose_time_is_over_takes_nothing(counting: Counting) -> None:
    cap = counting.day("daily", 1)
    ask = counting.ask("r1", (ANA,), cap, seconds=1)
    counting.clock.advance(seconds=1)
    assert await counting.store.reserve(ask) == Lapsed()
    assert await counting.used(ANA, cap) == (0,)


async def test_broadcasts_and_own_pushes_together_stay_within_the_limit(counting: Counting) -> None:
    cap = counting.day("daily", 3, share=1)
    everyone = keys.everyone_on("srf_test")
    for number, granted in ((1, True), (2, False)):
        ask = counting.ask(f"b{number}", (everyone,), cap, broadcast=True)
        outcome = await counting.store.reserve(ask)
        assert outcome == Reserved(
            *(((everyone,), ()) if granted else ((), (Full(everyone, "daily", 1, 1, cap.ends_at),)))
        )
    own = [await counting.store.reserve(counting.ask(f"o{n}", (ANA,), cap)) for n in range(3)]
    assert own[:2] == [Reserved((ANA,), ())] * 2
    assert own[2] == Reserved((), (Full(ANA, "daily", 2, 2, cap.ends_at),))


async def test_sixty_four_at_once_never_take_more_than_the_limit(counting: Counting) -> None:
    caps = (counting.day("five", 5), counting.day("nine", 9))
    batch = members(7, 20)
    asks = [counting.ask(f"r{n}", batch, *caps) for n in range(64)]
    outcomes = await asyncio.gather(*(counting.store.reserve(ask) for ask in asks for _ in (1, 2)))
    by_id = {ask.id: outcome for ask, outcome in zip(asks, outcomes[::2], strict=True)}
    assert list(by_id.values()) == outcomes[1::2], "a repeat answers what the first one did"
    granted = [
        recipient
        for outcome in by_id.values()
        if isinstance(outcome, Reserved)
        for recipient in outcome.granted
    ]
    assert {recipient: granted.count(recipient) for recipient in batch} == dict.fromkeys(batch, 5)
    assert await counting.used(batch[0], *caps) == (5, 5)


async def test_a_thousand_recipients_of_all_buckets_are_counted_apart(counting: Counting) -> None:
    cap = counting.day("daily", 1)
    everyone = [keys.qualified("srf_test", f"p{n}") for n in range(1000)]
    batches = list(keys.batches(everyone, 100))
    asks = [counting.ask(f"r{n}", batch, cap) for n, (_, batch) in enumerate(batches)]
    outcomes = await asyncio.gather(*(counting.store.reserve(ask) for ask in asks))
    assert outcomes == [Reserved(batch, ()) for _, batch in batches]
    found = await counting.store.use(everyone, [cap])
    assert list(found) == everyone
    assert {use.used for uses in found.values() for use in uses} == {1}


async def test_the_servers_clock_can_be_read(counting: Counting) -> None:
    first = await counting.store.server_time()
    assert timedelta(0) <= await counting.store.server_time() - first < timedelta(seconds=5)


async def test_a_slot_that_is_freed_makes_room_for_another_in_the_same_call(
    counting: Counting,
) -> None:
    cap, other = counting.day("daily", 1), counting.day("other", 1)
    await counting.store.reserve(counting.ask("r1", (ANA, BEN), cap, other))
    await counting.store.start("r1", [ANA, BEN])
    await counting.store.commit("r1", [ANA, BEN])
    ask = counting.ask("r2", (ANA, BEN), cap)
    swap = replace(ask, freed={ANA: (("daily", cap.window),)}, beside="r0")
    first = await counting.store.reserve(swap)
    assert first == Reserved(granted=(ANA,), full=(Full(BEN, "daily", 1, 1, cap.ends_at),))
    # A lost reply: nothing is freed twice.
    assert await counting.store.reserve(swap) == first
    await counting.client.delete(keys.reservation_key(7, "r2"))
    await counting.store.reserve(swap)
    assert await counting.used(ANA, cap, other) == (1, 1)
    # Its slots are known as those of the reservation beside which it was made.
    assert await counting.store.start("r2", [ANA]) == frozenset()
    assert await counting.store.start("r0", [ANA]) == frozenset([ANA])
    assert await counting.store.give_back("r0", [ANA]) == frozenset([ANA])
    assert await counting.used(ANA, cap) == (0,)


async def test_what_is_freed_is_free_although_another_cap_stops_the_new_one(
    counting: Counting,
) -> None:
    cap, other = counting.day("daily", 1), counting.day("other", 0)
    await counting.store.reserve(counting.ask("r1", (ANA,), cap))
    ask = counting.ask("r2", (ANA,), cap, other)
    outcome = await counting.store.reserve(replace(ask, freed={ANA: (("daily", cap.window),)}))
    assert outcome == Reserved(granted=(), full=(Full(ANA, "other", 0, 0, other.ends_at),))
    assert await counting.used(ANA, cap) == (0,)


async def test_a_cap_that_replaces_is_named_only_where_none_drops_or_defers(
    counting: Counting,
) -> None:
    ways = {over: replace(counting.day(over.value, 0), over=over) for over in Over}
    for caps, named in (
        ((Over.REPLACE, Over.DEFER), Over.DEFER),
        ((Over.REPLACE, Over.DROP, Over.DEFER), Over.DROP),
        ((Over.REPLACE,), Over.REPLACE),
    ):
        ask = counting.ask(f"r-{len(caps)}-{named}", (ANA,), *(ways[over] for over in caps))
        outcome = await counting.store.reserve(ask)
        assert isinstance(outcome, Reserved)
        assert [one.over for one in outcome.full] == [named]
