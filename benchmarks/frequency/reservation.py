"""The reservation alone, as a ratio to bare INCR with expiry on the same servers.

Both sides send batches of 250 recipients of one bucket, so many calls at once, to servers that
sync every write. The baseline is one script a batch that does INCR and, on the first hit, EXPIRE
on one counter a recipient: no caps, no memory of reservations, no answer but the counts.
"""

import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, cast

from redis.asyncio import Redis, RedisCluster

from app.clock import SystemClock
from app.frequency import keys
from app.frequency.store import Group, Reservation, Reserved
from benchmarks.frequency.loads import Batch, Turns, at_once, names, streamed, windows
from benchmarks.frequency.servers import Servers

ROUNDS: Final = 3
BASELINE: Final = """
for i = 1, #KEYS do
  if redis.call('INCR', KEYS[i]) == 1 then redis.call('EXPIRE', KEYS[i], ARGV[1]) end
end
return #KEYS
"""


@dataclass(frozen=True, slots=True)
class Speed:
    """Recipients per second, the 99th percentile of calls in ms, the servers' work a batch."""

    per_second: float
    p99_ms: float
    server_ms: float


@dataclass(frozen=True, slots=True)
class Reservations:
    """Both sides' rounds, and how long calls of the reservation blocked a server."""

    bare: tuple[Speed, ...]
    ours: tuple[Speed, ...]
    slow_ms: tuple[float, ...]
    calls: int
    sync_ms: int

    @property
    def ratio(self) -> float:
        """Ours to bare by the clock, the median of the rounds."""
        pairs = zip(self.ours, self.bare, strict=True)
        return statistics.median(ours.per_second / bare.per_second for ours, bare in pairs)

    @property
    def work_ratio(self) -> float:
        """Bare to ours by the servers' time on a CPU, which other programs disturb less."""
        pairs = zip(self.ours, self.bare, strict=True)
        return statistics.median(bare.server_ms / ours.server_ms for ours, bare in pairs)

    @property
    def per_second(self) -> float:
        """Recipients per second that are reserved, the median of the rounds."""
        return statistics.median(one.per_second for one in self.ours)


class _Sides:
    def __init__(self, at: Servers) -> None:
        kind = RedisCluster if at.is_cluster else Redis
        self.client = cast("Any", kind).from_url(at.url)
        self.store = at.store()
        self.clock = SystemClock()
        self.turns = Turns()
        self.sha = ""

    async def begin(self, at: Servers) -> None:
        for port in at.ports:
            one = cast("Any", Redis(port=port))
            self.sha = await one.script_load(BASELINE)
            await one.aclose()
        await self.turns.open(self.store)
        # A cluster's client must know all nodes before it is asked for many things at once.
        for bucket in range(keys.BUCKETS):
            await self.client.evalsha(self.sha, 1, f"base:{{{bucket}}}warm", 86_400)

    async def bare(self, _: str, batch: Batch) -> None:
        bucket, members = batch
        counters = [f"base:{{{bucket}}}{keys.place(member)[1][-16:]}" for member in members]
        await self.client.evalsha(self.sha, len(counters), *counters, 86_400)

    async def reserve(self, name: str, batch: Batch) -> None:
        bucket, members = batch
        now = self.clock.now()
        ask = Reservation(
            name, bucket, (Group(members, windows(now)),), now + timedelta(minutes=10)
        )
        async with self.turns.locks[bucket]:
            outcome = await self.store.reserve(ask, self.turns.next(bucket))
            self.turns.numbers[bucket] += 1
        if not isinstance(outcome, Reserved) or outcome.granted != members:
            raise RuntimeError("the benchmark's recipients should all have room")

    async def aclose(self) -> None:
        await self.client.aclose()
        await self.store.aclose()


async def measure_reservations(at: Servers, recipients: int) -> Reservations:
    """Let both sides take turns over the same recipients."""
    at.flush()
    sides = _Sides(at)
    await sides.begin(at)
    bare, ours, slow, sync = list[Speed](), list[Speed](), list[float](), 0
    for number in range(ROUNDS):
        bare.append(await _timed(at, recipients, f"bare{number}", sides.bare))
        at.forget_slow()
        ours.append(await _timed(at, recipients, f"rsv{number}", sides.reserve))
        slow += at.slow_ms()
        sync = max(sync, at.longest_sync_ms())
    await sides.aclose()
    calls = ROUNDS * sum(1 for _ in streamed(names(recipients)))
    return Reservations(tuple(bare), tuple(ours), tuple(slow), calls, sync)


async def _timed(
    at: Servers, recipients: int, prefix: str, call: Callable[[str, Batch], Awaitable[None]]
) -> Speed:
    lengths: list[float] = []

    async def one(name: str, batch: Batch) -> None:
        before = time.perf_counter()
        await call(f"{prefix}_{name}", batch)
        lengths.append((time.perf_counter() - before) * 1000)

    worked, before = at.cpu_seconds(), time.perf_counter()
    await at_once(streamed(names(recipients)), one)
    seconds = time.perf_counter() - before
    worked = at.cpu_seconds() - worked
    p99 = statistics.quantiles(lengths, n=100)[98]
    return Speed(recipients / seconds, p99, worked / len(lengths) * 1000)
