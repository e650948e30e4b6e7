"""Dispatchers that are killed and started again, and what disturbs them and their counters."""

import asyncio
import contextlib
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from app.proof.caps import CapsPlan
from app.proof.gateway import start
from app.proof.servers import Servers
from app.settings import Settings

_AT_WORK: Final = b"dispatching"
_CALMEST: Final = 8.0


@dataclass
class Running:
    """A process, the file that it logs to, and since when it has been seen at work."""

    process: asyncio.subprocess.Process
    log: Path
    since: float | None = None

    def works(self, now: float) -> float:
        """Return for how many seconds it has worked; who dies at once has nothing in hand."""
        if self.since is None and _AT_WORK in self.log.read_bytes():
            self.since = now
        return 0.0 if self.since is None else now - self.since


@dataclass
class Dispatchers:
    """Some processes of `popgate dispatch` over the same data."""

    settings: Settings
    folder: Path
    running: list[Running] = field(default_factory=list, repr=False)
    started: int = 0

    async def start(self) -> None:
        """Start one more."""
        self.started += 1
        log = self.folder / f"dispatch-{self.started}.log"
        process = await start(self.settings, log, "dispatch", GATEWAY_LOG_LEVEL="info")
        self.running.append(Running(process, log))

    async def kill(self, one: Running) -> None:
        """Kill -9 one of them."""
        self.running.remove(one)
        with contextlib.suppress(ProcessLookupError):
            one.process.send_signal(signal.SIGKILL)
        await one.process.wait()


@contextlib.asynccontextmanager
async def dispatchers(settings: Settings, number: int) -> AsyncIterator[Dispatchers]:
    """Run so many dispatchers; killed at the end, like anything else that ends here."""
    some = Dispatchers(settings, settings.data_dir)
    try:
        for _ in range(number):
            await some.start()
        yield some
    finally:
        while some.running:
            await some.kill(some.running[0])


def _calm(plan: CapsPlan, done: Counter[str], rng: random.Random) -> float:
    """Return for how many seconds nothing is disturbed after so much was."""
    return rng.uniform(*plan.calm) * min(plan.calms ** done.total(), _CALMEST)


@contextlib.asynccontextmanager
async def disturbed(
    some: Dispatchers, servers: Servers, rng: random.Random, plan: CapsPlan
) -> AsyncIterator[Counter[str]]:
    """Kill a dispatcher or a server now and then and lose messages between them; count it all."""
    done: Counter[str] = Counter()
    over = asyncio.Event()

    async def go_on() -> None:
        while not over.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), _calm(plan, done, rng))
                return
            now = asyncio.get_running_loop().time()
            at_work = [one for one in some.running if one.works(now) > plan.calm[1]]
            if at_work and rng.random() < 1 / 2:
                await some.kill(rng.choice(at_work))
                await some.start()
                done["dispatcher"] += 1
            else:
                done[await servers.disturb(rng)] += 1

    servers.lose(plan.loses)
    work = asyncio.create_task(go_on())
    try:
        yield done
    finally:
        over.set()
        await work
        servers.lose(0.0)
        done["lost message"] = servers.lost
