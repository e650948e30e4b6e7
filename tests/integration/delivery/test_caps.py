"""What caps do to what goes out: many windows, waiting for room, quiet hours, shadows, losses."""

from collections import Counter
from datetime import UTC, datetime, timedelta
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
    Per,
    QuietHours,
    Rolling,
)
from app.domain.push import ContentKind
from app.domain.state import PushState
from app.errors import Invalid
from tests.fixtures.clock import ManualClock
from tests.fixtures.gate import Gate
from tests.fixtures.valkey import flush

HOUR, DAY = 3600, 86_400
EVERYTHING = Cap("all", 9, A_DAY, source="house")


@pytest.fixture
def gate(still_gate: Gate) -> Gate:
    """A clock that stands still but for the test; it begins at 10:00 in Beijing."""
    return still_gate


async def publish(gate: Gate, *caps: Cap) -> None:
    draft = await gate.services.policies.propose("stf_a", (EVERYTHING, *caps), "测试")
    await gate.services.policies.approve(draft.id, "stf_b")
    await gate.services.watch.refresh()


async def send(gate: Gate, *tokens: str, **changes: Any) -> str:  # noqa: ANN401 - of a push
    push_id = await gate.released(*tokens, **changes)
    await gate.dispatch()
    return push_id


async def row(gate: Gate, push_id: str) -> Any:  # noqa: ANN401 - a row of the outbox
    (found,) = await gate.rows(push_id)
    return found


def move(gate: Gate, instant: datetime) -> None:
    gate.wait((instant - gate.clock.now()).total_seconds())


async def test_caps_of_several_windows_bear_on_one_recipient(gate: Gate) -> None:
    await gate.register("r_1")
    await publish(
        gate,
        Cap("hour", 2, Rolling(HOUR), source="house"),
        Cap("week", 4, Calendar(CalendarUnit.WEEK), source="house"),
        Cap("gap", 1, Gap(600), source="house"),
    )
    met = []
    for wait in (0, 300, 600, 600, HOUR, HOUR, HOUR):
        gate.wait(wait)
        push_id = await send(gate)
        met.append((await gate.outcomes(push_id), (await row(gate, push_id)).left_out))
    assert met == [
        ("a", {}),
        ("c", {"gap": 1}),
        ("a", {}),
        ("c", {"hour": 1}),
        ("a", {}),
        ("a", {}),
        ("c", {"week": 1}),
    ]


async def test_who_has_to_wait_is_sent_to_at_the_next_free_moment(gate: Gate) -> None:
    await gate.register("r_1", "r_2")
    await publish(gate, Cap("gap", 1, Gap(HOUR), over=Over.DEFER, source="house"))
    await send(gate)
    second = await send(gate, "r_1", "r_2")
    rows = await gate.rows(second)
    assert Counter("".join(one.outcomes for one in rows)) == {"a": 1, "w": 1}
    waiting = next(one for one in rows if "w" in one.outcomes)
    # No busy loop: nobody looks at it before.
    assert waiting.state == "pending"
    free = waiting.next_at
    assert timedelta(hours=1) <= free - gate.clock.now() <= timedelta(hours=1, seconds=HOUR / 32)
    for _ in range(3):
        gate.wait(600)
        await gate.dispatch()
        assert (await gate.rows(second))[rows.index(waiting)].next_at == free
    assert len(await gate.inbox("r_1")) == 1
    move(gate, free)
    # It has waited for longer than a decision lasts: everything is looked at again.
    await gate.dispatch()
    await gate.release()
    gate.wait(1)
    await gate.dispatch()
    assert set(await gate.outcomes(second)) == {"a"}
    assert len(await gate.inbox("r_1")) == 1
    await gate.release()
    assert await gate.state(second) is PushState.RELEASED


async def test_who_would_wait_until_the_push_expires_is_left_out(gate: Gate) -> None:
    await gate.register("r_1")
    await publish(gate, Cap("gap", 1, Gap(HOUR), over=Over.DEFER, source="house"))
    await send(gate)
    short = await send(gate, expires_at=gate.clock.now() + timedelta(minutes=50))
    assert await gate.outcomes(short) == "c"
    assert (await row(gate, short)).left_out == {"gap": 1}


async def test_what_waits_can_be_withdrawn_and_expires(gate: Gate) -> None:
    await gate.register("r_1")
    await publish(gate, Cap("gap", 1, Gap(HOUR), over=Over.DEFER, source="house"))
    await send(gate)
    waits = await send(gate)
    assert (await row(gate, waits)).outcomes == "w"
    await gate.stop_everything()
    gate.wait(HOUR + 300)
    await gate.dispatch()
    assert (await row(gate, waits)).outcomes == "w"
    gate.wait(DAY * 3)
    await gate.dispatch()
    assert await gate.outcomes(waits) == "e"


async def test_quiet_hours_are_those_of_the_recipient(gate: Gate) -> None:
    assert isinstance(gate.clock, ManualClock)
    await gate.register("r_1")
    await gate.register("r_2", zone="America/New_York")
    night = QuietHours(22 * 60, 7 * 60)
    await publish(
        gate,
        Cap(
            "night", 0, night, Covers(kinds=(ContentKind.GENERAL,)), over=Over.DEFER, source="house"
        ),
    )
    # 23:00 in Beijing, 10:00 in New York.
    move(gate, datetime(2026, 11, 21, 15, 0, tzinfo=UTC))
    push_id = await send(gate, "r_1", "r_2", expires_at=gate.clock.now() + timedelta(days=1))
    assert Counter(await gate.outcomes(push_id)) == {"a": 1, "w": 1}
    assert len(await gate.inbox("r_2")) == 1
    waiting = next(one for one in await gate.rows(push_id) if "w" in one.outcomes)
    assert waiting.next_at == datetime(2026, 11, 21, 23, 0, tzinfo=UTC)
    move(gate, waiting.next_at)
    for _ in range(3):
        await gate.dispatch()
        await gate.release()
        gate.wait(1)
    assert await gate.outcomes(push_id) == "aa"
    assert len(await gate.inbox("r_1")) == 1


async def test_quiet_hours_that_drop_leave_out_and_say_so(gate: Gate) -> None:
    await gate.register("r_1")
    await publish(
        gate,
        Cap("noon", 0, QuietHours(9 * 60, 11 * 60), source="house"),
        Cap("trial", 0, QuietHours(0, 12 * 60), mode=Mode.SHADOW, source="house"),
    )
    push_id = await send(gate)
    found = await row(gate, push_id)
    assert (found.outcomes, found.left_out, found.shadowed) == ("c", {"noon": 1}, {})
    gate.wait(HOUR)
    found = await row(gate, await send(gate))
    assert (found.outcomes, found.left_out, found.shadowed) == ("a", {}, {"trial": 1})


async def test_shadow_caps_count_what_they_would_have_stopped(gate: Gate) -> None:
    await gate.register("r_1", "r_2")
    await publish(gate, Cap("trial", 1, A_DAY, mode=Mode.SHADOW, source="house"))
    await send(gate, "r_1")
    second = await send(gate, "r_1", "r_2")
    assert await gate.outcomes(second) == "aa"
    assert sum((Counter(one.shadowed) for one in await gate.rows(second)), Counter()) == {
        "trial": 1
    }


async def test_counts_of_their_own_are_kept_for_each_topic(gate: Gate) -> None:
    await gate.register("r_1")
    await publish(gate, Cap("topic", 1, A_DAY, per=(Per.RECIPIENT, Per.TOPIC), source="house"))
    topics = ("weather", "weather", "traffic", None, None)
    met = [await gate.outcomes(await send(gate, topic=topic)) for topic in topics]
    assert met == ["a", "c", "a", "a", "c"]


async def test_a_cap_binds_from_its_day_on(gate: Gate) -> None:
    await gate.register("r_1")
    await publish(
        gate,
        Cap(
            "later", 3, Calendar(CalendarUnit.WEEK), source="house",
            effective_from=gate.clock.now() + timedelta(hours=1),
        ),
    )  # fmt: skip
    assert [await gate.outcomes(await send(gate)) for _ in range(2)] == ["a", "a"]
    gate.wait(HOUR)
    # What went out before that day counts too.
    assert [await gate.outcomes(await send(gate)) for _ in range(2)] == ["a", "c"]


async def test_lost_counters_are_made_good_for_every_window(gate: Gate) -> None:
    await gate.register("r_1")
    await publish(
        gate,
        Cap("hour", 2, Rolling(HOUR), source="house"),
        Cap("month", 3, Calendar(CalendarUnit.MONTH, "UTC"), source="house"),
        Cap("topic", 2, Rolling(2 * DAY), per=(Per.RECIPIENT, Per.TOPIC), source="house"),
    )
    assert await gate.outcomes(await send(gate)) == "a"
    gate.wait(HOUR / 2)
    assert await gate.outcomes(await send(gate, topic="a")) == "a"
    flush(gate.counters_url)
    found = await row(gate, await send(gate, topic="b"))
    assert (found.outcomes, found.left_out) == ("c", {"hour": 1})
    gate.wait(HOUR)
    flush(gate.counters_url)
    assert await gate.outcomes(await send(gate, topic="a")) == "a"
    flush(gate.counters_url)
    assert (await row(gate, await send(gate, topic="a"))).left_out == {"month": 1}


async def test_a_changed_policy_lets_those_who_wait_ask_again(gate: Gate) -> None:
    await gate.register("r_1")
    await publish(gate, Cap("gap", 1, Gap(5400), over=Over.DEFER, source="house"))
    await send(gate)
    waits = await send(gate)
    assert (await row(gate, waits)).outcomes == "w"
    await publish(gate)
    await gate.release()
    await gate.dispatch()
    assert await gate.outcomes(waits) == "a"


async def test_a_policy_with_faults_is_refused_and_nothing_is_kept(gate: Gate) -> None:
    before = await gate.services.policies.versions()
    with pytest.raises(Invalid) as caught:
        await publish(gate, Cap("x", -1, Calendar(CalendarUnit.DAY, "Mars"), source=""))
    assert [one.pointer for one in caught.value.problems] == [
        "/caps/1/limit", "/caps/1/window/zone", "/caps/1/source",
    ]  # fmt: skip
    assert await gate.services.policies.versions() == before


async def test_what_is_kept_for_broadcasts_is_not_sent_to_anybody_by_name(gate: Gate) -> None:
    await gate.register("r_1")
    await publish(
        gate,
        Cap("day", 3, A_DAY, Covers(kinds=(ContentKind.GENERAL,)), broadcast=2, source="house"),
        Cap("hour", 2, Rolling(HOUR), broadcast=1, source="house"),
    )
    assert await gate.outcomes(await send(gate)) == "a"
    gate.wait(2 * HOUR)
    second = await send(gate)
    assert (await gate.outcomes(second), (await row(gate, second)).left_out) == ("c", {"day": 1})
    gate.wait(DAY)
    assert await gate.outcomes(await send(gate)) == "a"
    gate.wait(60)
    third = await send(gate)
    assert (await row(gate, third)).left_out == {"day": 1}
    found = await gate.services.explaining.explain(gate.surface_id, "r_1")
    assert {one.cap.id: (one.used, one.limit, one.is_full) for one in found.caps} == {
        "all": (1, 9, False),
        "day": (1, 1, True),
        "hour": (1, 1, True),
    }
