"""The call to complain about a popup; no sign-in, no key."""

from typing import Final, Protocol, cast

from fastapi import APIRouter, Request, Response

from app.audit.events import instant_text
from app.complaints.schemas import ComplaintAnswer, ComplaintBody
from app.complaints.service import Complaints, NewComplaint
from app.documentation import answers, json_answer, json_body
from app.ratelimit import RateLimiter, address_key
from app.validation import parse_json
from app.wire import language, limit_rate, read_json_body

router = APIRouter(tags=["complaints"])

_BODY_LIMIT: Final = 32 * 1024


class Services(Protocol):
    """What this endpoint needs of the composition root."""

    @property
    def complaints(self) -> Complaints:
        """The complaints."""
        ...

    @property
    def public_limiter(self) -> RateLimiter:
        """Counts the calls without a key, by address."""
        ...


@router.post(
    "/v1/complaints",
    status_code=201,
    summary="投诉举报 · Complain about a popup",
    responses=answers(
        400, 404, 413, 415, 422, 429, 503,
        ok=json_answer("Filed", ComplaintAnswer), status=201,
    ),
    openapi_extra={
        "security": [],
        "requestBody": json_body(
            ComplaintBody,
            {
                "release_id": "rel_01hgx3m5qk7vxkq2n8r4t6w9ya",
                "reason": "not_closable",
                "text": "点了两次才关掉。",
            },
        ),
    },
)  # fmt: skip
async def file_complaint(request: Request) -> Response:
    """File a complaint and get its number; nothing personal is asked."""
    parts = cast("Services", request.state.services)
    host = None if request.client is None else request.client.host
    limit_rate(request, parts.public_limiter, address_key(host))
    body = parse_json(ComplaintBody, await read_json_body(request, _BODY_LIMIT))
    new = NewComplaint(body.release_id, body.reason, body.text, language(request))
    filed = await parts.complaints.file(new)
    answer = ComplaintAnswer(number=filed.number, filed_at=instant_text(filed.filed_at))
    return Response(answer.model_dump_json(), 201, media_type="application/json")
