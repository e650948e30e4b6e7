"""Running one process of the gateway: its counters, its loop, its server, and an end in order."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any, Final

import structlog
import uvicorn
import uvloop

from app.bootstrap import Part, Services, build
from app.collector import settle
from app.errors import CannotJudge, Words
from app.frequency.embedded import EmbeddedValkey
from app.main import create_app, create_ops_app
from app.running import running
from app.settings import Settings

EVERYTHING: Final = frozenset(Part)
"""What the one process of the embedded default does."""

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_STREAMS_END_WITHIN: Final = 3
"""Seconds that open streams are given once the process is to end."""

_log = structlog.get_logger("popgate.process")

AfterStart = Callable[[Services], Awaitable[None]]


class NotStarted(CannotJudge):
    """The process could not be started, and the words say why."""

    code = "not_started"
    title = Words("未能启动", "Could not be started")


@dataclass(frozen=True, slots=True)
class Counters:
    """Where the counters are, and the server if it is ours to look after."""

    url: str
    embedded: EmbeddedValkey | None

    async def supervise(self) -> None:
        """Start our own server again whenever it dies; returns at once if it is another's."""
        if self.embedded is not None:
            await self.embedded.supervise()


def is_single_process(settings: Settings) -> bool:
    """Tell whether one process does everything.

    Counters that we start belong to the process that started them, and a SQLite file to the one
    that writes it; only PostgreSQL with counters given by address is shared by many.
    """
    return settings.redis_url is None or settings.database.startswith("sqlite")


def run_loop(main: Coroutine[Any, Any, int]) -> int:
    """Run a process's work in a fast event loop; returns what it returns."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


@contextlib.contextmanager
def counters(settings: Settings) -> Iterator[Counters]:
    """Start the counters if no server is named, and stop them last; from the main thread."""
    if settings.redis_url is not None:
        yield Counters(settings.redis_url, None)
        return
    embedded = EmbeddedValkey(settings.data_dir)
    embedded.start()
    try:
        yield Counters(embedded.url, embedded)
    finally:
        embedded.stop()


def listen(host: str, port: int) -> socket.socket:
    """Take the port before anything else is started; 0 takes a free one. Raises NotStarted."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise NotStarted(
            Words(
                f"无法监听 {host}:{port}（{error}）。请用 --port 换一个端口，或结束占用它的进程",
                f"Cannot listen on {host}:{port} ({error}). Choose another --port or end the "
                "process that has it",
            )
        ) from error
    return listener


async def serve(
    settings: Settings,
    parts: frozenset[Part],
    where: Counters,
    listener: socket.socket,
    after_start: AfterStart | None = None,
) -> int:
    """Answer HTTP until a signal ends the process; 1 if it could not start or broke off.

    Without Part.SERVE only probes and metrics are answered. `after_start` runs once requests
    are answered, with the running services.
    """
    held: list[Services] = []

    @contextlib.asynccontextmanager
    async def started() -> AsyncIterator[Services]:
        services = build(settings, where.url)
        async with running(services, parts):
            settle()
            held.append(services)
            yield services

    create = create_app if Part.SERVE in parts else create_ops_app
    server = _Server(_config(settings, create(settings, started)))
    supervisor = asyncio.create_task(where.supervise())
    with _ended_by_signals(server.end):
        serving = asyncio.create_task(server.serve([listener]))
        try:
            while not (server.started or serving.done()):  # noqa: ASYNC110 - a flag is all there is
                await asyncio.sleep(0.01)
            if server.started and after_start is not None:
                await _beside(serving, after_start(held[0]))
            await serving
        finally:
            server.should_exit = True
            await serving
            supervisor.cancel()
    return 0 if server.started else 1


async def dispatch(settings: Settings, where: Counters) -> int:
    """Release, deliver and report until a signal ends the process.

    GATEWAY_DISPATCH_PORT makes it answer probes and metrics.
    """
    parts = frozenset({Part.DISPATCH})
    if settings.dispatch_port:
        listener = listen(settings.host, settings.dispatch_port)
        return await serve(settings, parts, where, listener)
    stop = asyncio.Event()
    with _ended_by_signals(stop.set):
        async with running(build(settings, where.url), parts):
            settle()
            _log.info("dispatching")
            await stop.wait()
    return 0


class _Server(uvicorn.Server):
    """uvicorn, with the signals left to us: it would raise them again before we have ended."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def end(self) -> None:
        """Take no more requests, finish those that run; saying it twice changes nothing."""
        self.should_exit = True


def _config(settings: Settings, app: Callable[..., Any]) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="none",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=settings.behind_tls_proxy,
        forwarded_allow_ips=settings.trusted_proxies,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
        timeout_graceful_shutdown=_STREAMS_END_WITHIN,
    )


async def _beside(serving: asyncio.Task[None], work: Awaitable[None]) -> None:
    """Run `work` while the server serves; it is broken off when the server ends first."""
    task = asyncio.ensure_future(work)
    await asyncio.wait({serving, task}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        task.result()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@contextlib.contextmanager
def _ended_by_signals(end: Callable[[], None]) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, end)
    try:
        yield
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)
