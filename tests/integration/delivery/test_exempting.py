"""Exemptions from caps at work: who gets what, what is counted, how fast they begin and end."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.audit.events import AuditKind
from app.audit.models import audit_entries
from app.db.session import Tx
from app.delivery.channel import Handed, HandOver
from app.delivery.exempted_repository import uses_of
from app.delivery.outcomes import Outcome
from app.domain.exemptions import MOST_LIVE, Exempted
from app.domain.policy import A_DAY, Calendar, CalendarUnit, Cap, Gap, Over, QuietHours, Rolling
from app.errors import Conflict, Forbidden
from app.policy.exemption_faults import NewExemption
from tests.fixtures.dispatching import Recorder, SlowCounters, dispatcher
from tests.fixtures.gate import Gate
from tests.fixtures.topics import register_topics
from tests.fixtures.turns import OneTurn

HOUR = 3600
ROOMY = Cap("all", 9, A_DAY, source="house")
ONE = Cap("one", 1, Calendar(CalendarUnit.WEEK), source="house")


class Busy:
    """A channel that asks to be tried again."""

    async def send(self, hand_over: HandOver) -> Handed:
        return Handed(dict.fromkeys(hand_over.recipients, Outcome.WAITING), "busy")


@pytest.fixture
def gate(still_gate: Gate) -> Gate:
    """A clock that stands still but for the test; it begins at 10:00 in Beijing."""
    return still_gate


async def publish(gate: Gate, *caps: Cap) -> None:
    draft = await gate.services.policies.propose("stf_a", (ROOMY, *caps), "测试")
    await gate.services.policies.approve(draft.id, "stf_b")
    await gate.services.watch.refresh()


def wanted(gate: Gate, *caps: str, **changes: Any) -> NewExemption:  # noqa: ANN401 - of it
    values: dict[str, Any] = {
        "name": "汛情预警",
        "caps": caps,
        "pushes": Exempted(surfaces=(gate.surface_id,)),
        "reason": "汛情每小时更新",
        "basis": "应急指令 18 号",
        "starts_at": None,
        "ends_at": gate.clock.now() + timedelta(hours=3),
    }
    return NewExemption(**(values | changes))


async def exempt(gate: Gate, *caps: str, **changes: Any) -> str:  # noqa: ANN401 - of it
    exemptions = gate.services.policies.exemptions
    draft = await exemptions.propose("stf_a", wanted(gate, *caps, **changes))
    await exemptions.approve(draft.id, "stf_b")
    await gate.services.watch.refresh()
    return draft.id


async def send(gate: Gate, *tokens: str, **changes: Any) -> str:  # noqa: ANN401 - of a push
    push_id = await gate.released(*tokens, **changes)
    await gate.dispatch()
    return push_id


async def audited(gate: Gate, kind: AuditKind) -> list[Any]:
    def read(tx: Tx) -> list[Any]:
        query = select(audit_entries).where(audit_entries.c.kind == kind.value)
        return list(tx.execute(query.order_by(audit_entries.c.id)))

    return await gate.services.db.read(read)


async def test_an_exemption_lets_through_what_its_caps_stop_and_counts_it(gate: Gate) -> None:
    await gate.register("r_1", "r_2")
    await publish(gate, ONE)
    await send(gate, "r_1")
    assert await gate.outcomes(await send(gate)) == "c"
    exemption = await exempt(gate, "one")
    push_id = await send(gate, "r_1", "r_2")
    assert await gate.outcomes(push_id) == "aa"
    dossier = await gate.dossier(push_id)
    # Only the one whom the cap would have stopped; no shadow of the policy is made up.
    assert (dossier.exempted, dossier.shadowed, dossier.left_out) == ({exemption: 1}, {}, {})
    [use] = await gate.services.views.let_through(exemption)
    assert (use.push_id, use.recipients, use.by_cap) == (push_id, 1, {"one": 1})
    told = [entry.body for entry in await audited(gate, AuditKind.ATTEMPT_ENDED)]
    assert [body for body in told if exemption in str(body)] != []
    # What was let through has taken the room that there was: it makes none for others.
    await gate.services.policies.exemptions.end(exemption, "stf_a", "汛情结束")
    assert await gate.outcomes(await send(gate, "r_2")) == "c"
    [ended] = await audited(gate, AuditKind.CAP_EXEMPTION_ENDED)
    assert ended.subject == exemption


async def test_other_caps_and_other_pushes_are_as_they_were(gate: Gate) -> None:
    await gate.register("r_1")
    await register_topics(gate.services, "汛情")
    await publish(gate, ONE, Cap("two", 2, Rolling(24 * HOUR), source="house"))
    await exempt(gate, "one", pushes=Exempted(topics=("汛情",)))
    met = [await gate.outcomes(await send(gate, topic=topic)) for topic in (None, "汛情", "汛情")]
    assert met == ["a", "a", "c"]
    assert (await gate.rows())[-1].left_out == {"two": 1}
    assert (await gate.rows())[-1].exempted == {}
    assert await gate.outcomes(await send(gate)) == "c"


async def test_it_begins_and_ends_by_the_clock_and_wakes_those_who_wait(gate: Gate) -> None:
    await gate.register("r_1")
    await publish(gate, Cap("gap", 1, Gap(2 * HOUR), over=Over.DEFER, source="house"))
    soon = gate.clock.now() + timedelta(minutes=10)
    exemption = await exempt(gate, "gap", starts_at=soon, ends_at=soon + timedelta(hours=1))
    day = gate.clock.now() + timedelta(days=1)
    await send(gate, expires_at=day)
    waits = await send(gate, expires_at=day)
    assert await gate.outcomes(waits) == "w"
    gate.wait(601)
    await gate.release()
    await gate.dispatch()
    assert await gate.outcomes(waits) == "a"
    assert (await gate.dossier(waits)).exempted == {exemption: 1}
    gate.wait(HOUR)
    late = await send(gate, expires_at=day)
    assert await gate.outcomes(late) == "w"


async def test_quiet_hours_can_be_exempted_from_too(gate: Gate) -> None:
    await gate.register("r_1")
    await publish(gate, Cap("noon", 0, QuietHours(9 * 60, 11 * 60), source="house"))
    exemption = await exempt(gate, "noon")
    push_id = await send(gate)
    assert await gate.outcomes(push_id) == "a"
    assert (await gate.dossier(push_id)).exempted == {exemption: 1}


async def test_one_that_ends_while_slots_are_taken_lets_nobody_through(gate: Gate) -> None:
    await gate.register("r_1")
    await publish(gate, ONE)
    await send(gate)
    exemption = await exempt(gate, "one")
    push_id = await gate.released()
    channel = Recorder()

    async def meanwhile() -> None:
        there = (await gate.process()).services
        await there.policies.exemptions.end(exemption, "stf_b", "误批")

    await gate.services.watch.refresh()
    await dispatcher(gate, channel, SlowCounters(gate.services.counters, meanwhile)).run(OneTurn())
    assert channel.handed == []
    await gate.release()
    gate.wait(1)
    await gate.dispatch()
    assert await gate.outcomes(push_id) == "c"
    assert (await gate.dossier(push_id)).exempted == {}


async def test_a_hand_over_that_is_tried_twice_counts_once(gate: Gate) -> None:
    await gate.register("r_1")
    await publish(gate, ONE)
    await send(gate)
    exemption = await exempt(gate, "one")
    push_id = await gate.released()
    await gate.services.watch.refresh()
    await dispatcher(gate, Busy()).run(OneTurn())
    assert await gate.outcomes(push_id) == "w"
    assert (await gate.dossier(push_id)).exempted == {}
    gate.wait(60)
    await gate.dispatch()
    assert await gate.outcomes(push_id) == "a"
    [use] = await gate.services.db.read(lambda tx: uses_of(tx, exemption))
    assert use.recipients == 1


async def test_two_admins_and_few_at_once(gate: Gate) -> None:
    await publish(gate, ONE)
    exemptions = gate.services.policies.exemptions
    draft = await exemptions.propose("stf_a", wanted(gate, "one"))
    with pytest.raises(Forbidden):
        await exemptions.approve(draft.id, "stf_a")
    await exemptions.discard(draft.id, "stf_a")
    with pytest.raises(Conflict):
        await exemptions.approve(draft.id, "stf_b")
    first = await exempt(gate, "one")
    for _ in range(MOST_LIVE - 1):
        await exempt(gate, "one")
    more = await exemptions.propose("stf_a", wanted(gate, "one"))
    with pytest.raises(Conflict) as caught:
        await exemptions.approve(more.id, "stf_b")
    assert caught.value.code == "too_many_exemptions"
    await exemptions.end(first, "stf_b", "不再需要")
    await exemptions.approve(more.id, "stf_b")
    assert len(await exemptions.live()) <= MOST_LIVE


async def test_a_draft_that_no_longer_fits_is_not_approved(gate: Gate) -> None:
    await publish(gate, ONE)
    exemptions = gate.services.policies.exemptions
    gone = await exemptions.propose("stf_a", wanted(gate, "one"))
    late = await exemptions.propose("stf_a", wanted(gate, "all"))
    await publish(gate)
    codes = []
    for draft, wait in ((gone, 0), (late, 4 * HOUR)):
        gate.wait(wait)
        with pytest.raises(Conflict) as caught:
            await exemptions.approve(draft.id, "stf_b")
        codes.append(caught.value.code)
    assert codes == ["exemption_outdated", "ended"]
    over = await exempt(gate, "all")
    gate.wait(4 * HOUR)
    with pytest.raises(Conflict):
        await exemptions.end(over, "stf_b", "已到期")
    assert await exemptions.live() == ()
