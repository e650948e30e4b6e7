"""A real gateway for a proof: its data set up, then a process of its own, ended at the end."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from app.audit.events import system
from app.bootstrap import Services, build
from app.demo.cast import CONTACT, LICENCE, PUBLISHER, SURFACE
from app.demo.papers import put_on_file
from app.domain.facts import NEWS_LICENCE, Licence, NewsService
from app.errors import CannotJudge, Words
from app.providers.enrolment import NewProvider
from app.providers.keys import NewSender
from app.providers.register import Scope
from app.providers.surfaces import NewSurface, SurfaceDetails
from app.settings import Settings
from app.shipped import APP
from app.staff.service import NewStaff

REVIEWERS: Final = ("reviewer.a", "reviewer.b", "reviewer.c", "reviewer.d")
ADMINS: Final = ("admin.a", "admin.b")

_ACTOR: Final = system("proof")
_READY_WITHIN: Final = 60.0
_ENDS_WITHIN: Final = 30.0
_NO_LIMIT: Final = "1000000000"


class GatewayFailed(CannotJudge):
    """The gateway under proof did not start or did not end as it should."""

    code = "gateway_failed"
    title = Words("被验证的网关未能启动或正常结束", "The gateway under proof failed")


@dataclass(frozen=True, slots=True)
class Stage:
    """What was set up: the surface, the sender's key, and the reviewers' one-time passwords."""

    surface_id: str
    key: str = field(repr=False)
    passwords: dict[str, str] = field(repr=False)


async def set_up(settings: Settings) -> Stage:
    """Register a provider with a news licence, its surface, a sender, admins and reviewers."""
    async with unstarted(settings) as services:
        return await _set_up(services)


@contextlib.asynccontextmanager
async def unstarted(settings: Settings) -> AsyncIterator[Services]:
    """Yield the services over the settings' data before the gateway runs.

    Nothing is counted then: the counters' address is never called.
    """
    alone = settings.model_copy(update={"redis_cluster": False})
    services = build(alone, "unix:///nowhere")
    try:
        yield services
    finally:
        await services.post.aclose()
        await services.counters.aclose()
        await services.db.close()


async def _set_up(services: Services) -> Stage:
    one = PUBLISHER
    provider = await services.enrolment.add_provider(
        _ACTOR, NewProvider(one.legal_name, one.display_name, one.credit_code, one.domains)
    )
    covers = (NewsService.REPRINTING,)
    licence = Licence(NEWS_LICENCE, LICENCE, covers, date(2020, 1, 1), date(2099, 12, 31))
    await services.enrolment.add_licence(_ACTOR, provider, licence)
    await put_on_file(services, _ACTOR, provider)
    details = SurfaceDetails(SURFACE, "Asia/Shanghai", CONTACT, "news")
    surface = await services.surfaces.add(_ACTOR, NewSurface(provider, "app", "inbox", details))
    scopes = frozenset(scope.value for scope in Scope)
    sender = await services.sender_keys.add_sender(
        _ACTOR, NewSender(provider, "proof", "proof", None, scopes)
    )
    key = await services.sender_keys.issue(_ACTOR, sender)
    passwords = {}
    for role, names in (("admin", ADMINS), ("reviewer", REVIEWERS)):
        for name in names:
            added = await services.staff.add(_ACTOR, NewStaff(name, name, frozenset({role})))
            passwords[name] = added.password
    return Stage(surface.surface_id, key.raw, passwords)


@contextlib.asynccontextmanager
async def gateway(settings: Settings, log: Path) -> AsyncIterator[str]:
    """Run `popgate serve` over the settings' data and yield its address; GatewayFailed."""
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    process = await start(settings, log, "serve", "--port", str(port), GATEWAY_PUBLIC_URL=url)
    try:
        await _until_answering(process, port, log)
        yield url
    finally:
        await _end(process)


async def start(
    settings: Settings, log: Path, *words: str, **environ: str
) -> asyncio.subprocess.Process:
    """Start `popgate` with words of its command line over the settings' data; it logs to a file."""
    own = {
        "PYTHONPATH": str(APP.parent),
        "GATEWAY_MODE": "demo",
        "GATEWAY_DATA_DIR": str(settings.data_dir),
        "GATEWAY_DATABASE_URL": settings.database,
        "GATEWAY_REDIS_CLUSTER": str(settings.redis_cluster).lower(),
        "GATEWAY_UNDO_SECONDS": str(settings.undo_seconds),
        "GATEWAY_DISPATCH_LEASE_SECONDS": str(settings.dispatch_lease_seconds),
        "GATEWAY_RATE_PER_MINUTE": _NO_LIMIT,
        "GATEWAY_PUBLIC_RATE_PER_MINUTE": _NO_LIMIT,
        "GATEWAY_LOG_LEVEL": "warning",
    }
    if settings.redis_url is not None:
        own["GATEWAY_REDIS_URL"] = settings.redis_url
    with log.open("ab") as out:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "app.cli", *words),
            env=dict(os.environ) | own | environ,  # noqa: TID251 - another process's, not ours
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _until_answering(process: asyncio.subprocess.Process, port: int, log: Path) -> None:
    for _ in range(int(_READY_WITHIN / 0.1)):
        if process.returncode is not None:
            break
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        await asyncio.sleep(0.1)
    raise GatewayFailed(Words(f"网关没有启动：{_end_of(log)}", f"No start: {_end_of(log)}"))


def _end_of(log: Path) -> str:
    return log.read_text("utf-8", errors="replace")[-500:]


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), _ENDS_WITHIN)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise GatewayFailed(Words("网关没有按时结束", "The gateway did not end in time")) from None
