"""What whoever runs the gateway asks it: is it alive, is it ready, and its metrics."""

import asyncio
import hmac
import ipaddress
from typing import Final

import orjson
from fastapi import APIRouter, Request, Response

from app import metrics
from app.bootstrap import Services
from app.documentation import answers
from app.errors import Forbidden, Unauthenticated, Words
from app.health import Monitor
from app.levels import measure
from app.settings import Settings

_FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-real-ip")
_TOO_FAR: Final = Words(
    "指标只向本机和 GATEWAY_METRICS_NETWORKS 中的网络开放，或设置 GATEWAY_METRICS_TOKEN",
    "Metrics are for this machine and the networks of GATEWAY_METRICS_NETWORKS, not through a "
    "proxy; or set GATEWAY_METRICS_TOKEN",
)

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
        401,
        403,
        ok={
            "description": "text format",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
    ),
)
async def prometheus(request: Request) -> Response:
    """Return the metrics of this process, and how much waits in the database.

    Without a key: either with the token of GATEWAY_METRICS_TOKEN as Bearer or, where none is
    set, straight from this machine or the networks of GATEWAY_METRICS_NETWORKS.
    """
    services: Services = request.state.services
    require_scraper(request, services.settings)
    await measure(services, request.state.monitor)
    body = await asyncio.to_thread(metrics.exposition)
    return Response(body, headers={"content-type": metrics.CONTENT_TYPE})


def require_scraper(request: Request, settings: Settings) -> None:
    """Raise Unauthenticated or Forbidden unless whoever asks may see the metrics."""
    if settings.metrics_token is not None:
        expected = f"Bearer {settings.metrics_token.get_secret_value()}"
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), expected.encode()):
            raise Unauthenticated
        return
    # Whatever came through a proxy may be anybody's, whose address the proxy merely states.
    forwarded = any(name in request.headers for name in _FORWARDED)
    if forwarded or request.client is None or not _is_near(request.client.host, settings):
        raise Forbidden(_TOO_FAR)


def _is_near(host: str, settings: Settings) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    plain = getattr(address, "ipv4_mapped", None) or address
    return plain.is_loopback or any(plain in network for network in settings.scraping_networks)
