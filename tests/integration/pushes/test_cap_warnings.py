"""A cap that all pushes share is nearly used up: its senders are told, once a window."""

from datetime import timedelta
from typing import Any

import orjson
import pytest

from app.domain.policy import A_DAY, Cap, Counts, Gap, Mode, Per, Rolling
from app.pushes.answers import push_json
from app.webhooks.repository import newest_events
from tests.fixtures.gate import Gate
from tests.fixtures.registers import ADMIN

EVERYTHING = Cap("all", 900, A_DAY, source="house")
TOKENS = tuple(f"r_{number}" for number in range(4))


@pytest.fixture
async def gate(still_gate: Gate) -> Gate:
    await still_gate.register(*TOKENS)
    return still_gate


async def publish(gate: Gate, *caps: Cap) -> None:
    draft = await gate.services.policies.propose("stf_a", (EVERYTHING, *caps), "测试")
    await gate.services.policies.approve(draft.id, "stf_b")
    await gate.services.watch.refresh()


async def go(gate: Gate, *tokens: str, topic: str | None = None) -> str:
    """Send a push to whoever has room, and tell what is to be told."""
    push_id = await gate.released(*tokens, topic=topic)
    for _ in range(2):
        await gate.dispatch()
        gate.wait(2)
    await gate.services.cap_warnings.run_once()
    await gate.services.watch.refresh()
    return push_id


async def warnings(gate: Gate, push_id: str) -> list[dict[str, Any]]:
    """What `GET /v1/pushes/{id}` says."""
    found = push_json(await gate.services.views.get(gate.provider_id, push_id))["warnings"]
    assert isinstance(found, list)
    return found


async def next_ones(gate: Gate, topic: str | None = None) -> list[tuple[str, int, int]]:
    """What the next push would be told."""
    uses = await gate.services.pushes.warnings(gate.provider_id, gate.request(topic=topic))
    return [(use.cap_id, use.used, use.allowed) for use in uses]


async def told(gate: Gate) -> list[dict[str, Any]]:
    events = await gate.services.db.read(lambda tx: newest_events(tx, None, 50))
    bodies = [orjson.loads(one.event.body) for one in events]
    return [body for body in bodies if body["type"] == "cap.nearly_used"]


async def test_a_sender_is_told_once_a_window_that_four_fifths_are_used(gate: Gate) -> None:
    url = "https://example.com/outcomes"
    await gate.services.enrolment.set_outcome_webhook(ADMIN, gate.provider_id, url)
    await publish(gate, Cap("surface", 10, A_DAY, per=(Per.SURFACE,), source="house"))
    first = await go(gate, *TOKENS)
    assert await next_ones(gate) == []
    second = await go(gate, *TOKENS)
    assert await warnings(gate, first) == []
    (warning,) = await warnings(gate, second)
    assert (warning["cap"], warning["used"], warning["limit"]) == ("surface", 8, 10)
    assert warning["ends_at"] == "2026-11-21T16:00:00Z"
    assert "surface" in warning["says"]["zh"]
    assert "8 of 10 popups" in warning["says"]["en"]
    assert await next_ones(gate) == [("surface", 8, 10)]
    third = await go(gate, "r_0")
    assert await warnings(gate, third) == []
    (event,) = await told(gate)
    assert (event["push"], event["warning"]) == ({"id": second}, warning)
    gate.wait(timedelta(days=1).total_seconds())
    await gate.services.watch.refresh()
    assert await next_ones(gate) == []
    for _ in range(2):
        await go(gate, *TOKENS)
    assert len(await told(gate)) == 2


async def test_pushes_and_shares_warn_as_they_are_released(gate: Gate) -> None:
    await publish(
        gate,
        Cap("topic", 5, Rolling(3600), per=(Per.TOPIC,), source="house", counts=Counts.PUSHES),
    )
    for _ in range(3):
        assert await warnings(gate, await go(gate, topic="weather")) == []
    fourth = await go(gate, topic="weather")
    (warning,) = await warnings(gate, fourth)
    assert (warning["counts"], warning["used"], warning["limit"]) == ("pushes", 4, 5)
    assert await next_ones(gate, "weather") == [("topic", 4, 5)]
    assert await next_ones(gate, "traffic") == []
    # Whoever has no address for outcomes is told by answers alone.
    assert await told(gate) == []


async def test_shadows_and_gaps_warn_of_nothing(gate: Gate) -> None:
    await publish(
        gate,
        Cap("trial", 4, A_DAY, per=(Per.SURFACE,), mode=Mode.SHADOW, source="house"),
        Cap("gap", 1, Gap(60), per=(Per.TOPIC,), source="house"),
        Cap("pushes", 1, Gap(60), per=(Per.TOPIC,), source="house", counts=Counts.PUSHES),
    )
    push_id = await go(gate, *TOKENS)
    assert await warnings(gate, push_id) == []
    assert await next_ones(gate) == []


async def test_rolling_spans_warn_once_for_as_long_as_they_are(gate: Gate) -> None:
    await publish(gate, Cap("span", 4, Rolling(7200), per=(Per.SURFACE,), source="house"))
    first = await go(gate, *TOKENS)
    (warning,) = await warnings(gate, first)
    assert warning["ends_at"] == "2026-11-21T04:00:00Z"
    second = await go(gate, *TOKENS)
    assert await warnings(gate, second) == []
