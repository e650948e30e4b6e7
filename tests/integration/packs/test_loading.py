"""Workers load a pack before it comes into force, and never decide on the one before after it."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import update

from app.bootstrap import Part
from app.db.session import Tx
from app.db.versions import VersionsStale
from app.errors import Conflict
from app.packs.content import PackContent
from app.packs.loading import PackBroken, PackLoader, PackNotLoaded
from app.packs.models import rule_pack_items
from app.running import running
from app.screening.screener import Screener
from tests.fixtures.clock import ManualClock
from tests.fixtures.gate import Gate, MakeGate
from tests.fixtures.packs import SECOND, WRITER, published, small_screener, staged, term
from tests.fixtures.screening import TODAY


@pytest.fixture(scope="module")
def shipped_screener() -> Screener:
    """Stands for the shipped lists, which take longer to compile."""
    return small_screener()


@contextlib.asynccontextmanager
async def alive(*gates: Gate) -> AsyncIterator[None]:
    """Let workers poll and load as processes do."""
    stop = asyncio.Event()
    loops = [
        asyncio.create_task(run(stop))
        for gate in gates
        for run in (gate.services.watch.run, gate.services.packs.loader.run)
    ]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*loops)


Seen = tuple[float, str, int]


@contextlib.asynccontextmanager
async def deciding(seen: list[Seen], *gates: Gate) -> AsyncIterator[None]:
    """Note all the while when which pack was decided with, and what it found."""
    done = asyncio.Event()

    async def decide(gate: Gate) -> None:
        while not done.is_set():
            with contextlib.suppress(VersionsStale):
                pack = await gate.services.packs.active()
                hits = pack.screener.screen((("/title", "全新赌局"),), on=TODAY).hits
                seen.append((time.monotonic(), pack.version, len(hits)))
            await asyncio.sleep(0.005)

    tasks = [asyncio.create_task(decide(gate)) for gate in gates]
    try:
        yield
    finally:
        done.set()
        await asyncio.gather(*tasks)


async def loaded_everywhere(gate: Gate, pack_id: str, workers: int) -> None:
    for _ in range(400):
        seen = (await gate.services.publishing.overview()).workers
        if len(seen) == workers and all(one.staged_id == pack_id for one in seen):
            return
        await asyncio.sleep(0.05)
    pytest.fail("never loaded")


async def test_two_workers_change_within_a_second_and_mix_nothing(gate: Gate) -> None:
    """Promise 8 for packs: every answer after the second is the new one, whole."""
    other = await gate.process()
    seen: list[Seen] = []
    async with alive(gate, other), deciding(seen, gate, other):
        pack = await staged(gate, term())
        with pytest.raises(Conflict) as early:
            await gate.services.publishing.publish(pack.id, SECOND, "")
        assert early.value.code == "not_loaded"
        await loaded_everywhere(gate, pack.id, 2)
        await gate.services.publishing.publish(pack.id, SECOND, "")
        committed = time.monotonic()
        await asyncio.sleep(1.5)
        workers = (await gate.services.publishing.overview()).workers
    old, new = seen[0][1], (await gate.services.packs.active()).version
    assert {(version, hits) for _, version, hits in seen} == {(old, 0), (new, 1)}
    assert max(at for at, version, _ in seen if version == old) - committed <= 1.0
    told = [(one.active_id, (one.lag_ms or 0) <= 1000, one.load_ms is None) for one in workers]
    assert told == [(pack.id, True, False)] * 2
    # Who ends says so.
    assert (await gate.services.publishing.overview()).workers == ()


async def test_what_is_not_loaded_yet_is_waited_for_and_then_refused(gate: Gate) -> None:
    """A worker that was overtaken by a forced activation decides nothing until it has loaded."""
    slow = await gate.process()
    loader = slow.services.packs.loader
    go_on = hold_up(loader)
    old = (await slow.services.packs.active()).version
    async with alive(slow):
        pack = await staged(gate, term())
        await gate.services.publishing.publish(pack.id, SECOND, "紧急", force=True)
        await slow.services.watch.refresh()
        for attempt in (slow.services.packs.active(), slow.submit(slow.request())):
            with pytest.raises(PackNotLoaded):
                await attempt
        loader.patience = 5.0
        waiting = asyncio.create_task(slow.push())
        await asyncio.sleep(0.1)
        assert not waiting.done()
        go_on.set()
        push_id = await waiting
    decided = (await gate.dossier(push_id)).decision.rule_pack
    assert decided == (await slow.services.packs.active()).version != old


def hold_up(loader: PackLoader) -> asyncio.Event:
    """Let a worker compile nothing until the event is set, and have little patience."""
    compile_now, go_on = loader.compiler.screener, asyncio.Event()

    async def compile_slowly(content: PackContent) -> Screener:
        await go_on.wait()
        return await compile_now(content)

    loader.compiler.screener = compile_slowly  # type: ignore[method-assign]
    loader.patience = 0.05
    return go_on


async def spoil(gate: Gate, pack_id: str) -> None:
    def work(tx: Tx) -> None:
        same = rule_pack_items.c.pack_id == pack_id
        tx.execute(update(rule_pack_items).where(same).values(name="别的词"))

    await gate.services.db.write(work)


async def test_a_pack_that_was_tampered_with_refuses_to_start(gate: Gate) -> None:
    pack = await published(gate, term())
    await spoil(gate, pack.id)
    fresh = await gate.process()
    with pytest.raises(PackBroken):
        await fresh.services.packs.active()
    with pytest.raises(PackBroken):
        async with running(fresh.services, frozenset(Part)):
            pytest.fail("started")


async def test_a_staged_pack_that_cannot_be_loaded_is_not_published(gate: Gate) -> None:
    pack = await staged(gate, term())
    await spoil(gate, pack.id)
    await gate.services.watch.refresh()
    await gate.services.packs.loader.turn()
    (worker,) = (await gate.services.publishing.overview()).workers
    assert "not what was approved" in worker.fault
    with pytest.raises(Conflict) as refused:
        await gate.services.publishing.publish(pack.id, SECOND, "")
    assert worker.fault in refused.value.detail.en
    assert (await gate.services.packs.active()).shadow is None


async def test_the_one_before_is_kept_for_a_rollback_and_others_are_let_go(
    make_gate: MakeGate, clock: ManualClock
) -> None:
    async with make_gate(clock) as gate:
        loader = gate.services.packs.loader
        first = await published(gate, term())
        await loader.turn()
        second = await published(gate, term("又一个词"))
        await loader.turn()
        assert {key[0] for key in loader._ready} == {first.id, second.id}  # noqa: SLF001
        await gate.services.publishing.roll_back(WRITER, "误伤")
        loader.compiler.screener = None  # type: ignore[method-assign, assignment]
        await gate.services.watch.refresh()
        assert (await gate.services.packs.active()).version.count("+pack.1.") == 1
        # A worker that stood still cannot tell which pack is in force.
        gate.wait(30)
        gate.services.watch.refresh = stale  # type: ignore[method-assign]
        with pytest.raises(VersionsStale):
            await gate.services.packs.active()


async def stale() -> None:
    raise VersionsStale
