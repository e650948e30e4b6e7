"""How the queues are, counted on both databases, and what senders are told of it."""

from datetime import timedelta

import orjson

from app.domain.decision import RulingVerdict
from app.domain.push import Urgency
from app.review.health import QUEUES, Health
from app.review.queue_repository import QueueFilter
from app.review.states import Ticket
from tests.fixtures.gate import LIN, WANG, Gate


async def test_waits_and_forecasts_follow_what_was_ruled(still_gate: Gate) -> None:
    gate, health = still_gate, still_gate.services.review.health
    nothing = await health.now()
    assert [one.name for one in nothing.queues] == list(QUEUES)
    assert (nothing.waiting, nothing.over, nothing.late, nothing.lost) == (0, 0, 0, 0)
    first, second = await gate.push(), await gate.push(urgency=Urgency.EMERGENCY)
    gate.wait(61)
    await gate.rule(await gate.claim(first))
    gate.wait(600)
    ticket = await gate.claim(second, WANG)
    await gate.rule(ticket, WANG, verdict=RulingVerdict.REFUSE, clause="第五条")
    end = gate.clock.now() + timedelta(minutes=20)
    lost = await gate.push(expires_at=end)
    later = await gate.push(not_before=gate.clock.now() + timedelta(minutes=15))
    gate.wait(60)

    found = await health.now()
    queues = {one.name: one for one in found.queues}
    assert (found.pace.ruled, found.pace.people) == (2, 2)
    assert (queues["general"].median, queues["emergency"].slow) == (60, 660)
    assert (queues["general"].waiting, queues["news"].median) == (2, None)
    # Two an hour: neither has its turn before twenty minutes are over, one of them expires.
    assert (found.late, found.lost, found.over) == (2, 1, 0)
    assert found.lost_by_hour[0] == 1
    assert {lost, later} == {one.push_id for one in await open_ones(gate)}
    gate.wait(16 * 60)
    assert (await health.now()).over == 1


async def test_one_answer_serves_for_some_seconds_and_a_slow_desk_says_nothing(
    still_gate: Gate,
) -> None:
    gate, review = still_gate, still_gate.services.review
    first = await health_of(gate)
    await gate.push()
    assert await health_of(gate) is first
    gate.wait(11)
    assert (await health_of(gate)).waiting == 1
    assert (await review.wait(1, gate.clock.now())).seconds is None


async def test_senders_are_told_how_long_it_may_take(still_gate: Gate) -> None:
    gate = still_gate
    ticket = await gate.claim(await gate.push(), LIN)
    gate.wait(30)
    await gate.rule(ticket)
    answer = orjson.loads((await gate.submit(gate.request())).body)
    assert answer["review"]["estimated_wait_seconds"] == 30
    view = await gate.services.views.get(gate.provider_id, answer["id"])
    assert view.review is not None
    assert view.review.estimated_wait == 30


async def health_of(gate: Gate) -> Health:
    return await gate.services.review.health.now()


async def open_ones(gate: Gate) -> list[Ticket]:
    return (await gate.services.review.queue(QueueFilter()))[0]
