"""The work that a process does by itself: loops that are watched and started again."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import structlog

from app import metrics

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
