"""The calls about pushes: each turns JSON into a domain value, asks once, and answers."""

import re
from hashlib import sha256
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic_core import to_json

from app.clock import beijing_day
from app.domain.push import PushRequest
from app.errors import GatewayError, Invalid, NotFound, NotImplementedYet, Words
from app.ids import is_id
from app.packs.service import Packs
from app.problems import problem_body
from app.providers.register import Caller, Scope
from app.pushes import documentation as docs
from app.pushes.answers import change_json, json_bytes, push_json
from app.pushes.cap_warnings import warning_json
from app.pushes.conversion import received
from app.pushes.fields import NO_CONTROL
from app.pushes.parts import Answer, IdempotencyKey, PushParts
from app.pushes.schemas import BatchModel, PushModel, WithdrawModel
from app.pushes.service import Item, Pushes
from app.pushes.views import Views
from app.rules.catalogue import CATALOGUE
from app.rules.matrix import decision_json, elsewhere_matrix, limits_matrix, rules_matrix
from app.rules.version import rule_set_version
from app.validation import parse_json
from app.wire import (
    BATCH_LIMIT,
    PlainRoute,
    check_cursor,
    idempotency_key,
    identify,
    language,
    read_json_body,
    services,
)

router = APIRouter(tags=["pushes"], route_class=PlainRoute)

_JSON: Final = "application/json"
_HIGHEST_LIMIT: Final = 200
_USUAL_LIMIT: Final = 50
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_NOT_FOUND: Final = Words("没有这条推送", "There is no such push")

PushIdPath = Annotated[str, Path(description="id of a push (psh_…)")]


def _pushes(request: Request) -> Pushes:
    pushes: Pushes = request.state.services.pushes
    return pushes


def _views(request: Request) -> Views:
    views: Views = request.state.services.views
    return views


def _json(body: bytes, status: int = 200) -> Response:
    return Response(body, status, media_type=_JSON)


@router.post("/v1/pushes", **docs.SUBMIT)
async def submit(request: Request) -> Response:
    """Decide on a push and store it; a blocked push is recorded and is not an error."""
    caller: Caller = await identify(request, Scope.PUSH_SUBMIT)
    name = idempotency_key(request)
    body = await read_json_body(request)
    key = IdempotencyKey(name, sha256(body).hexdigest())
    pushes = _pushes(request)
    try:
        content, parts = await _read_push(request, body)
        answer = await pushes.submit(caller, content, parts, key)
    except (Invalid, NotImplementedYet):
        # What was accepted once may be refused today, an expiry that has passed for one:
        # the same key still gets the same answer.
        known = await pushes.known(caller, key)
        if known is None:
            raise
        answer = known
    return _json(answer.body, answer.status)


@router.post("/v1/checks", **docs.CHECK)
async def check(request: Request) -> Response:
    """Decide with the same code as submitting, and store nothing."""
    caller: Caller = await identify(request, Scope.PUSH_SUBMIT)
    content = await _read_push(request, await read_json_body(request))
    decision = await _pushes(request).check(caller, content)
    uses = await _pushes(request).warnings(caller.provider_id, content[0])
    warnings = [warning_json(one) for one in uses]
    return _json(json_bytes({"decision": decision_json(decision), "warnings": warnings}))


@router.post("/v1/pushes/batch", **docs.BATCH)
async def submit_batch(request: Request) -> Response:
    """Submit many at once; what is wrong with one item does not stop the others."""
    caller: Caller = await identify(request, Scope.PUSH_SUBMIT)
    name = idempotency_key(request)
    body = await read_json_body(request, BATCH_LIMIT)
    key = IdempotencyKey(name, sha256(body).hexdigest())
    pushes = _pushes(request)
    known = await pushes.known(caller, key)
    if known is None:
        known = await _new_batch(request, caller, body, key)
    return _json(known.body, known.status)


async def _new_batch(request: Request, caller: Caller, body: bytes, key: IdempotencyKey) -> Answer:
    items = [
        await _read_item(request, to_json(item)) for item in parse_json(BatchModel, body).pushes
    ]
    spoken = language(request)

    def problem(error: GatewayError) -> dict[str, Any]:
        return problem_body(error, spoken)

    return await _pushes(request).submit_batch(caller, items, key, problem)


async def _read_item(request: Request, body: bytes) -> Item:
    try:
        return await _read_push(request, body)
    except (Invalid, NotImplementedYet) as error:
        return error


async def _read_push(request: Request, body: bytes) -> tuple[PushRequest, PushParts]:
    model = parse_json(PushModel, body)
    return await received(model, services(request).clock.now())


@router.get("/v1/pushes", **docs.FIND)
async def find(
    request: Request,
    external_id: Annotated[
        str | None, Query(min_length=1, max_length=128, pattern=NO_CONTROL)
    ] = None,
    limit: Annotated[int, Query(ge=1, le=_HIGHEST_LIMIT)] = _USUAL_LIMIT,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """List the provider's pushes, all of them or those with one external_id."""
    caller: Caller = await identify(request, Scope.PUSH_READ)
    place = check_cursor(cursor, "psh")
    page = await _views(request).find(caller.provider_id, external_id, limit, place)
    items = [push_json(view) for view in page.pushes]
    return _json(json_bytes({"items": items, "next_cursor": page.next_cursor}))


@router.get("/v1/pushes/{push_id}", **docs.GET)
async def get(request: Request, push_id: PushIdPath) -> Response:
    """Return state, latest decision and delivery counts of one push."""
    caller: Caller = await identify(request, Scope.PUSH_READ)
    view = await _views(request).get(caller.provider_id, _known_form(push_id))
    return _json(json_bytes(push_json(view)))


@router.get("/v1/pushes/{push_id}/timeline", **docs.TIMELINE)
async def timeline(request: Request, push_id: PushIdPath) -> Response:
    """Return every change of state: when, who (role, not name), which versions."""
    caller: Caller = await identify(request, Scope.PUSH_READ)
    changes = await _views(request).timeline(caller.provider_id, _known_form(push_id))
    return _json(json_bytes({"items": [change_json(change) for change in changes]}))


@router.post("/v1/pushes/{push_id}/withdraw", **docs.WITHDRAW)
async def withdraw(request: Request, push_id: PushIdPath) -> Response:
    """Stop what is not yet sent and recall what lies in inboxes."""
    caller: Caller = await identify(request, Scope.PUSH_WITHDRAW)
    known = _known_form(push_id)
    model = parse_json(WithdrawModel, await read_json_body(request))
    done = await _pushes(request).withdraw(caller, known, model.reason)
    return _json(json_bytes(done))


@router.post("/v1/audiences", **docs.UPLOAD_AUDIENCE)
async def upload_audience(request: Request) -> Response:
    """Not served by this version: list up to 10,000 recipients in the push itself."""
    await identify(request, Scope.AUDIENCE_WRITE)
    raise NotImplementedYet(
        Words(
            "暂不支持上传名单；请在推送中直接列出接收用户（最多 10,000 个）",
            "Files are not served yet: list up to 10,000 recipients in the push itself",
        )
    )


@router.get("/v1/rules", **docs.RULES)
async def rules(request: Request) -> Response:
    """Return every rule in force today, every duty that no rule states, every number they read."""
    await identify(request, Scope.PUSH_READ)
    day = beijing_day(services(request).clock.now())
    items = rules_matrix(rule for rule in CATALOGUE if rule.in_force_on(day))
    packs: Packs = request.state.services.packs
    numbers = await packs.numbers()
    found = {
        "rule_set": rule_set_version(),
        "rule_pack": numbers.rule_pack,
        "items": items,
        "duties": elsewhere_matrix(),
        "limits": limits_matrix(numbers.limits, numbers.since),
    }
    return _json(json_bytes(found))


@router.get("/v1/assets/{sha256}", **docs.ASSET)
async def asset(
    request: Request, digest: Annotated[str, Path(alias="sha256", description="64 hex digits")]
) -> Response:
    """Return an image that some released push shows; the address never changes its content."""
    held = await _views(request).released_asset(digest) if _SHA256.fullmatch(digest) else None
    if held is None:
        raise NotFound(Words("没有这张图片，或尚未下发", "No such image, or not released"))
    headers = {
        "cache-control": "public, max-age=31536000, immutable",
        "etag": f'"{held.sha256}"',
        "cross-origin-resource-policy": "cross-origin",
        "content-security-policy": "default-src 'none'; sandbox",
    }
    return Response(held.data, headers=headers, media_type=held.media_type)


def _known_form(push_id: str) -> str:
    """Return an id that may exist; what cannot be one never reaches the database."""
    if not is_id("psh", push_id):
        raise NotFound(_NOT_FOUND)
    return push_id
