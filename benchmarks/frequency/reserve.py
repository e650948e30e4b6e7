"""How fast slots are reserved, as a ratio to bare INCR with expiry on the same server.

    python -m benchmarks.frequency.reserve [--recipients 50000] [--caps 6] [--rolling 0]

Of the caps `--rolling` many are rolling spans of a day, the others calendar days. Each bucket's
numbers are counted here instead of in a database, which is measured with the dispatcher.

Both sides send batches of 250 recipients of one bucket, so many calls at once, to a Valkey that
syncs every write. The baseline is one script a batch that does INCR and, on the first hit, EXPIRE
on one counter a recipient: no caps, no memory of reservations, no answer but the counts.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from redis.asyncio import Redis

from app.clock import SystemClock
from app.domain.policy import A_DAY, Cap, Rolling
from app.frequency import keys
from app.frequency.embedded import EmbeddedValkey
from app.frequency.redis_store import connect
from app.frequency.store import Group, Reservation, Reserved, Turn
from app.frequency.windows import Scope, open_windows

CALLS_AT_ONCE = 8
ROUNDS = 3
SCOPE = Scope("prv_bench", "news", None)
BASELINE = """
for i = 1, #KEYS do
  if redis.call('INCR', KEYS[i]) == 1 then redis.call('EXPIRE', KEYS[i], ARGV[1]) end
end
return #KEYS
"""
Batch = tuple[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Speed:
    """Recipients per second, the slow end of the calls in ms, the server's work in ms a batch."""

    per_second: float
    p99_ms: float
    server_ms: float


class Bench:
    """Both sides over the same batches on the same server."""

    def __init__(self, url: str, recipients: int, number_of_caps: int, rolling: int) -> None:
        clock = SystemClock()
        names = (keys.qualified("srf_bench", f"r{number}") for number in range(recipients))
        self.batches: list[Batch] = list(keys.batches(names))
        self.clock = clock
        self.caps = tuple(
            Cap(f"cap{number}", 100, Rolling(86_400 + number) if number < rolling else A_DAY)
            for number in range(number_of_caps)
        )
        self.numbers: dict[int, int] = {}
        self.turns: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.store = connect(url, clock, timeout=10)
        self.client = cast("Any", Redis.from_url(url))
        self.baseline = self.client.register_script(BASELINE)

    async def bare(self, _: str, batch: Batch) -> None:
        """Count one hit on one counter a recipient."""
        bucket, members = batch
        names = [f"base:{{{bucket}}}{keys.place(member)[1][-16:]}" for member in members]
        await self.baseline(keys=names, args=[86_400])

    async def reserve(self, name: str, batch: Batch) -> None:
        """Reserve a slot under all caps for every recipient."""
        bucket, members = batch
        now = self.clock.now()
        caps = open_windows(self.caps, now, "Asia/Shanghai", SCOPE)
        ask = Reservation(name, bucket, (Group(members, caps),), now + timedelta(minutes=10))
        async with self.turns[bucket]:
            outcome = await self.store.reserve(ask, self.turn(bucket))
            self.numbers[bucket] += 1
        if not isinstance(outcome, Reserved) or outcome.granted != members:
            raise RuntimeError("the benchmark's recipients should all have room")

    def turn(self, bucket: int) -> Turn:
        """Return the turn of a bucket's next call."""
        number = self.numbers.setdefault(bucket, 0)
        return Turn(bucket, "led_bench", number, number + 1)

    async def open(self) -> None:
        """Open every bucket, as its first use does."""
        for bucket in sorted({bucket for bucket, _ in self.batches}):
            await self.store.restore(self.turn(bucket), {})
            self.numbers[bucket] += 1

    async def timed(self, turn: int, call: Callable[[str, Batch], Awaitable[None]]) -> Speed:
        """Send all batches, so many at once."""
        room = asyncio.Semaphore(CALLS_AT_ONCE)
        lengths: list[float] = []

        async def one(number: int, batch: Batch) -> None:
            async with room:
                before = time.perf_counter()
                await call(f"obx_{turn}_{number}", batch)
                lengths.append((time.perf_counter() - before) * 1000)

        worked, before = await self._server_seconds(), time.perf_counter()
        await asyncio.gather(*(one(number, batch) for number, batch in enumerate(self.batches)))
        seconds = time.perf_counter() - before
        worked = await self._server_seconds() - worked
        recipients = sum(len(members) for _, members in self.batches)
        p99 = statistics.quantiles(lengths, n=100)[98]
        return Speed(recipients / seconds, p99, worked / len(self.batches) * 1000)

    async def memory(self) -> int:
        """Return the bytes that one recipient's record takes in the server."""
        name = keys.place(self.batches[0][1][0])[1]
        return int(await self.client.memory_usage(name))

    async def aclose(self) -> None:
        """Close both sides' connections."""
        await self.client.aclose()
        await self.store.aclose()

    async def _server_seconds(self) -> float:
        used = await self.client.info("cpu")
        return float(used["used_cpu_user"] + used["used_cpu_sys"])


async def measure(url: str, recipients: int, number_of_caps: int, rolling: int) -> None:
    """Print both speeds, their ratios and the memory of a record."""
    bench = Bench(url, recipients, number_of_caps, rolling)
    await bench.open()
    for turn in range(1, ROUNDS + 1):
        bare = await bench.timed(turn, bench.bare)
        ours = await bench.timed(turn, bench.reserve)
        for name, speed in (("bare INCR", bare), (f"reserve {number_of_caps} caps", ours)):
            print(
                f"round {turn}, {name}: {speed.per_second:,.0f} recipients/s, "
                f"p99 {speed.p99_ms:.1f} ms, server {speed.server_ms:.2f} ms a batch"
            )
        print(
            f"round {turn}, ratio {ours.per_second / bare.per_second:.2f} by the clock, "
            f"{bare.server_ms / ours.server_ms:.2f} by the server's work; "
            f"a record with {turn} open slots takes {await bench.memory()} bytes"
        )
    await bench.aclose()


def main() -> None:
    """Start a server in a temporary folder, measure, stop it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipients", type=int, default=50_000)
    parser.add_argument("--caps", type=int, default=6)
    parser.add_argument("--rolling", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedValkey(Path(folder))
        server.start()
        try:
            asyncio.run(
                measure(server.url, arguments.recipients, arguments.caps, arguments.rolling)
            )
        finally:
            server.stop()


if __name__ == "__main__":
    main()
