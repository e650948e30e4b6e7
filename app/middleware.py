"""What happens around every request: limits, headers, the access log, metrics, the last resort."""

import os
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.exceptions import HTTPException  # noqa: TID251 - FastAPI's cannot be raised here
from starlette.requests import ClientDisconnect  # noqa: TID251 - FastAPI has no name for it

from app import metrics
from app.clock import Clock
from app.errors import GatewayError, Malformed, Words
from app.logs import described, log_request
from app.problems import problem_response
from app.wire import SINGLE_LIMIT, passes, preferred_language

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Field = tuple[bytes, bytes]

_CLIENT_GONE: Final = 499
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_NOWHERE: Final = "(no route)"
_NUL: Final = Words("网址不得含有空字符 U+0000", "An address must not hold the character U+0000")

_SECURITY: Final[tuple[Field, ...]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
_HSTS: Final[Field] = (b"strict-transport-security", b"max-age=31536000")

_log = structlog.get_logger("popgate.http")


class Edge:
    """The outermost layer. Headers that an answer already has are left as they are."""

    def __init__(self, app: App, clock: Clock, limits: dict[str, int], *, tls: bool) -> None:
        """`limits` are bytes of a body by path, for paths that take more than the usual."""
        self._app = app
        self._clock = clock
        self._limits = limits
        self._fields = (*_SECURITY, _HSTS) if tls else _SECURITY

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run one request; whatever goes wrong is answered with problem details."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = self._clock.monotonic()
        state = scope.setdefault("state", {})
        request_id = state["request_id"] = os.urandom(12).hex()
        answer = _Answer(send, state, self._fields)
        limit = self._limits.get(scope["path"], SINGLE_LIMIT)
        try:
            if _has_nul(scope):
                await self._refuse(Malformed(_NUL), scope, receive, answer)
            else:
                await self._app(scope, _bounded(scope, receive, limit), answer.send)
        except ClientDisconnect:
            answer.status = _CLIENT_GONE
        except Exception as error:
            # Described here: a renderer that prints local variables would print keys.
            _log.error("unexpected_error", request_id=request_id, error=described(error))
            if answer.started:
                raise
            told = GatewayError(extra={"request_id": request_id})
            await self._refuse(told, scope, receive, answer)
        finally:
            self._record(scope, answer, self._clock.monotonic() - began)

    @staticmethod
    async def _refuse(
        error: GatewayError, scope: Scope, receive: Receive, answer: "_Answer"
    ) -> None:
        response = problem_response(error, preferred_language(_header(scope, b"accept-language")))
        await response(scope, receive, answer.send)

    def _record(self, scope: Scope, answer: "_Answer", seconds: float) -> None:
        route = getattr(scope.get("route"), "path", _NOWHERE)
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        metrics.request_answered(method, route, answer.status, seconds)
        state = scope["state"]
        # The template, not the path: paths hold tokens of recipients.
        log_request(
            self._clock.now(),
            method=method,
            route=route,
            status=answer.status,
            ms=round(seconds * 1000, 2),
            request_id=state["request_id"],
            sender=state.get("sender_id"),
        )


class _Answer:
    """Sends an answer on with the edge's header fields, and remembers its status."""

    def __init__(self, send: Send, state: dict[str, Any], fields: Iterable[Field]) -> None:
        self._send = send
        self._state = state
        self._fields = fields
        self.started = False
        self.status = int(HTTPStatus.INTERNAL_SERVER_ERROR)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            self.status = message["status"]
            given = list(message.get("headers", ()))
            names = {name for name, _ in given}
            given.extend(field for field in self._fields if field[0] not in names)
            given.append((b"x-request-id", self._state["request_id"].encode()))
            given.extend(self._state.get("rate_fields", ()))
            message = {**message, "headers": given}
        await self._send(message)


def _bounded(scope: Scope, receive: Receive, limit: int) -> Receive:
    """Return `receive` so that it refuses the body as soon as it passes `limit` bytes."""
    over = passes(_header(scope, b"content-length"), limit)
    size = 0

    async def counted() -> Message:
        nonlocal size
        if over:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        message = await receive()
        size += len(message.get("body", b""))
        if size > limit:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return message

    return counted


def _has_nul(scope: Scope) -> bool:
    """Tell whether the address holds U+0000, which no database can look for.

    The calls of the API check their parameters themselves, and name the one.
    """
    if scope["path"].startswith("/v1/"):
        return False
    return "\0" in scope["path"] or b"%00" in scope.get("query_string", b"")


def _header(scope: Scope, name: bytes) -> str:
    found = next((value for key, value in scope["headers"] if key == name), b"")
    return str(found.decode("latin-1"))


class PublicCors:
    """Lets pages of any origin call the addresses that the embedded client needs.

    No credentials of a browser are involved: the device secret is sent as Bearer.
    """

    def __init__(self, app: App, prefixes: tuple[str, ...]) -> None:
        """Paths that begin with one of `prefixes` are open to other origins."""
        self._app = app
        self._prefixes = prefixes
        self._open = CORSMiddleware(
            app,
            allow_origins=["*"],
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Accept-Language", "Last-Event-ID"],
            expose_headers=["Retry-After", "RateLimit", "RateLimit-Policy", "X-Request-Id"],
            max_age=600,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a pre-flight or add the fields, for open paths only."""
        if scope["type"] == "http" and scope["path"].startswith(self._prefixes):
            await self._open(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def install(app: FastAPI, clock: Clock, limits: dict[str, int], *, tls: bool) -> None:
    """Put both layers around `app`, the edge outermost."""
    prefixes = (
        "/v1/inbox/",
        "/v1/recipients",
        "/v1/refusals",
        "/v1/complaints",
        "/v1/assets/",
        "/.well-known/",
    )
    app.add_middleware(PublicCors, prefixes=prefixes)
    app.add_middleware(Edge, clock=clock, limits=limits, tls=tls)
