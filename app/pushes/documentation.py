"""How the calls about pushes describe themselves in the API reference."""

from typing import Any, Final

from app.documentation import answers, header, json_answer, json_body, needs_key
from app.pushes.answer_schemas import (
    BatchAnswer,
    CheckAnswer,
    PushAnswer,
    PushPageAnswer,
    RulesAnswer,
    SubmittedAnswer,
    TimelineAnswer,
    WithdrawnAnswer,
)
from app.pushes.examples import (
    DECISION_EXAMPLE,
    PUSH_EXAMPLE,
    RULES_EXAMPLE,
    SUBMITTED_EXAMPLE,
)
from app.pushes.schemas import BatchModel, PushModel, WithdrawModel

Json = dict[str, Any]

MODELS: Final = (
    PushModel,
    BatchModel,
    WithdrawModel,
    BatchAnswer,
    CheckAnswer,
    PushAnswer,
    PushPageAnswer,
    RulesAnswer,
    SubmittedAnswer,
    TimelineAnswer,
    WithdrawnAnswer,
)
"""Every type that the descriptions below refer to by name."""

_WRITES: Final = (400, 401, 403, 413, 415, 422, 429, 503)
_READS: Final = (401, 403, 404, 422, 429, 503)
_KEY_HEADER: Final = header(
    "Idempotency-Key",
    "names this request for ever: the same key never makes two pushes",
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
)

SUBMIT: Final[Json] = {
    "summary": "Submit a push · 提交弹窗推送",
    "status_code": 201,
    "responses": answers(
        *_WRITES,
        409,
        501,
        ok=json_answer(
            "stored; blocked or waiting for a person", SubmittedAnswer, SUBMITTED_EXAMPLE
        ),
        status=201,
    ),
    "openapi_extra": needs_key(
        requestBody=json_body(PushModel, PUSH_EXAMPLE), parameters=[_KEY_HEADER]
    ),
}

CHECK: Final[Json] = {
    "summary": "Check a push without a trace · 仅校验，不留痕",
    "responses": answers(
        *_WRITES,
        501,
        ok=json_answer(
            "what submitting it now would decide", CheckAnswer, {"decision": DECISION_EXAMPLE}
        ),
    ),
    "openapi_extra": needs_key(requestBody=json_body(PushModel, PUSH_EXAMPLE)),
}

BATCH: Final[Json] = {
    "summary": "Submit up to 1,000 pushes · 批量提交",
    "responses": answers(
        *_WRITES,
        409,
        ok=json_answer(
            "one result an item, in the order given",
            BatchAnswer,
            {"results": [{"status": 201, "push": SUBMITTED_EXAMPLE}]},
        ),
    ),
    "openapi_extra": needs_key(
        requestBody=json_body(BatchModel, {"pushes": [PUSH_EXAMPLE]}), parameters=[_KEY_HEADER]
    ),
}

FIND: Final[Json] = {
    "summary": "List own pushes · 查询推送列表",
    "responses": answers(
        401, 403, 422, 429, 503, ok=json_answer("pushes, the newest first", PushPageAnswer)
    ),
    "openapi_extra": needs_key(),
}

GET: Final[Json] = {
    "summary": "Follow a push · 查询推送",
    "responses": answers(*_READS, ok=json_answer("the push as it stands", PushAnswer)),
    "openapi_extra": needs_key(),
}

TIMELINE: Final[Json] = {
    "summary": "Every change of state · 推送时间线",
    "responses": answers(*_READS, ok=json_answer("every change of state", TimelineAnswer)),
    "openapi_extra": needs_key(),
}

WITHDRAW: Final[Json] = {
    "summary": "Withdraw a push · 撤回推送",
    "responses": answers(
        *_WRITES, 404, 409, ok=json_answer("what was stopped and recalled", WithdrawnAnswer)
    ),
    "openapi_extra": needs_key(requestBody=json_body(WithdrawModel, {"reason": "价格有误"})),
}

UPLOAD_AUDIENCE: Final[Json] = {
    "summary": "Upload a recipients file · 上传接收用户名单",
    "status_code": 501,
    "responses": answers(401, 403, 429, 501, 503),
    "openapi_extra": needs_key(),
}

RULES: Final[Json] = {
    "summary": "Every rule in force · 现行规则",
    "responses": answers(
        401, 403, 429, 503, ok=json_answer("in the order of the law", RulesAnswer, RULES_EXAMPLE)
    ),
    "openapi_extra": needs_key(),
}

ASSET: Final[Json] = {
    "summary": "An image of a released push · 已下发推送的图片",
    "responses": answers(
        404,
        503,
        ok={
            "description": "the bytes as they were handed in",
            "content": {
                media_type: {"schema": {"type": "string", "format": "binary"}}
                for media_type in ("image/png", "image/jpeg", "image/webp")
            },
        },
    ),
}
