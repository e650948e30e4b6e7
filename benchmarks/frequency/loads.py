"""What both sides are given: six caps, recipients, batches of one bucket each, and their turns."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import datetime
from typing import Final, TypeAlias

from app.domain.policy import Calendar, CalendarUnit, Cap, Per
from app.frequency import keys
from app.frequency.blocks import Counters
from app.frequency.cap_window import CapWindow
from app.frequency.store import LARGEST_BATCH, Turn
from app.frequency.windows import Scope, open_windows

SURFACE: Final = "srf_bench"
ZONE: Final = "Asia/Shanghai"
CALLS_AT_ONCE: Final = 16
SCOPE: Final = Scope("prv_bench", "news", "weather", SURFACE)
DAY: Final = Calendar(CalendarUnit.DAY)
CAPS: Final = (
    Cap("day", 1000, DAY),
    Cap("week", 2000, Calendar(CalendarUnit.WEEK)),
    Cap("month", 5000, Calendar(CalendarUnit.MONTH)),
    Cap("provider", 900, DAY, per=(Per.RECIPIENT, Per.PROVIDER)),
    Cap("topic", 800, DAY, per=(Per.RECIPIENT, Per.TOPIC)),
    Cap("kind", 700, DAY, per=(Per.RECIPIENT, Per.KIND)),
)
"""Six calendar caps that nobody is full of: whoever has room is written, which costs most."""

Batch: TypeAlias = tuple[int, tuple[str, ...]]


def names(number: int) -> Iterator[str]:
    """Yield so many recipients as the ledger writes them."""
    return (keys.qualified(SURFACE, f"r_{one:08}") for one in range(number))


def streamed(recipients: Iterable[str]) -> Iterator[Batch]:
    """Yield full batches as they come together; never holds more than one a bucket."""
    waiting: defaultdict[int, list[str]] = defaultdict(list)
    for recipient in recipients:
        bucket = keys.bucket_of(recipient)
        members = waiting[bucket]
        members.append(recipient)
        if len(members) == LARGEST_BATCH:
            yield bucket, tuple(waiting.pop(bucket))
    for bucket, members in waiting.items():
        yield bucket, tuple(members)


def windows(now: datetime) -> tuple[CapWindow, ...]:
    """Return the six caps in the windows that are open now."""
    return open_windows(CAPS, now, ZONE, SCOPE)


class Turns:
    """The numbers of buckets, counted here where no database is part of what is measured."""

    def __init__(self) -> None:
        self.locks: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.numbers: dict[int, int] = {}

    def next(self, bucket: int) -> Turn:
        """Return the turn of a bucket's next call."""
        number = self.numbers.setdefault(bucket, 0)
        return Turn(bucket, "led_bench", number, number + 1)

    async def open(self, store: Counters) -> None:
        """Open every bucket, as its first use does."""
        for bucket in range(keys.BUCKETS + keys.BLOCK_BUCKETS):
            restore = store.restore if bucket < keys.BUCKETS else store.restore_blocks
            await restore(self.next(bucket), {})
            self.numbers[bucket] += 1


async def at_once(
    batches: Iterable[Batch],
    call: Callable[[str, Batch], Awaitable[None]],
    most: int = CALLS_AT_ONCE,
) -> None:
    """Do the call for every batch, so many at once; a batch is made when its call begins."""
    room = asyncio.Semaphore(most)
    going: set[asyncio.Task[None]] = set()

    async def one(name: str, batch: Batch) -> None:
        try:
            await call(name, batch)
        finally:
            room.release()

    def ended(task: asyncio.Task[None]) -> None:
        going.discard(task)
        if not task.cancelled() and task.exception() is not None:
            failed.append(task.exception())

    failed: list[BaseException | None] = []
    for number, batch in enumerate(batches):
        await room.acquire()
        if failed:
            break
        task = asyncio.create_task(one(f"obx_{number}", batch))
        going.add(task)
        task.add_done_callback(ended)
    await asyncio.gather(*going, return_exceptions=True)
    if failed and failed[0] is not None:
        raise failed[0]
