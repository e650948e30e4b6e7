"""Starting what a process does and ending it in order: its loops, and the ledger sealed last."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Final

from app.audit.events import system
from app.audit.key_log import log_keys
from app.bootstrap import Part, Services
from app.loops import Beat, Loop

_TURN_SECONDS: Final = 15.0
"""After how long without a good turn a loop counts as standing still."""

_LOADING_SECONDS: Final = 60.0
"""The same for the loop that compiles word lists, which takes seconds for long ones."""


@contextlib.asynccontextmanager
async def running(services: Services, parts: frozenset[Part]) -> AsyncIterator[Services]:
    """Start what `parts` name, and end all of it on leaving, the ledger sealed last."""
    stop, sealing = asyncio.Event(), asyncio.Event()
    await services.watch.refresh()
    if Part.SEAL in parts:
        await services.sealer.run_once()
    await log_keys(services.db, services.keyring, services.clock, system("keyring"))
    await services.policies.ship_default()
    await services.packs.loader.load()
    for loop in _loops(services, parts):
        services.loops.start(loop, stop)
    if Part.SEAL in parts:
        beat = Beat(lambda: services.sealer.status.good_at, _TURN_SECONDS)
        services.loops.start(Loop("sealer", services.sealer.run, beat), sealing)
    try:
        yield services
    finally:
        stop.set()
        await asyncio.gather(
            services.trials.close(), services.what_if.close(), services.ledger_checks.close()
        )
        await services.loops.ended()
        await services.register.close()
        sealing.set()
        await services.loops.ended()
        await services.post.aclose()
        await services.counters.aclose()
        await services.db.close()


def _loops(services: Services, parts: frozenset[Part]) -> Iterator[Loop]:
    yield Loop("versions", services.watch.run)
    policies = services.policies
    yield Loop("policies", policies.run, Beat(lambda: policies.turned_at, _TURN_SECONDS))
    loader, history = services.packs.loader, services.history
    yield Loop("packs", loader.run, Beat(lambda: loader.turned_at, _LOADING_SECONDS))
    yield Loop("history", history.run, Beat(lambda: history.turned_at, _LOADING_SECONDS))
    if Part.DISPATCH not in parts:
        return
    # A turn may last as long as the slowest receiver is given to answer.
    calls = services.settings.webhook_timeout_seconds + _TURN_SECONDS
    releaser, dispatcher, warner = services.releaser, services.dispatcher, services.cap_warnings
    outcomes = services.outcome_webhooks
    yield Loop("cap_warnings", warner.run, Beat(lambda: warner.turned_at, _TURN_SECONDS))
    yield Loop("old_answers", services.pushes.run)
    yield Loop("releaser", releaser.run, Beat(lambda: releaser.turned_at, _TURN_SECONDS))
    yield Loop("dispatcher", dispatcher.run, Beat(lambda: dispatcher.turned_at, calls))
    if services.settings.ocr:
        texts, patience = services.picture_texts, _LOADING_SECONDS + _TURN_SECONDS
        yield Loop("picture_texts", texts.run, Beat(lambda: texts.turned_at, patience))
    if services.settings.follow_links:
        trails = services.link_trails
        yield Loop("link_trails", trails.run, Beat(lambda: trails.turned_at, _LOADING_SECONDS))
    yield Loop("outcome_webhooks", outcomes.run, Beat(lambda: outcomes.turned_at, calls))
