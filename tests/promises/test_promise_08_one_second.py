"""Promise 8: no hand-over begins later than a second after a stop, and recalls reach the inbox."""

import asyncio
import time
from dataclasses import replace

import pytest

from app.db.versions import VersionsStale
from app.delivery.channel import Handed, HandOver
from app.delivery.channels.inbox import InboxChannel
from app.domain.push import ContentKind
from app.domain.state import PushState
from app.errors import Conflict
from app.policy.default import DEFAULT_CAPS
from app.policy.service import SCOPES
from app.recipients.repository import RefusalScope
from app.recipients.service import NewRefusal
from tests.fixtures.clock import ManualClock
from tests.fixtures.dispatching import Recorder, SlowCounters, dispatcher
from tests.fixtures.gate import Gate, MakeGate
from tests.fixtures.packs import published, term
from tests.fixtures.registers import ADMIN
from tests.fixtures.turns import OneTurn


async def stopped_by(gate: Gate, what: str, push_id: str, secrets: dict[str, str]) -> None:
    """Do in another process what has to stop a push."""
    there = (await gate.process()).services
    if what == "kill switch":
        await there.policies.engage("stf_a", "everything", "", "演练", "")
    elif what == "withdrawal":
        await there.pushes.withdraw(gate.caller, push_id, "误发")
    elif what == "refusal":
        await there.recipients.refuse(secrets["r_1"], NewRefusal(RefusalScope.ALL, None))
    elif what == "policy":
        draft = await there.policies.propose("stf_a", DEFAULT_CAPS, "重新发布")
        await there.policies.approve(draft.id, "stf_b")
    elif what == "list":
        draft_list = await there.packs.import_sources("stf_a", "x", b"name\n\xe6\x96\xb0\n", "")
        await there.packs.publish(draft_list.edition.id, "stf_b")
    elif what == "pack":
        await published(replace(gate, services=there), term())
    else:
        await there.enrolment.suspend_provider(ADMIN, gate.provider_id, "证照过期")


STOPS = ("kill switch", "withdrawal", "refusal", "policy", "list", "pack", "suspension")


@pytest.mark.parametrize("what", STOPS)
async def test_what_is_stopped_while_slots_are_taken_is_not_handed_over(
    gate: Gate, what: str
) -> None:
    """The dispatcher has looked already; its reading of the versions is still young."""
    secrets = await gate.register("r_1")
    push_id = await gate.released()
    channel = Recorder()

    async def meanwhile() -> None:
        await stopped_by(gate, what, push_id, secrets)

    await gate.services.watch.refresh()
    worker = dispatcher(gate, channel, SlowCounters(gate.services.counters, meanwhile))
    await worker.run(OneTurn())
    assert channel.handed == []
    # The slot was given back: nobody was shown anything.
    assert "s" not in await gate.outcomes(push_id)


@pytest.mark.parametrize("what", STOPS)
async def test_what_was_stopped_before_is_not_handed_over(gate: Gate, what: str) -> None:
    """Not even by a worker that polls: it is given its own 250 ms and no more."""
    secrets = await gate.register("r_1")
    push_id = await gate.released()
    channel = Recorder()
    worker = dispatcher(gate, channel)
    await gate.services.watch.refresh()
    await stopped_by(gate, what, push_id, secrets)
    await worker.run(OneTurn())
    assert channel.handed == []


async def test_a_worker_that_stood_still_before_the_call_sends_nothing(
    make_gate: MakeGate, clock: ManualClock
) -> None:
    async with make_gate(clock) as gate:
        await gate.register("r_1")
        push_id = await gate.released()
        channel = Recorder()
        worker = dispatcher(gate, channel)
        start = worker._attempts.start  # noqa: SLF001 - to stand still right after it

        async def start_and_freeze(*args: object) -> object:
            started = await start(*args)  # type: ignore[arg-type]
            gate.wait(0.8)
            return started

        worker._attempts.start = start_and_freeze  # type: ignore[method-assign, assignment]  # noqa: SLF001
        await worker.run(OneTurn())
        assert channel.handed == []
        assert await gate.outcomes(push_id) == "w"
        gate.wait(5)
        await gate.dispatch()
        assert len(await gate.inbox()) == 1


async def test_a_worker_that_cannot_read_the_versions_does_nothing(
    make_gate: MakeGate, clock: ManualClock
) -> None:
    async with make_gate(clock) as gate:
        await gate.register("r_1")
        push_id = await gate.released()
        channel = Recorder()
        worker = dispatcher(gate, channel)

        async def unreadable() -> None:
            raise VersionsStale

        gate.services.watch.refresh = unreadable  # type: ignore[method-assign]
        gate.wait(1.5)
        await worker.run(OneTurn())
        assert channel.handed == []
        assert await gate.outcomes(push_id) == "w"
        with pytest.raises(VersionsStale):
            await gate.services.releaser.run_once()


@pytest.mark.parametrize("what", ["kill switch", "withdrawal", "refusal"])
async def test_what_lies_in_an_inbox_is_not_handed_out_any_more(gate: Gate, what: str) -> None:
    secrets = await gate.register("r_1")
    push_id = await gate.released()
    await gate.dispatch()
    await gate.release()
    assert await gate.state(push_id) is PushState.RELEASED
    await stopped_by(gate, what, push_id, secrets)
    assert await gate.inbox() == []


async def test_a_withdrawal_between_the_check_and_the_inbox_leaves_nothing_there(
    gate: Gate,
) -> None:
    await gate.register("r_1")
    push_id = await gate.released()
    inbox = InboxChannel(gate.services.db, gate.clock)

    class Late:
        async def send(self, hand_over: HandOver) -> Handed:
            await stopped_by(gate, "withdrawal", push_id, {})
            return await inbox.send(hand_over)

    await dispatcher(gate, Late()).run(OneTurn())
    assert await gate.inbox() == []
    assert await gate.state(push_id) is PushState.WITHDRAWN


@pytest.mark.parametrize("scope", SCOPES)
async def test_a_running_gateway_stops_within_a_second(gate: Gate, scope: str) -> None:
    """With the real loops and the real clock: pushes stream out, then what is named stops."""
    tokens = [f"r_{n}" for n in range(60)]
    await gate.register(*tokens)
    push_id = await gate.released(*tokens, topic="metro")
    values = {
        "surface": gate.surface_id, "provider": gate.provider_id,
        "kind": ContentKind.GENERAL.value, "topic": "metro", "channel": "inbox",
    }  # fmt: skip
    times: list[float] = []
    begun = asyncio.Event()

    async def slowly() -> None:
        await asyncio.sleep(0.2)
        times.append(time.monotonic())
        begun.set()

    stop = asyncio.Event()
    worker = dispatcher(gate, Recorder(before=slowly))
    loops = [
        asyncio.create_task(gate.services.watch.run(stop)),
        asyncio.create_task(worker.run(stop)),
    ]
    there = (await gate.process()).services
    await begun.wait()
    await there.policies.engage("stf_a", scope, values.get(scope, ""), "演练", "令 1")
    committed = time.monotonic()
    await asyncio.sleep(1.2)
    stop.set()
    await asyncio.gather(*loops)
    # The call itself takes 0.2 s here; most rows never got so far.
    assert max(times) - committed < 1.0
    assert len(times) < len(await gate.rows(push_id))


async def test_a_dead_letter_of_a_withdrawn_push_cannot_be_replayed(gate: Gate) -> None:
    gate.receiver.answers = ["400"]
    push_id = await gate.released(surface=gate.webhook_id)
    await gate.dispatch()
    await gate.release()
    assert await gate.state(push_id) is PushState.FAILED
    row = (await gate.rows(push_id))[0]
    assert row.state == "dead"
    await gate.services.pushes.withdraw(gate.caller, push_id, "误发")
    with pytest.raises(Conflict):
        await gate.services.dead_letters.replay(ADMIN, row.id)


@pytest.mark.parametrize(
    ("scope", "stops"),
    [
        ("everything", True), ("surface", True), ("provider", True), ("kind", True),
        ("topic", True), ("channel", True), ("other surface", False), ("other kind", False),
    ],
)  # fmt: skip
async def test_a_kill_switch_stops_just_what_it_names(
    still_gate: Gate, scope: str, *, stops: bool
) -> None:
    gate = still_gate
    await gate.register("r_1")
    push_id = await gate.released(topic="metro")
    values = {
        "everything": "", "surface": gate.surface_id, "provider": gate.provider_id,
        "kind": ContentKind.GENERAL.value, "topic": "metro", "channel": "inbox",
        "other surface": gate.webhook_id, "other kind": "news",
    }  # fmt: skip
    named = scope.removeprefix("other ")
    switch = await gate.services.policies.engage("stf_a", named, values[scope], "演练", "")
    await gate.dispatch()
    assert await gate.outcomes(push_id) == ("w" if stops else "a")
    await gate.services.policies.lift(switch.id, "stf_a", "演练结束")
    gate.wait(1.1)
    await gate.dispatch()
    assert await gate.outcomes(push_id) == "a"
