"""What every frequency store does when its server dies, hangs, or cannot be trusted."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import pytest

from app.errors import CountersUnavailable
from app.frequency import keys
from app.frequency.embedded import EmbeddedValkey
from app.frequency.redis_store import connect
from app.frequency.store import Full, Reservation, Reserved
from tests.fixtures.clock import ManualClock
from tests.fixtures.frequency import KINDS, Counting, InTurn, members
from tests.fixtures.valkey import ClusterValkey, TcpValkey, new_cluster, plain_client

(ANA,) = members(7, 1)


class Server(Protocol):
    """A server, or all of a cluster, that can crash and come back over the same data."""

    @property
    def url(self) -> str: ...
    def crash(self) -> None: ...
    def come_back(self) -> None: ...
    def stop(self) -> None: ...


@dataclass
class CrashingEmbedded:
    server: EmbeddedValkey

    @property
    def url(self) -> str:
        return self.server.url

    def crash(self) -> None:
        assert self.server.pid is not None
        os.kill(self.server.pid, signal.SIGKILL)
        while self.server.pid is not None:
            time.sleep(0.01)

    def come_back(self) -> None:
        self.server.start()

    def stop(self) -> None:
        self.server.stop()


@dataclass
class CrashingByAddress:
    server: TcpValkey | ClusterValkey

    @property
    def url(self) -> str:
        return self.server.url

    def crash(self) -> None:
        self.server.kill()

    def come_back(self) -> None:
        self.server.start()

    def stop(self) -> None:
        self.server.stop()


def new_server(kind: str, folder: Path) -> Server:
    if kind == "embedded":
        embedded = EmbeddedValkey(folder)
        embedded.start()
        return CrashingEmbedded(embedded)
    server = TcpValkey(folder) if kind == "address" else new_cluster(folder)
    server.start()
    return CrashingByAddress(server)


@pytest.fixture(params=KINDS)
async def crashing(
    request: pytest.FixtureRequest, clock: ManualClock, tmp_path: Path
) -> AsyncIterator[tuple[Counting, Server]]:
    server = new_server(str(request.param), tmp_path)
    store = connect(server.url, clock, cluster=request.param == "cluster", timeout=3)
    yield Counting(store, clock), server
    await store.aclose()
    server.stop()


async def test_while_the_server_is_gone_nothing_is_granted_and_then_it_goes_on_by_itself(
    crashing: tuple[Counting, Server],
) -> None:
    counting, server = crashing
    cap = counting.day("daily", 2)
    await asyncio.gather(
        *(
            counting.store.reserve(counting.ask(f"w{n}", (ANA,), counting.day("warm", 9)))
            for n in range(9)
        )
    )
    ask = counting.ask("r1", (ANA,), cap)
    assert await counting.store.reserve(ask) == Reserved((ANA,), ())
    server.crash()
    lost = counting.ask("r2", (ANA,), cap)
    with pytest.raises(CountersUnavailable) as caught:
        await counting.store.reserve(lost)
    assert caught.value.retry_after is not None
    with pytest.raises(CountersUnavailable):
        await counting.store.start("r1", [ANA])
    with pytest.raises(CountersUnavailable):
        await counting.store.server_time()
    server.come_back()
    assert await counting.store.reserve(ask) == Reserved((ANA,), ())
    assert await counting.store.reserve(lost) == Reserved((ANA,), ())
    outcome = await counting.store.reserve(counting.ask("r3", (ANA,), cap))
    assert outcome == Reserved((), (Full(ANA, "daily", 2, 2, cap.ends_at),))


T = TypeVar("T")


async def insist(call: Callable[[], Awaitable[T]]) -> T:
    """Call again after every outage, as a dispatcher does."""
    while True:
        try:
            return await call()
        except CountersUnavailable:
            await asyncio.sleep(0.02)


async def send(store: InTurn, ask: Reservation, workers: asyncio.Semaphore) -> int:
    """Reserve, start and commit; return how many were started."""
    async with workers:
        outcome = await insist(lambda: store.reserve(ask))
        assert isinstance(outcome, Reserved)
        started = await insist(lambda: store.start(ask.id, outcome.granted))
        await insist(lambda: store.commit(ask.id, list(started)))
        return len(started)


async def kill_while_busy(server: EmbeddedValkey, work: Sequence[asyncio.Task[int]]) -> int:
    """Kill -9 the server whenever another tenth of the work is done; return how often."""
    kills = 0
    while not all(task.done() for task in work):
        await asyncio.sleep(0)
        done = sum(task.done() for task in work)
        if done * 10 >= (kills + 1) * len(work) and server.pid is not None:
            os.kill(server.pid, signal.SIGKILL)
            kills += 1
    return kills


async def test_promise_3_caps_hold_while_the_server_is_killed_again_and_again(
    clock: ManualClock, tmp_path: Path
) -> None:
    server = EmbeddedValkey(tmp_path)
    server.start()
    counting = Counting(connect(server.url, clock), clock)
    watching = asyncio.create_task(server.supervise(interval=0.02))
    cap = counting.day("daily", 7)
    batch = members(7, 30)
    asks = [counting.ask(f"att_{number}", batch, cap, seconds=3600) for number in range(64)]
    workers = asyncio.Semaphore(8)
    work = [asyncio.create_task(send(counting.store, ask, workers)) for ask in asks]
    kills = await kill_while_busy(server, work)
    assert kills >= 3
    assert sum([await task for task in work]) == 7 * len(batch)
    uses = await insist(lambda: counting.store.use(batch, [cap]))
    assert {use.used for found in uses.values() for use in found} == {7}
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    await counting.store.aclose()
    server.stop()


async def test_a_server_that_hangs_costs_a_time_out_and_no_second_slot(
    clock: ManualClock, tmp_path: Path
) -> None:
    server = EmbeddedValkey(tmp_path)
    server.start()
    assert server.pid is not None
    store = connect(server.url, clock, timeout=1)
    counting = Counting(store, clock)
    cap = counting.day("daily", 5)
    await counting.store.open(7)
    os.kill(server.pid, signal.SIGSTOP)
    before = time.monotonic()
    ask = counting.ask("r1", (ANA,), cap)
    with pytest.raises(CountersUnavailable):
        await counting.store.reserve(ask)
    assert time.monotonic() - before < 5
    os.kill(server.pid, signal.SIGCONT)
    assert await counting.store.reserve(ask) == Reserved((ANA,), ())
    assert await counting.used(ANA, cap) == (1,)
    await store.aclose()
    server.stop()


async def test_a_server_that_evicts_counters_is_refused(
    clock: ManualClock, valkey_url: str
) -> None:
    store = connect(valkey_url, clock, timeout=10)
    counting = Counting(store, clock)
    with plain_client(valkey_url) as client:
        client.config_set("maxmemory", "100mb")
        client.config_set("maxmemory-policy", "allkeys-lru")
        try:
            with pytest.raises(CountersUnavailable, match="noeviction"):
                await counting.store.reserve(counting.ask("r1", (ANA,), counting.day("daily", 1)))
        finally:
            client.config_set("maxmemory-policy", "noeviction")
            client.config_set("maxmemory", "0")
    await store.aclose()


async def test_counters_laid_out_by_another_version_are_refused(counting: Counting) -> None:
    await counting.client.set(keys.LEDGER_KEY, "layout=9 buckets=1")
    with pytest.raises(CountersUnavailable, match="laid out"):
        await counting.store.reserve(counting.ask("r1", (ANA,), counting.day("daily", 1)))


async def test_a_damaged_record_grants_nothing_and_changes_nothing(counting: Counting) -> None:
    ben = members(7, 2)[1]
    cap = counting.day("daily", 5)
    name = keys.place(ben)[1]
    await counting.client.set(name, b"\x09garbage")
    with pytest.raises(CountersUnavailable):
        await counting.store.reserve(counting.ask("r1", (ANA, ben), cap))
    await counting.client.delete(name)
    assert await counting.used(ANA, cap) == (0,)


async def test_scripts_that_the_server_forgot_are_sent_again(counting: Counting) -> None:
    cap = counting.day("daily", 5)
    await counting.store.reserve(counting.ask("r1", (ANA,), cap))
    await counting.client.script_flush()
    assert await counting.store.reserve(counting.ask("r2", (ANA,), cap)) == Reserved((ANA,), ())


async def test_nobody_listening_is_an_outage_and_not_a_crash(clock: ManualClock) -> None:
    for url in ("redis://127.0.0.1:1/0", "unix:///nowhere/valkey.sock"):
        counting = Counting(connect(url, clock), clock)
        with pytest.raises(CountersUnavailable):
            await counting.store.reserve(counting.ask("r1", (ANA,), counting.day("daily", 1)))
        await counting.store.aclose()
