"""How long a batch waits for those before it, which other processes may have under way."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from app.frequency.store import BucketClosed, Closed

T = TypeVar("T")

SHORTEST: Final = 1.0
LONGEST: Final = 4.0
SOON_SECONDS: Final = 0.01
_EASES: Final = 0.8


class Patience:
    """Seconds by bucket, longer where a bucket was counted again because others seemed gone.

    Whether a process has died with a number in hand or is only slow shows by waiting alone.
    Counting again takes away what everybody else has under way in the bucket, so that on a machine
    that is too busy nobody would ever finish; with every answer in time the wait gets shorter.
    """

    def __init__(self) -> None:
        """Begin with the shortest wait everywhere."""
        self._seconds: dict[int, float] = {}

    def of(self, bucket: int) -> float:
        """Return how many seconds to wait in a bucket."""
        return self._seconds.get(bucket, SHORTEST)

    def was_short(self, bucket: int) -> None:
        """Wait twice as long the next time."""
        self._seconds[bucket] = min(2 * self.of(bucket), LONGEST)

    def was_enough(self, bucket: int) -> None:
        """Wait a little less long the next time."""
        self._seconds[bucket] = max(_EASES * self.of(bucket), SHORTEST)


async def patiently(call: Callable[[], Awaitable[T]], seconds: float) -> T:
    """Call again for so long while the batches before this one have not all been there."""
    clock = asyncio.get_running_loop()
    until = clock.time() + seconds
    while True:
        try:
            return await call()
        except BucketClosed as closed:
            if closed.why is not Closed.BEHIND or clock.time() >= until:
                raise
        await asyncio.sleep(SOON_SECONDS)
