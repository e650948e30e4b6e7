"""The inbox on the wire, with a device secret alone; and why a recipient has room or has not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager
from typing import Annotated, Any, Final, Protocol, cast

import orjson
from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from app.delivery.explained_json import explained_json
from app.delivery.explaining import Explaining
from app.delivery.inbox import ClientEvent, Inbox
from app.delivery.inbox_repository import WaitingItem
from app.delivery.schemas import (
    CapsAnswer,
    EventsAnswer,
    EventsModel,
    InboxAnswer,
    VendorQuotasAnswer,
)
from app.delivery.seats import Seats
from app.delivery.vendor_data import rule_json, vendor_rules
from app.documentation import answers, json_answer, json_body, needs_key
from app.errors import GatewayError, NotFound, Unauthenticated, Words
from app.providers.register import Caller, Scope
from app.providers.service import Register
from app.ratelimit import RateLimiter, address_key
from app.recipients.service import Recipients
from app.validation import parse_json
from app.wire import bearer, identify, limit_rate, read_json_body

router = APIRouter(tags=["inbox"])

_BODY_LIMIT: Final = 64 * 1024
_DEVICE: Final = [{"deviceSecret": list[str]()}]
_LOOK_SECONDS: Final = 0.5
_KEEP_ALIVE_SECONDS: Final = 15.0
# A client connects again by itself; a stream that never ends would outlive its secret.
_STREAM_SECONDS: Final = 600.0
_NO_STORE: Final = {"Cache-Control": "no-store"}

Surface = Annotated[str, Query(min_length=1, max_length=40, description="the surface's id")]
Recipient = Annotated[str, Path(max_length=64, description="the recipient's token")]
Limit = Annotated[int, Query(ge=1, le=20)]


class Services(Protocol):
    """What these endpoints need of the composition root."""

    @property
    def recipients(self) -> Recipients:
        """Know whose device secret it is."""
        ...

    @property
    def register(self) -> Register:
        """Know which surfaces a sender may push to."""
        ...

    @property
    def explaining(self) -> Explaining:
        """Explain caps."""
        ...

    @property
    def inbox(self) -> Inbox:
        """The built-in channel's far end."""
        ...

    @property
    def device_limiter(self) -> RateLimiter:
        """Counts the calls of each recipient."""
        ...

    @property
    def seats(self) -> Seats:
        """Counts the open streams."""
        ...


@router.get(
    "/v1/inbox/{recipient}",
    summary="收件箱 · What a client shows next, each popup once",
    responses=answers(401, 422, 429, 503, ok=json_answer("What waits", InboxAnswer)),
    openapi_extra={"security": _DEVICE},
)
async def fetch(request: Request, recipient: str, surface: Surface, limit: Limit = 20) -> Response:
    """Hand out what waits for this recipient; what was handed out is never handed out again."""
    parts = await _authenticated(request, recipient, surface)
    items = await parts.inbox.fetch(surface, recipient, limit)
    body = orjson.dumps({"items": [_item(item) for item in items]})
    return Response(body, media_type="application/json", headers=_NO_STORE)


@router.get(
    "/v1/inbox/{recipient}/stream",
    summary="收件箱事件流 · The same as server-sent events",
    responses=answers(401, 422, 429, 503)
    | {
        200: {
            "description": "Events `popup`, each with one item as JSON; comments keep it alive",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    },
    openapi_extra={"security": _DEVICE},
)
async def stream(request: Request, recipient: str, surface: Surface) -> Response:
    """Hand out what waits as it comes; ends by itself after ten minutes."""
    parts = await _authenticated(request, recipient, surface)
    address = address_key(None if request.client is None else request.client.host)
    name = f"{surface}/{recipient}"
    parts.seats.require(name, address)
    # Held from the first step on: a client that is gone before that would never give it back.
    seat = parts.seats.hold(name, address)
    return StreamingResponse(
        _seated(seat, _events(request, parts.inbox, surface, recipient)),
        media_type="text/event-stream",
        headers={**_NO_STORE, "X-Accel-Buffering": "no"},
    )


@router.post(
    "/v1/inbox/{recipient}/events",
    summary="展示回执 · Report shown, closed, clicked",
    responses=answers(
        400, 401, 413, 415, 422, 429, 503, ok=json_answer("Noted", EventsAnswer, {"noted": 1})
    ),
    openapi_extra={
        "security": _DEVICE,
        "requestBody": json_body(
            EventsModel,
            {
                "surface": "srf_01hgx3m5qk7vxkq2n8r4t6w9ya",
                "events": [
                    {
                        "item": "inb_01hgx3m5qk7vxkq2n8r4t6w9yb",
                        "event": "shown",
                        "at": "2026-11-22T08:00:00Z",
                    }
                ],
            },
        ),
    },
)
async def report(request: Request, recipient: str) -> Response:
    """Keep the first time of each event of an item; others' items are not counted."""
    bearer(request)
    body = parse_json(EventsModel, await read_json_body(request, _BODY_LIMIT))
    parts = await _authenticated(request, recipient, body.surface)
    events = [ClientEvent(event.item, event.event, event.at) for event in body.events]
    noted = await parts.inbox.note(body.surface, recipient, events)
    return Response(EventsAnswer(noted=noted).model_dump_json(), media_type="application/json")


@router.get(
    "/v1/recipients/{recipient}/caps",
    tags=["recipients"],
    summary="频次说明 · Which cap has how much room for a recipient, used by which pushes",
    responses=answers(401, 403, 404, 422, 429, 503, ok=json_answer("Every cap", CapsAnswer)),
    openapi_extra=needs_key(),
)
async def explain(request: Request, recipient: Recipient, surface: Surface) -> Response:
    """Explain the caps of a recipient of a surface that the caller may push to.

    Pushes of other providers are counted and not named.
    """
    known: Caller = await identify(request, Scope.CAPS_READ)
    parts = cast("Services", request.state.services)
    register = await parts.register.current()
    if not register.may_push(known.provider_id, surface):
        raise NotFound(Words("没有这个展示端，或未获授权", "No such surface, or not granted"))
    found = await parts.explaining.explain(surface, recipient, known.provider_id)
    names = {one.id: one.name for one in register.surfaces.values()}
    body = {"surface": surface, "recipient": recipient}
    return Response(
        orjson.dumps(body | explained_json(found, known.provider_id, names)),
        media_type="application/json",
        headers=_NO_STORE,
    )


@router.get(
    "/v1/vendor-quotas",
    tags=["recipients"],
    summary="厂商配额 · What phone vendors let an app show, as dated data with its source",
    responses=answers(401, 403, 429, 503, ok=json_answer("Every rule", VendorQuotasAnswer)),
    openapi_extra=needs_key(),
)
async def vendor_quotas(request: Request) -> Response:
    """Return every rule of every vendor with the days of its force; past ones too."""
    await identify(request, Scope.CAPS_READ)
    items = [rule_json(rule) for rule in vendor_rules()]
    return Response(orjson.dumps({"items": items}), media_type="application/json")


async def _authenticated(request: Request, recipient: str, surface: str) -> Services:
    parts = cast("Services", request.state.services)
    if not await parts.recipients.authenticate(surface, recipient, bearer(request)):
        raise Unauthenticated(
            Words("设备凭据与该接收用户不符", "The device secret is not this recipient's")
        )
    limit_rate(request, parts.device_limiter, f"{surface}/{recipient}")
    return parts


async def _seated(
    seat: AbstractContextManager[None], events: AsyncIterator[bytes]
) -> AsyncIterator[bytes]:
    with seat:
        async for event in events:
            yield event


async def _events(
    request: Request, inbox: Inbox, surface: str, recipient: str
) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + _STREAM_SECONDS
    alive_at = loop.time()
    yield b": connected\n\n"
    while loop.time() < ends_at and not await request.is_disconnected():
        try:
            items = await inbox.fetch(surface, recipient)
        except GatewayError:
            # Nothing is handed out while it cannot be judged; the stream stays open.
            items = []
        for item in items:
            yield b"event: popup\ndata: " + orjson.dumps(_item(item)) + b"\n\n"
            alive_at = loop.time()
        if loop.time() - alive_at > _KEEP_ALIVE_SECONDS:
            yield b": alive\n\n"
            alive_at = loop.time()
        await asyncio.sleep(_LOOK_SECONDS)


def _item(item: WaitingItem) -> dict[str, Any]:
    # The signed bytes go out as they are; nobody serialises them again.
    return {"id": item.id, "envelope": orjson.Fragment(item.envelope)}
