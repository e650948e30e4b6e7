"""How operations describe themselves in the OpenAPI document: bodies, answers, every problem."""

from collections.abc import Sequence
from typing import Any, Final, cast

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app import errors
from app.errors import FieldProblem, GatewayError, Words
from app.problems import MEDIA_TYPE, problem_body

Json = dict[str, Any]

_REF: Final = "#/components/schemas/{model}"
_SECURITY: Final = "senderKey"

_PROBLEM: Final[Json] = {
    "title": "Problem",
    "description": "RFC 9457 problem details; every text stands there in Chinese and English.",
    "type": "object",
    "required": ["type", "title", "status", "code", "detail", "message"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": {"type": "string", "description": "stable; never translated"},
        "detail": {"type": "string", "description": "in the language of Accept-Language"},
        "message": {"$ref": "#/components/schemas/Words"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/FieldProblem"}},
        "errors_total": {"type": "integer"},
        "retry_after": {"type": "integer", "description": "seconds"},
        "request_id": {"type": "string"},
    },
    "additionalProperties": True,
}
_FIELD_PROBLEM: Final[Json] = {
    "title": "FieldProblem",
    "type": "object",
    "required": ["pointer", "code", "message"],
    "properties": {
        "pointer": {"type": "string", "description": "JSON pointer (RFC 6901) into the body"},
        "code": {"type": "string"},
        "message": {"$ref": "#/components/schemas/Words"},
    },
}
_WORDS: Final[Json] = {
    "title": "Words",
    "type": "object",
    "required": ["zh", "en"],
    "properties": {"zh": {"type": "string"}, "en": {"type": "string"}},
}

_EXAMPLES: Final[dict[int, GatewayError]] = {
    400: errors.Malformed(
        Words("不是有效的 UTF-8 JSON：第 1 行第 7 列", "Not JSON in UTF-8, line 1 column 7"),
        extra={"line": 1, "column": 7},
    ),
    401: errors.Unauthenticated(),
    403: errors.Forbidden(),
    404: errors.NotFound(),
    409: errors.Conflict(),
    413: errors.TooLarge(),
    415: errors.UnsupportedMedia(),
    422: errors.Invalid(
        problems=(
            FieldProblem("/title", "too_long", Words("最多 100 个字符", "At most 100 characters")),
        )
    ),
    429: errors.TooManyRequests(retry_after=1),
    500: errors.GatewayError(),
    501: errors.NotImplementedYet(),
    503: errors.CannotJudge(retry_after=2),
}
_RATE_HEADERS: Final[Json] = {
    name: {"description": words, "schema": {"type": "string"}}
    for name, words in (
        ("RateLimit-Policy", "the quota q in a window of w seconds"),
        ("RateLimit", "what remains (r) and when it is whole again (t, seconds)"),
    )
}

Responses = dict[int | str, dict[str, Any]]


def answers(*statuses: int, ok: Json | None = None, status: int = 200) -> Responses:
    """Return the `responses` of an operation: `ok` under `status`, and problems by status.

    500 is always among them, since the edge answers it for whatever went wrong.
    """
    documented: Responses = {} if ok is None else {status: ok}
    for number in sorted({*statuses, 500}):
        documented[number] = problem_answer(number)
    return documented


def problem_answer(status: int) -> Json:
    """Return the description of problem details under one status, with an example."""
    error = _EXAMPLES[status]
    answer: Json = {
        "description": f"{error.title.en} · {error.title.zh}",
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": _REF.format(model="Problem")},
                "example": problem_body(error, "en"),
            }
        },
    }
    if error.retry_after is not None:
        answer["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
    return answer


def json_answer(description: str, model: type[BaseModel], example: Json | None = None) -> Json:
    """Return the description of a JSON answer; `model` goes to `describe` as well."""
    media: Json = {"schema": {"$ref": _REF.format(model=model.__name__)}}
    if example is not None:
        media["example"] = example
    return {
        "description": description,
        "headers": _RATE_HEADERS,
        "content": {"application/json": media},
    }


def json_body(model: type[BaseModel], example: Json) -> Json:
    """Return the `requestBody` of an operation that reads its body itself."""
    media = {"schema": {"$ref": _REF.format(model=model.__name__)}, "example": example}
    return {"required": True, "content": {"application/json": media}}


def header(name: str, description: str, schema: Json) -> Json:
    """Return a required header parameter that an operation reads itself."""
    return {
        "name": name,
        "in": "header",
        "required": True,
        "description": description,
        "schema": schema,
    }


def needs_key(**more: object) -> Json:
    """Return the `openapi_extra` of an operation for senders, with `more` in it."""
    return {"security": [{_SECURITY: []}], **more}


def describe(app: FastAPI, models: Sequence[type[BaseModel]]) -> None:
    """Have `app` make its OpenAPI document once, with the schemas of `models` in it."""

    def document() -> Json:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app, models)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign] # FastAPI's own way to extend it


def _document(app: FastAPI, models: Sequence[type[BaseModel]]) -> Json:
    made = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    components = cast("Json", made.setdefault("components", {}))
    schemas = cast("Json", components.setdefault("schemas", {}))
    _, defined = models_json_schema([(m, "validation") for m in models], ref_template=_REF)
    schemas.update(defined.get("$defs", {}))
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    _replace_validation_answers(made)
    schemas.update({"Problem": _PROBLEM, "FieldProblem": _FIELD_PROBLEM, "Words": _WORDS})
    components.setdefault("securitySchemes", {}).update(
        {
            name: {"type": "http", "scheme": "bearer", "description": words}
            for name, words in (
                (_SECURITY, "a sender's API key · 发送方接口密钥"),
                ("deviceSecret", "a recipient's device secret · 接收用户的设备密钥"),
            )
        }
    )
    return made


def _replace_validation_answers(document: Json) -> None:
    """FastAPI documents its own 422 for whatever has parameters; ours is a problem."""
    for methods in document["paths"].values():
        for operation in methods.values():
            answer = operation["responses"].get("422")
            if answer is not None and MEDIA_TYPE not in answer.get("content", {}):
                operation["responses"]["422"] = problem_answer(422)
