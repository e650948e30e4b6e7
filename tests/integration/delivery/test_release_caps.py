"""Caps that count pushes as they are released: a number of them, a share, and whoever waits."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from app.delivery.explained_json import explained_json
from app.domain.policy import (
    A_DAY,
    Calendar,
    CalendarUnit,
    Cap,
    Counts,
    Covers,
    Gap,
    Mode,
    Over,
    Per,
    Rolling,
)
from app.domain.state import PushState
from app.policy.topics import NewTopic
from tests.fixtures.gate import Gate

EVERYTHING = Cap("all", 900, A_DAY, source="house")
TOKENS = ("r_1", "r_2")


def of_pushes(cap_id: str, limit: int, window: Any = A_DAY, **more: Any) -> Cap:  # noqa: ANN401 - a cap's
    more = {"per": (Per.SURFACE, Per.TOPIC)} | more
    return Cap(cap_id, limit, window, source="house", counts=Counts.PUSHES, **more)


@pytest.fixture
async def gate(still_gate: Gate) -> Gate:
    await still_gate.register(*TOKENS)
    return still_gate


async def publish(gate: Gate, *caps: Cap) -> None:
    draft = await gate.services.policies.propose("stf_a", (EVERYTHING, *caps), "测试")
    await gate.services.policies.approve(draft.id, "stf_b")
    await gate.services.watch.refresh()


async def go(gate: Gate, topic: str | None = None, hours: float = 6, **more: Any) -> str:  # noqa: ANN401 - a push's
    """Approve a push and let the releaser and the dispatcher do what they can."""
    expires_at = gate.clock.now() + timedelta(hours=hours)
    push_id = await gate.approved(*TOKENS, topic=topic, expires_at=expires_at, **more)
    await round_(gate)
    return push_id


async def round_(gate: Gate) -> None:
    await gate.release()
    await gate.dispatch()
    await gate.release()


async def met(gate: Gate, push_id: str) -> tuple[PushState, dict[str, int], Counter[str]]:
    left_out: Counter[str] = Counter()
    for row in await gate.rows(push_id):
        left_out.update(row.left_out)
    return await gate.state(push_id), dict(Counter(await gate.outcomes(push_id))), left_out


SHOWN = (PushState.RELEASED, {"a": 2}, Counter[str]())


async def test_a_topic_has_so_many_pushes_in_a_window_and_no_more(gate: Gate) -> None:
    await publish(gate, of_pushes("topic", 2, Rolling(3600)))
    for _ in range(2):
        assert await met(gate, await go(gate, "weather")) == SHOWN
        gate.wait(60)
    third = await go(gate, "weather")
    left_out = (PushState.RELEASED, {"c": 2}, Counter({"topic": 2}))
    assert await met(gate, third) == left_out
    assert await gate.inbox("r_1") != []
    # Another topic, and none, have counts of their own.
    assert await met(gate, await go(gate, "traffic")) == SHOWN
    assert await met(gate, await go(gate)) == SHOWN
    # The first of the two is an hour old by then; the one left out was never counted.
    gate.wait(3600 - 120 - 1)
    assert await met(gate, await go(gate, "weather")) == left_out
    gate.wait(1)
    assert await met(gate, await go(gate, "weather")) == SHOWN


async def test_who_waits_is_released_at_the_next_free_moment(gate: Gate) -> None:
    await publish(gate, of_pushes("gap", 1, Gap(1800), per=(Per.SURFACE,), over=Over.DEFER))
    first, second = await go(gate), await go(gate)
    assert await met(gate, first) == SHOWN
    assert await gate.state(second) is PushState.APPROVED
    assert await gate.rows(second) == []
    gate.wait(1799)
    await round_(gate)
    assert await gate.state(second) is PushState.APPROVED
    gate.wait(1)
    await round_(gate)
    assert await met(gate, second) == SHOWN
    # Who would wait past the end is left out at once.
    short = await go(gate, hours=0.4)
    assert await met(gate, short) == (PushState.RELEASED, {"c": 2}, Counter({"gap": 2}))


async def test_a_share_is_of_the_greater_of_the_surfaces_pushes_and_a_floor(gate: Gate) -> None:
    await register_topic(gate, "offers")
    cap = of_pushes("share", 4, percent=50, per=(Per.SURFACE,), covers=Covers(topics=("offers",)))
    await publish(gate, cap)
    # Two of four, whatever else there is.
    assert await met(gate, await go(gate, "offers")) == SHOWN
    assert await met(gate, await go(gate, "offers")) == SHOWN
    left_out = (PushState.RELEASED, {"c": 2}, Counter({"share": 2}))
    assert await met(gate, await go(gate, "offers")) == left_out
    # What was left out is none of the surface's: with two more there are four, and with the next
    # one five, half of which is two.
    for _ in range(2):
        assert await met(gate, await go(gate)) == SHOWN
    assert await met(gate, await go(gate, "offers")) == left_out
    assert await met(gate, await go(gate)) == SHOWN
    assert await met(gate, await go(gate, "offers")) == SHOWN
    found = await explained(gate, "share")
    assert (found["used"], found["limit"], found["full"]) == (3, 3, True)
    assert (found["counts"], len(found["pushes"])) == ("pushes", 3)
    # The next day begins anew.
    gate.wait(timedelta(days=1).total_seconds())
    assert await met(gate, await go(gate, "offers")) == SHOWN


async def test_a_push_that_waits_for_its_share_goes_once_others_have_gone(gate: Gate) -> None:
    await register_topic(gate, "offers")
    cap = of_pushes(
        "share", 2, percent=50, per=(Per.SURFACE,), covers=Covers(topics=("offers",)),
        over=Over.DEFER,
    )  # fmt: skip
    await publish(gate, cap)
    assert await met(gate, await go(gate, "offers")) == SHOWN
    second = await go(gate, "offers")
    assert await gate.state(second) is PushState.APPROVED
    for _ in range(2):
        await go(gate)
    gate.wait(300)
    await round_(gate)
    assert await met(gate, second) == SHOWN


async def test_a_shadow_lets_everything_out_and_counts_what_it_would_have_stopped(
    gate: Gate,
) -> None:
    await publish(gate, of_pushes("trial", 1, mode=Mode.SHADOW))
    first, second = await go(gate), await go(gate)
    assert await met(gate, first) == await met(gate, second) == SHOWN
    assert [row.shadowed for row in await gate.rows(first)] == [{}] * len(await gate.rows(first))
    shadowed: Counter[str] = Counter()
    for row in await gate.rows(second):
        shadowed.update(row.shadowed)
    assert shadowed == {"trial": 2}
    assert (await explained(gate, "trial"))["used"] == 1


async def test_releasers_that_race_let_no_more_out_than_there_is(gate: Gate) -> None:
    await publish(gate, of_pushes("day", 3, Calendar(CalendarUnit.DAY), per=()))
    expires_at = gate.clock.now() + timedelta(hours=6)
    pushes = [await gate.approved(*TOKENS, expires_at=expires_at) for _ in range(8)]
    others = [await gate.process() for _ in range(3)]
    await asyncio.gather(*(one.release() for one in (gate, *others)))
    await round_(gate)
    states = [await met(gate, push_id) for push_id in pushes]
    assert sum(state == SHOWN for state in states) == 3
    assert {state for state, _, _ in states} == {PushState.RELEASED}


async def explained(gate: Gate, cap_id: str) -> dict[str, Any]:
    found = await gate.services.explaining.explain(gate.surface_id, "r_1", gate.provider_id)
    caps = explained_json(found, gate.provider_id, {})["caps"]
    return next(one for one in caps if one["id"] == cap_id)


async def register_topic(gate: Gate, name: str) -> None:
    topics = gate.services.policies.topics
    topic = await topics.propose("stf_a", NewTopic(name, "优惠", "offers", "占比"))
    await topics.approve(topic.id, "stf_b")
