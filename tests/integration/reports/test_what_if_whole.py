"""Replaying caps of all kinds, with exemptions: the policy of then stops what it stopped."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from app.domain.exemptions import Exempted
from app.domain.policy import A_DAY, Calendar, CalendarUnit, Cap, Counts, Covers, Mode, Over, Per
from app.domain.push import MinorsAudience
from app.policy.exemption_faults import NewExemption
from app.reports.replaying import Job, job_from, replay_past
from tests.fixtures.gate import Gate

FAMILIES = Covers(minors=(MinorsAudience.INCLUDED,))
CAPS = (
    Cap("all", 99, Calendar(CalendarUnit.WEEK), source="house"),
    Cap("two", 2, A_DAY, over=Over.REPLACE, source="house"),
    Cap("together", 5, A_DAY, per=(Per.SURFACE,), source="house"),
    Cap(
        "half",
        2,
        A_DAY,
        FAMILIES,
        (Per.SURFACE,),
        percent=50,
        counts=Counts.PUSHES,
        source="house",
    ),
    Cap("trial", 3, A_DAY, per=(Per.SURFACE,), mode=Mode.SHADOW, source="house"),
)


async def exempt(gate: Gate, *caps: str) -> str:
    exemptions = gate.services.policies.exemptions
    ends_at = gate.clock.now() + timedelta(hours=3)
    surface = Exempted(surfaces=(gate.surface_id,))
    new = NewExemption("汛情预警", caps, surface, "汛情每小时更新", "应急指令 18 号", None, ends_at)
    draft = await exemptions.propose("stf_a", new)
    await exemptions.approve(draft.id, "stf_b")
    await gate.services.watch.refresh()
    return draft.id


async def send(gate: Gate, *tokens: str, minors: MinorsAudience = MinorsAudience.EXCLUDED) -> str:
    gate.wait(60)
    push_id = await gate.approved(*tokens, minors=minors)
    await gate.release()
    for _ in range(2):
        await gate.dispatch()
    await gate.release()
    return push_id


async def past(gate: Gate) -> str:
    """Send seven pushes of which each cap stops something; return an exemption of the last two."""
    both, families = ("r_1", "r_2"), MinorsAudience.INCLUDED
    pushes = [await send(gate, *both)]
    pushes += [await send(gate, *both, minors=families) for _ in range(2)]
    pushes += [await send(gate, who) for who in both]
    gate.wait(1)
    exemption = await exempt(gate, "together")
    pushes.append(await send(gate, "r_2"))
    assert await gate.inbox()
    pushes.append(await send(gate, "r_1"))
    outcomes = [await gate.outcomes(one) for one in pushes]
    assert outcomes == ["pp", "aa", "cc", "a", "c", "a", "c"]
    gate.wait(60)
    return exemption


async def test_all_caps_stop_what_they_stopped_and_exemptions_let_through_what_they_did(
    still_gate: Gate,
) -> None:
    gate, told = still_gate, list[int]()
    await gate.register("r_1", "r_2")
    draft = await gate.services.policies.propose("stf_a", CAPS, "测试")
    await gate.services.policies.approve(draft.id, "stf_b")
    await gate.services.watch.refresh()
    exemption = await past(gate)
    now = gate.clock.now()
    zones = {gate.surface_id: "Asia/Shanghai"}
    job = Job(gate.services.settings.database, CAPS, now - timedelta(days=30), now, zones)
    assert job_from(job.to_json()) == job
    result: dict[str, Any] = await replay_past(job, told.append)
    assert told[-1] == 1000
    assert (result["sends"], result["stopped"], result["left_out"]) == (10, 6, 6)
    assert (result["newly_stopped"], result["let_through"], result["replaced"]) == (0, 0, 2)
    assert result["exempted"] == {exemption: 1}
    assert result["pushes"] == {"all": 7, "stopped": 1, "caps": {"half": [1, 0]}}
    stopped = {name: pair for name, pair in result["caps"].items() if any(pair)}
    assert stopped == {"two": [3, 0], "together": [1, 0], "half": [2, 0], "trial": [0, 3]}
    assert sum(row.shadowed.get("trial", 0) for row in await gate.rows()) == 3
    # Wider caps let everything go that was stopped then.
    result = await replay_past(replace(job, caps=CAPS[:1]), told.append)
    assert (result["stopped"], result["let_through"]) == (0, 6)
