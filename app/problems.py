"""Errors on the wire: RFC 9457 problem details with stable codes and words in zh and en."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException  # noqa: TID251 - FastAPI's is only a subclass

from app.errors import FieldProblem, GatewayError, Invalid, Words
from app.validation import field_problems
from app.wire import language

MEDIA_TYPE: Final = "application/problem+json"
_MOST_PROBLEMS = 100
_OUTAGES: Final = frozenset({HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.SERVICE_UNAVAILABLE})
_LONGEST_CAUSE = 200

_log = structlog.get_logger("popgate.problems")

_ROUTING: Final[Mapping[int, tuple[str, Words]]] = {
    400: ("malformed", Words("请求格式错误", "The request is malformed")),
    404: ("not_found", Words("没有这个地址", "There is nothing at this address")),
    405: ("method_not_allowed", Words("该地址不支持此方法", "This address lacks that method")),
    413: ("too_large", Words("请求体超过上限", "The request body is over the limit")),
    415: ("unsupported_media_type", Words("不支持的内容类型", "Unsupported content type")),
}


def problem_body(error: GatewayError, spoken: str) -> dict[str, Any]:
    """Return the problem details of `error`; `spoken` (zh or en) picks title and detail.

    `message` has the detail in both languages, and so has every entry of `errors`.
    """
    body: dict[str, Any] = {
        "type": f"urn:popgate:problem:{error.code}",
        "title": getattr(error.title, spoken),
        "status": error.status_code,
        "code": error.code,
        "detail": getattr(error.detail, spoken),
        "message": _words(error.detail),
    }
    if error.problems:
        body["errors"] = [_field(problem) for problem in error.problems[:_MOST_PROBLEMS]]
        if len(error.problems) > _MOST_PROBLEMS:
            body["errors_total"] = len(error.problems)
    if error.retry_after is not None:
        body["retry_after"] = error.retry_after
    return body | {name: value for name, value in error.extra.items() if name not in body}


def problem_response(error: GatewayError, spoken: str) -> Response:
    """Return `error` as a response with its status, language and Retry-After."""
    headers = {"content-language": spoken, "cache-control": "no-store"}
    if error.retry_after is not None:
        headers["retry-after"] = str(error.retry_after)
    if error.status_code == HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = 'Bearer realm="popgate"'
    return Response(
        orjson.dumps(problem_body(error, spoken)),
        error.status_code,
        headers,
        media_type=MEDIA_TYPE,
    )


def install(app: FastAPI) -> None:
    """Make `app` answer every refusal and outage as problem details."""

    async def on_gateway_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, GatewayError)  # noqa: S101 - registered for nothing else
        if error.status_code in _OUTAGES:
            route = getattr(request.scope.get("route"), "path", None)
            _log.warning("outage", code=error.code, route=route, cause=_cause(error))
        return problem_response(error, language(request))

    async def on_bad_parameters(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - as above
        return problem_response(invalid_parameters(error), language(request))

    async def on_routing_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - as above
        response = problem_response(_routing_problem(error.status_code), language(request))
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            response.headers["allow"] = _allowed(request)
        return response

    app.add_exception_handler(GatewayError, on_gateway_error)
    app.add_exception_handler(RequestValidationError, on_bad_parameters)
    app.add_exception_handler(HTTPException, on_routing_error)


def invalid_parameters(error: RequestValidationError) -> GatewayError:
    """Return the problem for path, query, header or body parameters that FastAPI refused."""
    return Invalid(problems=field_problems(error.errors(), placed=True))


def _routing_problem(status: int) -> GatewayError:
    code, title = _ROUTING.get(status, (f"http_{status}", Words("请求未被接受", "Not accepted")))
    error = GatewayError(title)
    error.code, error.status_code, error.title = code, status, title
    return error


def _allowed(request: Request) -> str:
    """Return all methods of the address; the router names only those of one of its routes."""
    template = getattr(request.scope.get("route"), "path", request.url.path)
    known = request.app.openapi()["paths"].get(template, {})
    return ", ".join(sorted(method.upper() for method in known))


def _cause(error: GatewayError) -> str | None:
    """Say what lies behind an outage: its type, and a database driver's own first line.

    The text of the SQLAlchemy error itself is left out, since it holds the parameters.
    """
    cause = error.__cause__
    if cause is None:
        return None
    told = str(getattr(cause, "orig", "")).partition("\n")[0][:_LONGEST_CAUSE]
    return f"{type(cause).__name__}: {told}" if told else type(cause).__name__


def _words(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}


def _field(problem: FieldProblem) -> dict[str, Any]:
    return {
        "pointer": problem.pointer,
        "code": problem.code,
        "message": _words(problem.message),
    }
