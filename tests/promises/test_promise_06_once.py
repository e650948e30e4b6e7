"""Promise 6: one push is handed to one recipient at most once; a lost answer is a lost popup."""

import asyncio

from tests.fixtures.gate import Gate


async def test_many_who_look_at_once_share_one_popup(gate: Gate) -> None:
    await gate.register("r_1")
    push_id = await gate.released("r_1")
    await gate.dispatch()
    other = await gate.process()

    looks = [one.inbox("r_1") for one in (gate, other) for _ in range(16)]
    handed = [item.push_id for items in await asyncio.gather(*looks) for item in items]

    assert handed == [push_id]


async def test_what_was_handed_out_is_gone_for_another_process_too(gate: Gate) -> None:
    await gate.register("r_1")
    await gate.released("r_1")
    await gate.dispatch()

    assert len(await gate.inbox("r_1")) == 1
    assert await (await gate.process()).inbox("r_1") == []
