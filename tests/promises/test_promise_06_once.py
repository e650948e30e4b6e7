"""Promise 6: one push is handed to one recipient at most once; a lost answer is a lost popup."""

import asyncio
from typing import Any

from app.delivery.attempts import Attempts
from app.delivery.outcomes import Outcome
from tests.fixtures.dispatching import Action, Recorder, dispatcher
from tests.fixtures.gate import Gate
from tests.fixtures.turns import OneTurn


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


class SlowAttempts:
    """The real attempts, but something happens before one of their steps."""

    def __init__(self, inner: Attempts, step: str, meanwhile: Action) -> None:
        self._inner = inner
        self._step = step
        self._meanwhile = meanwhile

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the other has
        found = getattr(self._inner, name)
        if name != self._step:
            return found

        async def later(*args: object, **named: object) -> object:
            await self._meanwhile()
            return await found(*args, **named)

        return later


def attempts_of(gate: Gate) -> Attempts:
    services = gate.services
    return Attempts(
        db=services.db, clock=services.clock, watch=services.watch, keyring=services.keyring,
        store=services.counters, owner="dsp_test",
    )  # fmt: skip


async def test_a_row_that_its_own_dispatcher_claims_again_is_handed_over_once(
    still_gate: Gate,
) -> None:
    gate = still_gate
    await gate.register("r_1")
    push_id = await gate.released("r_1")
    channel = Recorder()

    async def again() -> None:
        gate.wait(31)
        await gate.services.watch.refresh()
        await dispatcher(gate, channel).run(OneTurn())

    await gate.services.watch.refresh()
    slow = SlowAttempts(attempts_of(gate), "start", again)
    await dispatcher(gate, channel, attempts=slow).run(OneTurn())
    assert len(channel.handed) == 1
    assert await gate.outcomes(push_id) == "a"


async def test_what_was_known_at_an_earlier_claim_is_not_written_over_a_hand_over(
    still_gate: Gate,
) -> None:
    gate = still_gate
    await gate.register("r_1")
    push_id = await gate.released("r_1")
    await gate.services.watch.refresh()
    channel = Recorder()
    worker = dispatcher(gate, channel)
    (first,) = await worker._claim(gate.clock.now())  # noqa: SLF001 - as a process that fell behind
    gate.wait(31)
    await gate.services.watch.refresh()
    (second,) = await worker._claim(gate.clock.now())  # noqa: SLF001 - see above
    handed_over = asyncio.Event()

    async def first_goes_on() -> None:
        # It found no room long ago, and only now comes to note that.
        capped = first.outcomes.replace(Outcome.WAITING, Outcome.CAPPED)
        await attempts_of(gate).finish(first, capped)
        handed_over.set()

    channel.before = first_goes_on
    await worker._carry(second)  # noqa: SLF001 - see above
    assert handed_over.is_set()
    assert [one.recipients for one in channel.handed] == [("r_1",)]
    assert await gate.outcomes(push_id) == "a"


async def test_a_dispatcher_does_not_claim_what_it_carries(still_gate: Gate) -> None:
    gate = still_gate
    await gate.released("r_1")
    worker = dispatcher(gate, Recorder())
    (row,) = await worker._claim(gate.clock.now())  # noqa: SLF001 - as `run` does
    gate.wait(31)
    assert await worker._claim(gate.clock.now(), 8, [row.id]) == []  # noqa: SLF001 - see above
    assert len(await worker._claim(gate.clock.now(), 8, [])) == 1  # noqa: SLF001 - see above
