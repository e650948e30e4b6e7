"""Replaying real sends: the policy of then stops what it stopped, another one what it would."""

import asyncio
from typing import Any

import pytest

from app.domain.policy import (
    A_DAY,
    Calendar,
    CalendarUnit,
    Cap,
    Covers,
    Gap,
    Mode,
    Over,
    Rolling,
)
from app.domain.push import MinorsAudience
from app.errors import Conflict, NotFound
from app.reports.repository import PolicyReplay
from app.reports.what_if import WhatIf
from tests.fixtures.gate import Gate

HOUR, DAY = 3600, 86_400
EVERYTHING = Cap("all", 99, Calendar(CalendarUnit.WEEK), source="house")
NEVER = 60.0


@pytest.fixture
def gate(still_gate: Gate) -> Gate:
    """A clock that stands still but for the test; it begins at 10:00 in Beijing."""
    return still_gate


async def draft(gate: Gate, *caps: Cap) -> str:
    return (await gate.services.policies.propose("stf_a", (EVERYTHING, *caps), "测试")).id


async def publish(gate: Gate, *caps: Cap) -> str:
    policy_id = await draft(gate, *caps)
    await gate.services.policies.approve(policy_id, "stf_b")
    await gate.services.watch.refresh()
    return policy_id


async def send(gate: Gate, *tokens: str, **changes: Any) -> str:  # noqa: ANN401 - of a push
    push_id = await gate.released(*tokens, **changes)
    await gate.dispatch()
    return push_id


async def ended(what_if: WhatIf, replay: PolicyReplay) -> PolicyReplay:
    async with asyncio.timeout(NEVER):
        while (found := await what_if.replay(replay.id)).state == "running":  # noqa: ASYNC110 - in another process
            await asyncio.sleep(0.05)
    return found


async def replayed(gate: Gate, policy_id: str) -> dict[str, Any]:
    what_if = gate.services.what_if
    found = await ended(what_if, await what_if.start(policy_id, "stf_a"))
    assert found.state == "done", found
    assert found.done == 1000
    return dict(found.result)


async def test_the_policy_of_then_stops_what_it_stopped(gate: Gate) -> None:
    await gate.register("r_1", "r_2")
    await gate.register("r_3", zone="America/New_York")
    strict = await publish(
        gate,
        Cap("two", 2, A_DAY, source="house"),
        Cap("gap", 1, Gap(HOUR), over=Over.DEFER, source="house"),
        Cap("trial", 1, A_DAY, mode=Mode.SHADOW, source="house"),
    )
    met = ""
    for wait in (0, HOUR * 2, HOUR * 3, DAY, HOUR * 2):
        gate.wait(wait)
        met += await gate.outcomes(await send(gate, "r_1", "r_2", "r_3", "r_nobody"))
    gate.wait(60)
    result = await replayed(gate, strict)
    # Who has no inbox was never a matter of caps.
    assert met.count("n") == 5
    assert result["sends"] == 15 == met.count("a") + met.count("c")
    assert result["stopped"] == result["left_out"] == met.count("c") > 0
    assert (result["newly_stopped"], result["let_through"], result["had_to_wait"]) == (0, 0, 0)
    assert result["caps"]["two"][0] == met.count("c")
    shadowed = sum(row.shadowed.get("trial", 0) for row in await gate.rows())
    assert result["caps"]["trial"] == [0, shadowed]
    assert shadowed > 0
    assert result["kinds"] == {"general": [15, met.count("c")]}
    [[_, *of_sender]] = result["senders"]
    assert of_sender == [15, met.count("c")]
    assert {hour: pair[0] for hour, pair in enumerate(result["hours"]) if pair[0]} == {
        10: 3, 12: 3, 15: 6, 17: 3,
    }  # fmt: skip
    assert [pair[0] for pair in result["days"].values()][-2:] == [9, 6]
    assert len(result["days"]) == 31


async def test_a_draft_is_told_by_what_it_would_have_done(gate: Gate) -> None:
    await gate.register("r_1")
    await publish(gate, Cap("two", 2, A_DAY, source="house"))
    await send(gate)
    for _ in range(3):
        gate.wait(600)
        await send(gate, minors=MinorsAudience.INCLUDED)
    met = [row.outcomes for row in await gate.rows()]
    assert met == ["a", "a", "c", "c"]
    gate.wait(DAY)
    loose = await draft(
        gate, Cap("three", 3, Calendar(CalendarUnit.DAY, "Asia/Shanghai"), source="house")
    )
    result = await replayed(gate, loose)
    assert (result["stopped"], result["newly_stopped"], result["let_through"]) == (1, 0, 1)
    families = Covers(minors=(MinorsAudience.INCLUDED,))
    narrow = await draft(gate, Cap("one", 1, A_DAY, families, source="house"))
    result = await replayed(gate, narrow)
    assert (result["sends"], result["stopped"], result["newly_stopped"]) == (4, 2, 0)
    later = await draft(gate, Cap("gap", 1, Gap(900), over=Over.DEFER, source="house"))
    result = await replayed(gate, later)
    # All reach somebody in the end, one after the other.
    assert (result["stopped"], result["had_to_wait"], result["let_through"]) == (0, 3, 2)
    done = await gate.services.what_if.last_done([loose, narrow, "pol_none"])
    assert set(done) == {loose, narrow}


async def test_what_was_sent_before_still_counts_and_is_not_told(gate: Gate) -> None:
    await gate.register("r_1")
    await publish(gate)
    await send(gate)
    gate.wait(DAY * 31)
    await send(gate)
    gate.wait(60)
    month = await draft(gate, Cap("month", 1, Calendar(CalendarUnit.MONTH), source="house"))
    span = await draft(gate, Cap("span", 1, Rolling(31 * DAY), source="house"))
    assert (await replayed(gate, month))["stopped"] == 0
    result = await replayed(gate, span)
    assert (result["sends"], result["stopped"]) == (1, 1)


async def test_one_replay_at_a_time_and_it_can_be_cancelled(gate: Gate) -> None:
    what_if, policy_id = gate.services.what_if, await draft(gate)
    with pytest.raises(NotFound):
        await what_if.start("pol_none", "stf_a")
    first = await what_if.start(policy_id, "stf_a")
    with pytest.raises(Conflict):
        await what_if.start(policy_id, "stf_a")
    assert (await what_if.cancel(first.id)).state == "cancelled"
    await what_if.close()
    assert (await what_if.replay(first.id)).state == "cancelled"
    second = await what_if.start(policy_id, "stf_a")
    await asyncio.sleep(0.05)
    # A process that ends takes its replays along.
    await what_if.close()
    assert (await what_if.replay(second.id)).state == "cancelled"
    assert [one.id for one in await what_if.of_policy(policy_id)] == [second.id, first.id]
    with pytest.raises(NotFound):
        await what_if.replay("rpl_none")


async def test_a_replay_whose_process_dies_says_so(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy_id = await draft(gate)
    monkeypatch.setattr("app.reports.what_if.sys.executable", "/bin/false")
    what_if = gate.services.what_if
    found = await ended(what_if, await what_if.start(policy_id, "stf_a"))
    assert (found.state, found.fault) == ("failed", "ended_early")
    monkeypatch.setattr("app.reports.what_if.sys.executable", "/nowhere/python")
    found = await ended(what_if, await what_if.start(policy_id, "stf_a"))
    assert (found.state, found.fault) == ("failed", "FileNotFoundError")
