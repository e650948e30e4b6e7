"""The calls of a device: register, refuse, take a refusal back. No sign-in, no sender's key."""

from typing import Final, Protocol, cast

from fastapi import APIRouter, Request, Response

from app.audit.events import instant_text
from app.documentation import answers, json_answer, json_body
from app.ratelimit import RateLimiter, address_key
from app.recipients.repository import StandingRefusal
from app.recipients.schemas import (
    RecipientAnswer,
    RecipientBody,
    RefusalAnswer,
    RefusalBody,
    RefusalsAnswer,
)
from app.recipients.service import NewRecipient, NewRefusal, Recipients
from app.validation import parse_json
from app.wire import bearer, limit_rate, read_json_body

router = APIRouter(tags=["recipients"])

_BODY_LIMIT: Final = 16 * 1024
_DEVICE: Final = [{"deviceSecret": list[str]()}]


class Services(Protocol):
    """What these endpoints need of the composition root."""

    @property
    def recipients(self) -> Recipients:
        """The recipients."""
        ...

    @property
    def public_limiter(self) -> RateLimiter:
        """Counts the calls without a key, by address."""
        ...


@router.post(
    "/v1/recipients",
    status_code=201,
    summary="登记接收用户 · Register a recipient of a surface",
    responses=answers(
        400, 401, 404, 409, 413, 415, 422, 429, 503,
        ok=json_answer("Registered; the device secret is shown this once", RecipientAnswer),
        status=201,
    )
    | {200: json_answer("Was registered under this device secret; changed", RecipientAnswer)},
    openapi_extra={
        "security": [{}, *_DEVICE],
        "requestBody": json_body(
            RecipientBody, {"surface": "srf_01hgx3m5qk7vxkq2n8r4t6w9ya", "minor": "unknown"}
        ),
    },
)  # fmt: skip
async def register_recipient(request: Request) -> Response:
    """Register a device under a token of its own or a new one, without any personal data."""
    parts = _anonymous(request)
    body = parse_json(RecipientBody, await read_json_body(request, _BODY_LIMIT))
    new = NewRecipient(body.surface, body.recipient, body.time_zone, body.minor)
    secret = bearer(request) if "authorization" in request.headers else None
    done = await parts.recipients.register(new, secret)
    answer = RecipientAnswer(
        surface=done.recipient.surface_id,
        recipient=done.recipient.token,
        device_secret=done.secret,
        time_zone=done.recipient.time_zone,
        minor=done.recipient.minor,
    )
    return _json(answer, 200 if done.secret is None else 201)


@router.post(
    "/v1/refusals",
    status_code=201,
    summary="拒收 · Refuse all popups, a kind, or personalised ones",
    responses=answers(
        400, 401, 403, 413, 415, 422, 429, 503,
        ok=json_answer("Refused", RefusalAnswer), status=201,
    )
    | {200: json_answer("Was refused already", RefusalAnswer)},
    openapi_extra={
        "security": _DEVICE,
        "requestBody": json_body(RefusalBody, {"scope": "kind", "kind": "advertisement"}),
    },
)  # fmt: skip
async def refuse(request: Request) -> Response:
    """Refuse, with the device secret alone; no popup of that scope is sent from then on."""
    parts = _anonymous(request)
    secret = bearer(request)
    body = parse_json(RefusalBody, await read_json_body(request, _BODY_LIMIT))
    new = NewRefusal(body.scope, body.kind, body.surface, body.recipient)
    refusal, made = await parts.recipients.refuse(secret, new)
    return _json(_answer(refusal), 201 if made else 200)


@router.get(
    "/v1/refusals",
    summary="本设备的拒收 · The standing refusals of this device",
    responses=answers(401, 429, 503, ok=json_answer("All of them", RefusalsAnswer)),
    openapi_extra={"security": _DEVICE},
)
async def list_refusals(request: Request) -> Response:
    """Return what the device secret's recipient refuses."""
    parts = _anonymous(request)
    found = await parts.recipients.refusals(bearer(request))
    return _json(RefusalsAnswer(items=[_answer(refusal) for refusal in found]), 200)


@router.delete(
    "/v1/refusals/{refusal_id}",
    status_code=204,
    summary="撤销拒收 · Take a refusal back",
    responses=answers(401, 404, 429, 503),
    openapi_extra={"security": _DEVICE},
)
async def withdraw_refusal(request: Request, refusal_id: str) -> Response:
    """Take a refusal back; a second time changes nothing and answers the same."""
    parts = _anonymous(request)
    await parts.recipients.withdraw(bearer(request), refusal_id)
    return Response(status_code=204)


def _anonymous(request: Request) -> Services:
    parts = cast("Services", request.state.services)
    host = None if request.client is None else request.client.host
    limit_rate(request, parts.public_limiter, address_key(host))
    return parts


def _answer(refusal: StandingRefusal) -> RefusalAnswer:
    return RefusalAnswer(
        id=refusal.id,
        scope=refusal.scope,
        kind=refusal.kind,
        created_at=instant_text(refusal.created_at),
    )


def _json(answer: RecipientAnswer | RefusalAnswer | RefusalsAnswer, status: int) -> Response:
    return Response(answer.model_dump_json(), status, media_type="application/json")
