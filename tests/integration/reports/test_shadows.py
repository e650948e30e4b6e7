"""What shadow caps would have stopped of real sends, by the days of Beijing."""

from app.domain.policy import A_DAY, Calendar, CalendarUnit, Cap, Mode
from app.reports.shadows import DAYS, shadowed
from tests.fixtures.gate import Gate


async def test_each_day_has_what_a_shadow_would_have_stopped_on_it(still_gate: Gate) -> None:
    gate = still_gate
    await gate.register("r_1", "r_2")
    caps = (
        Cap("all", 99, Calendar(CalendarUnit.WEEK), source="house"),
        Cap("one", 1, A_DAY, mode=Mode.SHADOW, source="house"),
    )
    draft = await gate.services.policies.propose("stf_a", caps, "测试")
    await gate.services.policies.approve(draft.id, "stf_b")
    await gate.services.watch.refresh()
    for wait in (0, 60, 60, 86_400, 60):
        gate.wait(wait)
        await gate.released("r_1", "r_2")
        await gate.dispatch()
    found = await shadowed(gate.services.db, gate.clock.now(), ["one", "never"])
    assert len(found.days) == DAYS
    assert found.caps["one"][-2:] == (4, 2)
    assert (sum(found.caps["one"]), sum(found.caps["never"])) == (6, 0)
    assert (await shadowed(gate.services.db, gate.clock.now(), [])).caps == {}
