"""Readiness tells the truth about each dependency, and does not ask more than once a second."""

import asyncio
from datetime import timedelta

from app.errors import CountersUnavailable, Words
from app.health import (
    Check,
    Health,
    Monitor,
    counters_check,
    heartbeat_check,
    lag_check,
    value_check,
)
from tests.fixtures.clock import ManualClock

FINE = Words("好", "fine")


def check(name: str, *, ok: bool = True, needed: bool = True) -> Check:
    async def run() -> Health:
        return Health(ok, FINE)

    return Check(name, run, needed)


async def test_all_in_order_is_ready(clock: ManualClock) -> None:
    found = await Monitor(clock, (check("a"), check("b"))).readiness()

    assert found.ready
    assert found.as_json()["checks"]["a"]["message"] == {"zh": "好", "en": "fine"}


async def test_one_needed_thing_down_is_not_ready(clock: ManualClock) -> None:
    assert not (await Monitor(clock, (check("a"), check("b", ok=False))).readiness()).ready


async def test_a_thing_that_is_not_needed_is_shown_and_does_not_matter(clock: ManualClock) -> None:
    found = await Monitor(clock, (check("a"), check("b", ok=False, needed=False))).readiness()

    assert found.ready
    assert found.as_json()["checks"]["b"]["ok"] is False


async def test_a_check_that_breaks_is_a_thing_that_is_down(clock: ManualClock) -> None:
    async def breaks() -> Health:
        raise RuntimeError("hunter2")

    found = await Monitor(clock, (Check("a", breaks),)).readiness()

    assert not found.ready
    assert "hunter2" not in str(found.as_json())


async def test_the_answer_is_kept_for_a_second(clock: ManualClock) -> None:
    asked = 0

    async def counting() -> Health:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0)
        return Health(ok=True, message=FINE)

    monitor = Monitor(clock, (Check("a", counting),))
    await asyncio.gather(*(monitor.readiness() for _ in range(10)))
    assert asked == 1
    clock.advance(seconds=1.1)
    await monitor.readiness()
    assert asked == 2


async def test_counters_that_are_gone_are_said_in_both_languages(clock: ManualClock) -> None:
    async def gone() -> object:
        raise CountersUnavailable

    found = await Monitor(clock, (counters_check(gone, clock),)).readiness()  # type: ignore[arg-type]

    assert found.ready
    shown = found.as_json()["checks"]["counters"]
    assert shown["ok"] is False
    assert shown["message"]["zh"]


async def test_a_loop_that_stands_still_is_down(clock: ManualClock) -> None:
    last: float | None = None
    beat = heartbeat_check("releaser", lambda: last, clock, 2.0)

    assert not (await beat.run()).ok
    last = clock.monotonic()
    assert (await beat.run()).ok
    clock.advance(seconds=3)
    assert not (await beat.run()).ok


async def test_what_waits_too_long_is_a_lag(clock: ManualClock) -> None:
    oldest: float | None = None

    async def find() -> float | None:
        return oldest

    lag = lag_check("ledger", find, clock, 5.0)

    assert (await lag.run()).ok
    oldest = clock.now().timestamp()
    clock.advance(timedelta(seconds=6))
    assert not (await lag.run()).ok


async def test_a_value_that_is_missing_says_what_is_missing() -> None:
    async def nothing() -> str | None:
        return None

    found = await value_check("policy", nothing, Words("无策略", "no policy")).run()

    assert (found.ok, found.message.en) == (False, "no policy")
