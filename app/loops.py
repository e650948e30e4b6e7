"""The work that a process does by itself: loops that are watched and started again.

Whoever has such work takes it in turns (`in_turns`); `Loops` runs that under its eyes.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import structlog

from app import metrics
from app.errors import CannotJudge

PAUSE_SECONDS: Final = 1.0
"""How long a loop that died rests before it is started again."""

_log = structlog.get_logger("popgate.loops")


@dataclass(frozen=True, slots=True)
class Beat:
    """How a loop shows that it gets on: monotonic time of its last good turn, at most so old."""

    last_good: Callable[[], float | None]
    limit: float


@dataclass(frozen=True, slots=True)
class Loop:
    """Work that goes on until its event is set; without a `beat` nobody waits for it."""

    name: str
    run: Callable[[asyncio.Event], Awaitable[None]]
    beat: Beat | None = None


class Loops:
    """The loops of one process."""

    def __init__(self) -> None:
        """Run nothing yet."""
        self._tasks: list[tuple[asyncio.Task[None], asyncio.Event]] = []
        self.beats: dict[str, Beat] = {}

    def start(self, loop: Loop, stop: asyncio.Event) -> None:
        """Run a loop until `stop`; whatever it dies of is logged, counted and outlived."""
        if loop.beat is not None:
            self.beats[loop.name] = loop.beat
        task = asyncio.create_task(_kept_alive(loop, stop), name=loop.name)
        self._tasks.append((task, stop))

    async def ended(self) -> None:
        """Wait for the loops whose event is set."""
        ending = [task for task, stop in self._tasks if stop.is_set()]
        await asyncio.gather(*ending, return_exceptions=True)


async def in_turns(
    name: str,
    turn: Callable[[], Awaitable[int]],
    stop: asyncio.Event,
    pause: Callable[[int], float],
) -> None:
    """Take turns until `stop`; an outage makes them wait, any other fault is logged and outlived.

    `pause` gives the seconds to rest after a turn that did so much; one that failed did nothing.
    """
    while not stop.is_set():
        done = 0
        try:
            done = await turn()
        except CannotJudge as error:
            _log.warning("loop_waits", loop=name, code=error.code)
        except Exception:  # noqa: BLE001 - what a turn dies of must not end those after it
            _log.exception("turn_failed", loop=name)
        seconds = pause(done)
        if seconds > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), seconds)


def when_idle(seconds: float) -> Callable[[int], float]:
    """Return a pause for `in_turns`: none after a turn that did something."""
    return lambda done: 0.0 if done else seconds


async def _kept_alive(loop: Loop, stop: asyncio.Event) -> None:
    while True:
        error: Exception | None = None
        try:
            await loop.run(stop)
        except Exception as fault:  # noqa: BLE001 - a loop that is gone is worse than any fault
            error = fault
        if stop.is_set() and error is None:
            return
        _log.error("loop_died", loop=loop.name, exc_info=error)
        metrics.loop_died(loop.name)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), PAUSE_SECONDS)
        if stop.is_set():
            return
