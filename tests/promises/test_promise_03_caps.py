"""Promise 3: caps are never exceeded, whatever happens to dispatchers and counters."""

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from app.delivery.attempts import Attempts
from app.delivery.channel import Handed, HandOver
from app.delivery.channels.inbox import InboxChannel
from app.delivery.outcomes import Outcome
from app.domain.policy import CalendarUnit
from app.domain.state import PushState
from app.errors import CountersUnavailable
from app.frequency.cap_window import CapWindow
from app.frequency.keys import qualified
from app.frequency.windows import calendar
from tests.fixtures.dispatching import Crashing, Recorder, crash, dispatcher
from tests.fixtures.gate import Gate
from tests.fixtures.turns import OneTurn

GENERAL_A_DAY = 2
"""What the shipped policy allows of service notices."""


async def used(gate: Gate, token: str) -> int:
    """How many of the day's service notices the counters say that a recipient has had."""
    day = calendar(CalendarUnit.DAY, gate.clock.now(), "Asia/Shanghai")
    cap = CapWindow("general-2", day.key, GENERAL_A_DAY, day.ends_at)
    name = qualified(gate.surface_id, token)
    return (await gate.services.counters.use([name], [cap]))[name][0].used


async def test_several_dispatchers_at_once_keep_to_the_cap(gate: Gate) -> None:
    tokens = tuple(f"r_{n}" for n in range(10))
    await gate.register(*tokens)
    pushes = [await gate.released(*tokens) for _ in range(4)]
    gates = [gate, await gate.process(), await gate.process()]

    async def work(one: Gate) -> None:
        while any(row.state != "done" for row in await gate.rows()):
            await one.dispatch()

    async with asyncio.timeout(30):
        await asyncio.gather(*(work(one) for one in gates))
    met = Counter("".join([await gate.outcomes(push_id) for push_id in pushes]))
    assert met == {"a": 2 * len(tokens), "c": 2 * len(tokens)}
    for token in tokens:
        assert len(await gate.inbox(token)) == GENERAL_A_DAY
        assert await used(gate, token) == GENERAL_A_DAY


CRASHES = [
    ("counters", "reserve", "before"), ("counters", "reserve", "after"),
    ("counters", "start", "before"), ("counters", "start", "after"),
    ("attempts", "start", "before"), ("attempts", "start", "after"),
    ("channel", "send", "before"), ("channel", "send", "after"),
    ("attempts", "end", "before"), ("attempts", "end", "after"),
    ("counters", "commit", "before"), ("counters", "commit", "after"),
]  # fmt: skip


@pytest.mark.parametrize(("part", "step", "when"), CRASHES)
async def test_a_crash_at_any_step_shows_nothing_twice_and_exceeds_nothing(  # noqa: PLR0915 - one story
    still_gate: Gate, part: str, step: str, when: str
) -> None:
    gate = still_gate
    await gate.register("r_1")
    first = await gate.released()
    inbox = InboxChannel(gate.services.db, gate.clock)
    counters: object = gate.services.counters
    if part == "counters":
        counters = Crashing(counters, step, when)
    services = gate.services
    attempts: object = Attempts(
        db=services.db, clock=services.clock, watch=services.watch, keyring=services.keyring,
        store=counters, owner="dsp_dying",  # type: ignore[arg-type]
    )  # fmt: skip
    if part == "attempts":
        attempts = Crashing(attempts, step, when)
    channel: object = Crashing(inbox, step, when) if part == "channel" else inbox
    dying = dispatcher(gate, channel, counters, "dsp_dying", attempts)  # type: ignore[arg-type]
    await crash(gate, dying)

    # Until its lease is over nobody else takes the row; then somebody does.
    await gate.dispatch()
    gate.wait(32)
    for _ in range(3):
        await gate.dispatch()
        gate.wait(2)
    await gate.release()
    assert await gate.state(first) is PushState.RELEASED
    others = [await gate.released() for _ in range(3)]
    for _ in range(3):
        await gate.dispatch()
        gate.wait(2)
    shown = [item.push_id for item in await gate.inbox()]
    assert len(shown) == len(set(shown)) <= GENERAL_A_DAY
    assert len(shown) <= await used(gate, "r_1") <= GENERAL_A_DAY
    met = "".join([await gate.outcomes(push_id) for push_id in (first, *others)])
    # A started slot that was never heard of again stays used: towards fewer popups.
    assert met.count("a") == len(shown) >= 1
    assert set(met) == {"a", "c"}


async def test_while_the_counters_are_down_nothing_is_sent_and_then_it_goes_on(
    still_gate: Gate,
) -> None:
    gate = still_gate
    await gate.register("r_1")
    push_id = await gate.released()

    class Down:
        def __getattr__(self, name: str) -> object:
            async def fails(*_args: object) -> object:
                raise CountersUnavailable

            return fails

    channel = Recorder()
    await dispatcher(gate, channel, Down()).run(OneTurn())
    assert channel.handed == []
    row = (await gate.rows(push_id))[0]
    assert (row.state, row.outcomes, row.attempts) == ("pending", "w", 0)
    gate.wait(2)
    await gate.dispatch()
    assert len(await gate.inbox()) == 1


async def test_slots_come_back_when_the_receiver_certainly_has_nothing(still_gate: Gate) -> None:
    gate = still_gate
    gate.receiver.answers = ["503", "400"]
    push_id = await gate.released(surface=gate.webhook_id)
    other = replace(gate, surface_id=gate.webhook_id)
    await gate.dispatch()
    assert await gate.outcomes(push_id) == "w"
    assert await used(other, "r_1") == 0
    gate.wait(5)
    await gate.dispatch()
    assert await gate.outcomes(push_id) == "f"
    assert await used(other, "r_1") == 0


async def test_an_unknown_outcome_keeps_its_slot_and_its_event_id(still_gate: Gate) -> None:
    gate = still_gate
    gate.receiver.answers = ["500", "reset", "200"]
    push_id = await gate.released(surface=gate.webhook_id)
    other = replace(gate, surface_id=gate.webhook_id)
    for outcome in ("s", "s", "a"):
        await gate.dispatch()
        assert await gate.outcomes(push_id) == outcome
        assert await used(other, "r_1") == 1
        gate.wait(30)
    ids = {call.headers["popgate-event-id"] for call in gate.receiver.calls}
    assert len(gate.receiver.calls) == 3
    assert len(ids) == 1
    assert len({call.body for call in gate.receiver.calls}) == 1


async def test_a_dispatcher_that_lost_its_lease_frees_nothing(still_gate: Gate) -> None:
    """It hears "not now" after another has taken the row over and delivered."""
    gate = still_gate
    gate.receiver.answers = ["hang"]
    push_id = await gate.released(surface=gate.webhook_id)
    other = replace(gate, surface_id=gate.webhook_id)
    second = await gate.process()

    class Late(Recorder):
        async def send(self, hand_over: HandOver) -> Handed:
            gate.receiver.answers = []
            gate.wait(31)
            await second.dispatch()
            return Handed(dict.fromkeys(hand_over.recipients, Outcome.WAITING), "not now")

    await dispatcher(gate, Late(), owner="dsp_late").run(OneTurn())
    assert await gate.outcomes(push_id) == "a"
    assert await used(other, "r_1") == 1
    assert (await gate.rows(push_id))[0].state == "done"
