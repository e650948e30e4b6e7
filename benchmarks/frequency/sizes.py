"""What an active recipient takes in the counters' memory, and how fast blocks are taken."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from redis.asyncio import Redis, RedisCluster

from app.clock import SystemClock
from app.domain.policy import Cap, Per
from app.frequency import keys
from app.frequency.blocks import Block, Taken
from app.frequency.cap_window import CapWindow
from app.frequency.store import LARGEST_BATCH, Group, Reservation
from app.frequency.windows import open_windows
from benchmarks.frequency.loads import (
    DAY,
    SCOPE,
    ZONE,
    Batch,
    Turns,
    at_once,
    names,
    streamed,
    windows,
)
from benchmarks.frequency.servers import Servers

REMEMBERED: Final = 2
_ENOUGH: Final = 4_000_000_000
SHARED: Final = (
    Cap("surface", _ENOUGH, DAY, per=(Per.SURFACE,)),
    Cap("provider", _ENOUGH, DAY, per=(Per.PROVIDER,)),
    Cap("topic", _ENOUGH, DAY, per=(Per.TOPIC,)),
)
BARE: Final = """
for i = 1, #KEYS do
  if redis.call('INCRBY', KEYS[i], ARGV[1]) == tonumber(ARGV[1]) then
    redis.call('EXPIRE', KEYS[i], ARGV[2])
  end
end
return #KEYS
"""


@dataclass(frozen=True, slots=True)
class BlockSpeed:
    """Blocks of 250 under three caps per second, ours and bare INCRBY with expiry."""

    ours: float
    bare: float


async def bytes_each(at: Servers, recipients: int) -> float:
    """Return the bytes of a recipient with six calendar caps and two remembered reservations.

    All that the servers hold for it counts: the key, its expiry, the tables' share, and what each
    reservation remembers of its answer.
    """
    at.flush()
    store, turns, clock = at.store(), Turns(), SystemClock()
    await turns.open(store)

    async def reserve(name: str, batch: Batch) -> None:
        bucket, members = batch
        now = clock.now()
        async with turns.locks[bucket]:
            for number in range(REMEMBERED):
                groups, until = (Group(members, windows(now)),), now + timedelta(hours=1)
                asked = Reservation(f"{number}_{name}", bucket, groups, until)
                await store.reserve(asked, turns.next(bucket))
                turns.numbers[bucket] += 1

    before = at.memory()
    await at_once(streamed(names(recipients)), reserve)
    taken = at.memory() - before
    await store.aclose()
    return taken / recipients


async def measure_blocks(at: Servers, number: int) -> BlockSpeed:
    """Take and start blocks of 250 under three caps of all recipients, one after the other.

    The baseline adds 250 to three counters, with a bare script for each.
    """
    at.flush()
    ours = await _ours(at, number)
    kind = RedisCluster if at.is_cluster else Redis
    client = cast("Any", kind).from_url(at.url)
    counters = [f"base:{{{one}}}{cap.id}" for one, cap in enumerate(SHARED)]
    before = time.perf_counter()
    for _ in range(number):
        for counter in counters:
            await client.eval(BARE, 1, counter, LARGEST_BATCH, 86_400)
    bare = number / (time.perf_counter() - before)
    await client.aclose()
    return BlockSpeed(ours, bare)


async def _ours(at: Servers, number: int) -> float:
    store, turns, clock = at.store(), Turns(), SystemClock()
    await turns.open(store)
    before = time.perf_counter()
    for one in range(number):
        now = clock.now()
        for bucket, caps in _by_bucket(now).items():
            block = Block(f"blk_{one}", bucket, caps, LARGEST_BATCH, now + timedelta(minutes=10))
            taken = await store.reserve_block(block, turns.next(bucket))
            turns.numbers[bucket] += 1
            if not isinstance(taken, Taken) or taken.granted != LARGEST_BATCH:
                raise RuntimeError("the benchmark's caps should all have room")
            await store.start_block(block.id, block.records, LARGEST_BATCH)
    seconds = time.perf_counter() - before
    await store.aclose()
    return number / seconds


def _by_bucket(now: datetime) -> dict[int, tuple[CapWindow, ...]]:
    found: dict[int, tuple[CapWindow, ...]] = {}
    for cap in open_windows(SHARED, now, ZONE, SCOPE):
        bucket, _ = keys.block_place(cap.cap_id, cap.subject or "")
        found[bucket] = (*found.get(bucket, ()), cap)
    return found
