"""Records that an earlier version has written are counted on, and written anew at the next slot."""

import struct
from datetime import timedelta

from app.frequency import keys
from app.frequency.cap_window import CapWindow
from app.frequency.store import Full, Reserved
from tests.fixtures.frequency import Counting, members

(ANA,) = members(7, 1)


def former(counting: Counting, cap: CapWindow, used: int, open_slot: str) -> bytes:
    """A record as layout 1 was: 6 bytes of mark, end and used together, every number named."""
    mark = keys.block_counter_mark(cap.cap_id, cap.window)
    expiry = int((counting.clock.now() + timedelta(seconds=60)).timestamp())
    head = struct.pack(">BBH", 1, 1, 1)
    counter = mark + struct.pack(">IH", int(cap.ends_at.timestamp()), used)
    slot = keys.reservation_mark(open_slot) + struct.pack(">BIBB", 0, expiry, 1, 1)
    return head + counter + slot


async def test_a_record_of_the_former_layout_is_counted_on(counting: Counting) -> None:
    cap = counting.day("daily", 3)
    await counting.store.open(7)
    key = keys.place(ANA)[1]
    await counting.client.set(key, former(counting, cap, 2, "r1"), ex=86_400)
    assert await counting.used(ANA, cap) == (2,)
    granted = await counting.store.reserve(counting.ask("r2", (ANA,), cap))
    assert granted == Reserved((ANA,), ())
    full = await counting.store.reserve(counting.ask("r3", (ANA,), cap))
    assert full == Reserved((), (Full(ANA, "daily", 3, 3, cap.ends_at),))
    assert (await counting.client.get(key))[0] == 2
    assert await counting.store.give_back("r1", [ANA]) == {ANA}
    assert await counting.used(ANA, cap) == (2,)


async def test_a_slot_of_the_former_layout_is_started_and_made_final(counting: Counting) -> None:
    cap = counting.day("daily", 3)
    await counting.store.open(7)
    key = keys.place(ANA)[1]
    await counting.client.set(key, former(counting, cap, 1, "r1"), ex=86_400)
    assert await counting.store.start("r1", [ANA]) == {ANA}
    counting.clock.advance(seconds=120)
    assert await counting.used(ANA, cap) == (1,)
    assert await counting.store.commit("r1", [ANA]) == {ANA}
    assert await counting.store.give_back("r1", [ANA]) == frozenset()
    assert await counting.used(ANA, cap) == (1,)


async def test_slots_of_one_shape_and_of_others_are_counted_alike(counting: Counting) -> None:
    """Recipients whose records differ in a batch: new, used, full, with slots that expired."""
    some = members(7, 5, "s")
    day, hour = counting.day("daily", 3), counting.day("other", 2)
    await counting.store.reserve(counting.ask("r0", some[1:], day))
    await counting.store.reserve(counting.ask("r1", some[2:3], hour, seconds=10))
    await counting.store.reserve(counting.ask("r2", some[3:4], hour))
    await counting.store.commit("r0", some[1:4])
    await counting.store.start("r2", some[3:4])
    counting.clock.advance(seconds=30)
    for name in ("r3", "r4"):
        await counting.store.reserve(counting.ask(name, some, hour, day))
    used = [await counting.used(one, hour, day) for one in some]
    assert used == [(2, 2), (2, 3), (2, 3), (2, 2), (2, 3)]
