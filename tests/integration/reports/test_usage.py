"""What was sent, as the dashboards add it up from real sends on both databases."""

from datetime import timedelta
from typing import Any

import pytest

from app.delivery.usage_repository import Span
from app.domain.policy import A_DAY, Calendar, CalendarUnit, Cap, Mode, Rolling
from app.reports.usage import Sums, Usage
from tests.fixtures.gate import Gate


@pytest.fixture
def gate(still_gate: Gate) -> Gate:
    """A clock that stands still but for the test; it begins at 10:00 in Beijing."""
    return still_gate


async def send(gate: Gate, *tokens: str, **changes: Any) -> None:  # noqa: ANN401 - of a push
    await gate.released(*tokens, **changes)
    await gate.dispatch()


@pytest.fixture
async def usage(gate: Gate) -> Usage:
    """A morning: five recipients in three pushes, one of them capped, one without an inbox."""
    await gate.register("r_1", "r_2")
    caps = (
        Cap("month", 99, Calendar(CalendarUnit.MONTH), source="house"),
        Cap("two", 2, A_DAY, source="house"),
        Cap("span", 4, Rolling(7_200), source="house"),
        Cap("trial", 1, A_DAY, mode=Mode.SHADOW, source="house"),
    )
    draft = await gate.services.policies.propose("stf_a", caps, "测试")
    await gate.services.policies.approve(draft.id, "stf_b")
    await gate.services.watch.refresh()
    await send(gate, "r_1", "r_2", topic="weather")
    gate.wait(3_600)
    await send(gate, "r_1", "r_nobody")
    await send(gate, "r_1", topic="weather")
    services = gate.services
    return Usage(services.db, services.clock, services.policies)


async def test_sends_are_added_up_by_hour_kind_topic_and_cap(gate: Gate, usage: Usage) -> None:
    now = gate.clock.now()
    span = Span(now - timedelta(days=1), now + timedelta(hours=1))
    report = await usage.report(span)
    assert report.total == Sums(everybody=5, sent=3, left_out=1, waiting=0)
    assert report.total.others == 1
    assert {hour: one.sent for hour, one in enumerate(report.by_hour) if one.everybody} == {
        10: 2, 11: 1,
    }  # fmt: skip
    assert [one.sent for one in report.by_day.values()] == [0, 3]
    assert {kind: sum(hours) for kind, hours in report.kinds.items()} == {"general": 3}
    assert {topic: sum(hours) for topic, hours in report.topics.items()} == {"weather": 2}
    assert report.caps == {"two": (1, 0), "trial": (0, 1)}
    elsewhere = await usage.report(Span(span.since, span.until, surface=gate.webhook_id))
    assert elsewhere.total == Sums()
    mine = await usage.report(Span(span.since, span.until, provider=gate.provider_id))
    assert mine.total == report.total


async def test_recipients_are_told_by_how_near_their_caps_they_are(
    gate: Gate, usage: Usage
) -> None:
    near = await usage.near_caps()
    assert {one.cap.id: one.steps for one in near.caps} == {
        "month": (2, 0, 0, 0, 0, 0),
        "two": (0, 0, 1, 0, 0, 1),
        "span": (0, 1, 1, 0, 0, 0),
        "trial": (0, 0, 0, 0, 0, 2),
    }
    assert not near.is_sample
    gate.wait(86_400)
    later = {one.cap.id: sum(one.steps) for one in (await usage.near_caps()).caps}
    assert later == {"month": 2, "two": 0, "span": 0, "trial": 0}
