"""A loop that dies is seen, counted and started again; one that stands still is seen as well."""

import asyncio
import io
import json
from collections.abc import Iterator

import pytest
import structlog

from app import loops, metrics
from app.errors import CountersUnavailable
from app.loops import Beat, Loop, Loops, in_turns, when_idle


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the loops log; the pause between two lives is short."""
    out = io.StringIO()
    monkeypatch.setattr(loops, "PAUSE_SECONDS", 0.001)
    structlog.configure(
        processors=[structlog.processors.JSONRenderer(default=str)],
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    yield out
    structlog.reset_defaults()


def deaths(name: str) -> float:
    return metrics.REGISTRY.get_sample_value("popgate_loop_deaths_total", {"loop": name}) or 0.0


async def test_a_loop_that_dies_is_logged_counted_and_started_again(written: io.StringIO) -> None:
    lives = 0
    going_on = asyncio.Event()

    async def dies_twice(stop: asyncio.Event) -> None:
        nonlocal lives
        lives += 1
        if lives < 3:
            raise ZeroDivisionError
        going_on.set()
        await stop.wait()

    running, stop, before = Loops(), asyncio.Event(), deaths("dies_twice")
    running.start(Loop("dies_twice", dies_twice), stop)
    await asyncio.wait_for(going_on.wait(), 5)
    stop.set()
    await running.ended()

    assert lives == 3
    assert deaths("dies_twice") - before == 2
    events = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [event["event"] for event in events] == ["loop_died", "loop_died"]
    assert events[0]["loop"] == "dies_twice"


async def test_a_loop_that_ends_before_its_time_has_died_too(written: io.StringIO) -> None:
    ends = 0

    async def ends_early(stop: asyncio.Event) -> None:
        nonlocal ends
        ends += 1
        if ends == 2:
            stop.set()

    running, stop = Loops(), asyncio.Event()
    running.start(Loop("ends_early", ends_early), stop)
    await asyncio.wait_for(stop.wait(), 5)
    await running.ended()

    assert ends == 2
    assert written.getvalue().count("loop_died") == 1


async def test_a_loop_that_dies_while_it_ends_ends(written: io.StringIO) -> None:
    async def dies_at_the_end(stop: asyncio.Event) -> None:
        await stop.wait()
        raise ZeroDivisionError

    running, stop = Loops(), asyncio.Event()
    running.start(Loop("dies_at_the_end", dies_at_the_end), stop)
    await asyncio.sleep(0)
    stop.set()
    await asyncio.wait_for(running.ended(), 5)

    assert "loop_died" in written.getvalue()


async def test_only_what_is_told_to_end_is_waited_for() -> None:
    first, last = asyncio.Event(), asyncio.Event()
    order: list[str] = []

    def noting(name: str) -> Loop:
        async def run(stop: asyncio.Event) -> None:
            await stop.wait()
            order.append(name)

        return Loop(name, run, Beat(lambda: None, 1.0))

    running = Loops()
    running.start(noting("work"), first)
    running.start(noting("seal"), last)
    first.set()
    await running.ended()
    assert order == ["work"]
    assert set(running.beats) == {"work", "seal"}
    last.set()
    await running.ended()
    assert order == ["work", "seal"]


async def test_turns_go_on_after_an_outage_and_after_a_fault(written: io.StringIO) -> None:
    stop = asyncio.Event()
    answers: list[int | Exception] = [2, CountersUnavailable(), ZeroDivisionError(), 1, 0]
    rests: list[int] = []

    async def turn() -> int:
        answer = answers.pop(0)
        if not answers:
            stop.set()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def pause(done: int) -> float:
        rests.append(done)
        return when_idle(0.001)(done)

    await asyncio.wait_for(in_turns("worker", turn, stop, pause), 5)
    # What failed did nothing, so that it is followed by a rest.
    assert rests == [2, 0, 0, 1, 0]
    told = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [(one["event"], one["loop"]) for one in told] == [
        ("loop_waits", "worker"),
        ("turn_failed", "worker"),
    ]
    assert told[0]["code"] == "counters_unavailable"


async def test_a_loop_that_rests_ends_as_soon_as_it_is_told_to() -> None:
    stop = asyncio.Event()

    async def nothing() -> int:
        return 0

    resting = asyncio.create_task(in_turns("worker", nothing, stop, when_idle(60)))
    await asyncio.sleep(0.01)
    stop.set()
    await asyncio.wait_for(resting, 1)


def test_only_a_turn_that_did_nothing_is_followed_by_a_rest() -> None:
    assert [when_idle(0.5)(done) for done in (0, 1, 40)] == [0.5, 0.0, 0.0]
