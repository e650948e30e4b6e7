"""What whoever runs the gateway asks it: is it alive, is it ready, and its metrics."""

import asyncio
import contextlib
from typing import Final

import orjson
from fastapi import APIRouter, Request, Response

from app import metrics
from app.audit.repository import unsealed
from app.bootstrap import Services
from app.documentation import answers
from app.errors import DatabaseUnavailable, Words
from app.health import (
    Monitor,
    clocks_check,
    counters_check,
    database_check,
    lag_check,
    value_check,
    versions_check,
)
from app.ids import issued_at
from app.pushes.views import Views

SEAL_PATIENCE: Final = 5.0
"""Seconds; the ledger promises one, and a sealer that was started again needs a moment."""
MOST_UNSEALED: Final = 10_000


router = APIRouter(tags=["operations"])

_STATE = {"application/json": {"schema": {"type": "object"}}}


@router.get(
    "/livez",
    summary="The process is alive · 存活",
    responses=answers(ok={"description": "it is", "content": _STATE}),
)
async def livez() -> Response:
    """Answer, which is all that being alive means; no dependency is asked."""
    return Response(b'{"alive":true}', media_type="application/json")


@router.get(
    "/readyz",
    summary="The process can do its work · 就绪",
    responses=answers(ok={"description": "every needed thing is in order", "content": _STATE})
    | {503: {"description": "something needed is down; the body names it", "content": _STATE}},
)
async def readyz(request: Request) -> Response:
    """Say for each dependency whether it is in order; 503 when a needed one is not."""
    monitor: Monitor = request.state.monitor
    found = await monitor.readiness()
    return Response(
        orjson.dumps(found.as_json()),
        200 if found.ready else 503,
        media_type="application/json",
    )


@router.get(
    "/metrics",
    summary="Prometheus metrics · 指标",
    responses=answers(
        ok={"description": "text format", "content": {"text/plain": {"schema": {"type": "string"}}}}
    ),
)
async def prometheus(request: Request) -> Response:
    """Return the metrics of this process, and how many pushes are in each state."""
    views: Views = request.state.services.views
    # The process's own figures are worth having while the database is away.
    with contextlib.suppress(DatabaseUnavailable):
        for state, number in (await views.counts()).items():
            metrics.level(f"pushes_{state}", number)
    body = await asyncio.to_thread(metrics.exposition)
    return Response(body, headers={"content-type": metrics.CONTENT_TYPE})


def readiness_monitor(services: Services) -> Monitor:
    """Return the monitor of everything that a serving process depends on."""
    db, clock, settings = services.db, services.clock, services.settings
    counters_time = services.counters.server_time

    async def pack() -> str | None:
        return (await services.packs.active()).version

    async def sources() -> str | None:
        listed = (await services.packs.active()).sources
        return None if listed is None else listed.edition

    async def policy() -> str | None:
        active = await services.policies.active()
        return None if active is None else active.version

    async def word_lists() -> str | None:
        return services.screener.word_list_digest

    async def oldest_unsealed() -> float | None:
        waiting = await db.read(lambda tx: unsealed(tx, 1, newest=MOST_UNSEALED))
        return issued_at(waiting[0][0]) if waiting else None

    checks = (
        database_check(db, clock),
        counters_check(counters_time, clock),
        clocks_check(db, counters_time, clock, settings.clock_tolerance_seconds),
        versions_check(services.watch),
        value_check("word_lists", word_lists, Words("词库未载入", "No word lists are loaded")),
        value_check("rule_pack", pack, Words("规则包未生效", "No rule pack is active")),
        value_check("policy", policy, Words("管理策略未发布", "No policy is published")),
        value_check(
            "source_list",
            sources,
            Words("稿源单位名单未发布，新闻推送将等待", "No source list: news pushes wait"),
            needed=False,
        ),
        lag_check("ledger", oldest_unsealed, clock, SEAL_PATIENCE),
    )
    return Monitor(clock, checks)
