"""What every store does with blocks: embedded, by address, on a cluster."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.policy import Cap, Gap, Per, Rolling
from app.frequency import keys
from app.frequency.blocks import Block, BlockRecord, Room, Taken
from app.frequency.cap_window import CapWindow
from app.frequency.store import BucketClosed, Closed, Counted, Lapsed, ReservationChanged
from app.frequency.windows import Scope, open_window
from tests.fixtures.frequency import Counting


def neighbours(counting: Counting, *limits: int, shadow: int | None = None) -> list[CapWindow]:
    """Caps of one bucket with these limits; the one at `shadow` stops nothing."""
    found: list[CapWindow] = []
    for number in range(1_000):
        is_shadow = len(found) == shadow
        cap = counting.together(f"cap-{number}", limits[len(found)], is_shadow=is_shadow)
        if keys.block_place(cap.cap_id, cap.subject or "")[0] == keys.BUCKETS + 3:
            found.append(cap)
        if len(found) == len(limits):
            return found
    raise AssertionError


def records(*caps: CapWindow) -> list[BlockRecord]:
    return [BlockRecord(cap.cap_id, cap.subject or "") for cap in caps]


def granted(outcome: object) -> int:
    assert isinstance(outcome, Taken)
    return outcome.granted


async def test_a_block_is_granted_as_far_as_there_is_room(counting: Counting) -> None:
    cap = counting.together("surface", 5)
    assert granted(await counting.store.reserve_block(counting.block("b1", 3, cap))) == 3
    outcome = await counting.store.reserve_block(counting.block("b2", 3, cap))
    room = Room("surface", 3, 5, cap.ends_at, cap.over, is_shadow=False, pending=3)
    assert outcome == Taken(2, (room,))
    assert await counting.store.start_block("b1", records(cap), 3)
    third = await counting.store.reserve_block(counting.block("b4", 1, cap))
    # What was started is used for good; what was not may be free in a moment.
    assert third == Taken(0, (replace(room, used=5, pending=2),))
    assert granted(await counting.store.reserve_block(counting.block("b3", 1, cap))) == 0
    assert await counting.used_together(cap) == (5,)


async def test_counts_go_far_beyond_those_of_a_recipient(counting: Counting) -> None:
    cap = counting.together("surface", 1_000_000_000)
    bucket = counting.block("b0", 1, cap).bucket
    many = Counted(cap.cap_id, cap.window, cap.ends_at, 999_999_000)
    await counting.opened.restore_blocks(counting.store.turn(bucket), {records(cap)[0]: [many]})
    counting.store.numbers[bucket] = 1
    assert granted(await counting.store.reserve_block(counting.block("b1", 5_000, cap))) == 1_000


async def test_each_subject_has_a_count_of_its_own(counting: Counting) -> None:
    one, other = (counting.together("c", 2, f"|surface:{name}") for name in "ab")
    for cap in (one, other):
        assert granted(await counting.store.reserve_block(counting.block("b1", 9, cap))) == 2
    assert await counting.used_together(one, other) == (2, 2)


async def test_what_is_not_used_is_free_at_once(counting: Counting) -> None:
    cap = counting.together("surface", 10)
    await counting.store.reserve_block(counting.block("b1", 8, cap))
    assert await counting.store.start_block("b1", records(cap), 3)
    assert await counting.used_together(cap) == (3,)
    # A lost reply: the same again, whatever it says.
    assert await counting.store.start_block("b1", records(cap), 3)
    await counting.store.reserve_block(counting.block("b2", 4, cap))
    assert await counting.store.start_block("b2", records(cap), 0)
    assert await counting.used_together(cap) == (3,)


async def test_the_tightest_cap_decides_and_all_give_the_same(counting: Counting) -> None:
    wide, narrow = neighbours(counting, 10, 4)
    outcome = await counting.store.reserve_block(counting.block("b1", 6, wide, narrow))
    assert granted(outcome) == 4
    assert await counting.used_together(wide, narrow) == (4, 4)
    assert await counting.store.start_block("b1", records(wide, narrow), 1)
    assert await counting.used_together(wide, narrow) == (1, 1)


async def test_a_shadow_cap_gives_what_it_has_and_stops_nothing(counting: Counting) -> None:
    shadow, binding = neighbours(counting, 2, 10, shadow=0)
    outcome = await counting.store.reserve_block(counting.block("b1", 6, shadow, binding))
    assert granted(outcome) == 6
    assert await counting.used_together(shadow, binding) == (2, 6)
    both = records(shadow, binding)
    assert await counting.store.start_block("b1", both, 5)
    # Three of five reached nobody: the two that the shadow counts may be those that did.
    assert await counting.store.give_back_block("b1", both, 3, 1)
    assert await counting.used_together(shadow, binding) == (2, 2)
    assert await counting.store.give_back_block("b1", both, 1, 2)
    assert await counting.used_together(shadow, binding) == (1, 1)


async def test_a_repeated_reserve_takes_nothing_more(counting: Counting) -> None:
    cap = counting.together("surface", 5)
    asked = counting.block("b1", 3, cap)
    first = await counting.store.reserve_block(asked)
    await counting.store.reserve_block(counting.block("b2", 2, cap))
    assert await counting.store.reserve_block(asked) == first
    await counting.client.delete(keys.reservation_key(asked.bucket, "b1"))
    assert granted(await counting.store.reserve_block(asked)) == 3
    assert await counting.used_together(cap) == (5,)
    with pytest.raises(ReservationChanged):
        await counting.store.reserve_block(counting.block("b2", 1, cap))


async def test_what_was_never_started_expires_and_cannot_be_started_late(
    counting: Counting,
) -> None:
    cap = counting.together("surface", 5)
    await counting.store.reserve_block(counting.block("b1", 5, cap, seconds=30))
    counting.clock.advance(seconds=30)
    assert await counting.used_together(cap) == (0,)
    assert not await counting.store.start_block("b1", records(cap), 5)
    assert granted(await counting.store.reserve_block(counting.block("b2", 5, cap))) == 5
    assert await counting.store.reserve_block(counting.block("b3", 1, cap, seconds=0)) == Lapsed()


async def test_a_started_block_never_expires(counting: Counting) -> None:
    cap = counting.together("surface", 5)
    await counting.store.reserve_block(counting.block("b1", 5, cap, seconds=30))
    assert await counting.store.start_block("b1", records(cap), 4)
    counting.clock.advance(timedelta(hours=3))
    assert await counting.used_together(cap) == (4,)


async def test_an_attempt_gives_back_once(counting: Counting) -> None:
    cap = counting.together("surface", 10)
    await counting.store.reserve_block(counting.block("b1", 8, cap))
    assert await counting.store.start_block("b1", records(cap), 8)
    for _ in range(2):
        assert await counting.store.give_back_block("b1", records(cap), 3, 1)
    assert await counting.used_together(cap) == (5,)
    assert await counting.store.give_back_block("b1", records(cap), 9, 2)
    assert await counting.used_together(cap) == (0,)
    assert not await counting.store.give_back_block("b1", records(cap), 1, 3)


async def test_what_was_committed_stays_used(counting: Counting) -> None:
    cap = counting.together("surface", 10)
    asked = counting.block("b1", 8, cap)
    await counting.store.reserve_block(asked)
    assert await counting.store.start_block("b1", records(cap), 8)
    await counting.store.commit_block(asked.bucket, "b1")
    assert not await counting.store.give_back_block("b1", records(cap), 8, 1)
    assert await counting.used_together(cap) == (8,)


async def test_rolling_spans_and_gaps_forget(counting: Counting) -> None:
    scope = Scope("prv_a", "news", None, "srf_a")

    def open_now(window: Rolling | Gap, limit: int) -> CapWindow:
        cap = Cap("rolling", limit, window, per=(Per.SURFACE,))
        found = open_window(cap, counting.clock.now(), "Asia/Shanghai", scope)
        assert found is not None
        return found

    kinds: list[tuple[Rolling | Gap, int]] = [(Rolling(3600), 3), (Gap(3600), 1)]
    for number, (window, limit) in enumerate(kinds):
        cap = open_now(window, limit)
        taken = await counting.store.reserve_block(counting.block(f"a{number}", 9, cap))
        assert granted(taken) == limit
        assert await counting.store.start_block(f"a{number}", records(cap), limit)
        counting.clock.advance(timedelta(minutes=58))
        full = await counting.store.reserve_block(
            counting.block(f"b{number}", 9, open_now(window, limit))
        )
        assert isinstance(full, Taken)
        assert (full.granted, full.rooms[0].resets_at) == (0, cap.ends_at)
        counting.clock.set(cap.ends_at)
        again = await counting.store.reserve_block(
            counting.block(f"c{number}", 9, open_now(window, limit))
        )
        assert granted(again) == limit
        counting.clock.advance(timedelta(days=2))


async def test_lost_counters_grant_nothing_until_they_are_restored(counting: Counting) -> None:
    cap = counting.together("surface", 10)
    asked = counting.block("b1", 4, cap)
    await counting.store.reserve_block(asked)
    assert await counting.store.start_block("b1", records(cap), 4)
    await counting.client.delete(keys.head_key(asked.bucket))
    with pytest.raises(BucketClosed) as caught:
        await counting.store.reserve_block(counting.block("b2", 4, cap))
    assert caught.value.why is Closed.LOST
    with pytest.raises(BucketClosed):
        await counting.opened.use_blocks([cap])
    seven = Counted(cap.cap_id, cap.window, cap.ends_at, 7)
    turn = counting.store.turn(asked.bucket)
    await counting.opened.restore_blocks(turn, {records(cap)[0]: [seven]})
    counting.store.numbers[asked.bucket] = turn.number
    assert await counting.used_together(cap) == (7,)
    # The rows know what b1 has used: it can give nothing back any more.
    await counting.store.give_back_block("b1", records(cap), 4, 1)
    assert await counting.used_together(cap) == (7,)
    assert granted(await counting.store.reserve_block(counting.block("b3", 4, cap))) == 3


async def test_a_restoring_frees_what_was_never_started(counting: Counting) -> None:
    cap = counting.together("surface", 10)
    asked = counting.block("b1", 4, cap)
    await counting.store.reserve_block(asked)
    turn = counting.store.turn(asked.bucket)
    two = Counted(cap.cap_id, cap.window, cap.ends_at, 2)
    await counting.opened.restore_blocks(turn, {records(cap)[0]: [two]})
    counting.store.numbers[asked.bucket] = turn.number
    assert not await counting.store.start_block("b1", records(cap), 4)
    assert await counting.used_together(cap) == (2,)


async def test_many_at_once_get_no_more_than_there_is(counting: Counting) -> None:
    cap = counting.together("surface", 100)
    blocks = [counting.block(f"b{number}", 9, cap) for number in range(20)]
    taken = await asyncio.gather(*(counting.store.reserve_block(block) for block in blocks))
    assert sum(granted(one) for one in taken) == 100


def test_a_block_is_refused_that_counts_nothing(counting: Counting) -> None:
    cap, now = counting.together("surface", 5), counting.clock.now()
    for caps, amount, expires_at in (
        ((cap,), 0, now),
        ((cap, cap), 1, now),
        ((counting.day("own", 5),), 1, now),
        ((), 1, now),
        ((cap,), 1, now.replace(tzinfo=None)),
    ):
        with pytest.raises(ValueError, match=r"block|together|zone"):
            Block("b", 64, caps, amount, expires_at)
