"""What every endpoint shares: the base of wire types, who calls, and reading a bounded body."""

from base64 import b64decode
from collections.abc import Awaitable, Callable, Collection, Coroutine
from inspect import signature
from typing import Any, Final, Protocol, cast

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict

from app.clock import Clock
from app.errors import (
    FieldProblem,
    Forbidden,
    Invalid,
    Malformed,
    TooLarge,
    TooManyRequests,
    Unauthenticated,
    UnsupportedMedia,
    Words,
)
from app.ids import is_id
from app.ratelimit import RateLimiter

SINGLE_LIMIT: Final = 4 * 1024 * 1024
"""Bytes of a request with one push, and of every request that has no limit of its own."""

BATCH_LIMIT: Final = 32 * 1024 * 1024
"""Bytes of a batch of pushes."""

_LONGEST_KEY = 255
_LONGEST_BEARER = 512
_MOST_DIGITS = 18


class PlainRoute(APIRoute):
    """Hands the request to an endpoint that asks for nothing else, without looking for more."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the endpoint itself where its one parameter is the request."""
        if list(signature(self.endpoint).parameters) != ["request"]:
            return super().get_route_handler()
        endpoint: Callable[[Request], Coroutine[Any, Any, Response]] = self.endpoint
        return endpoint


class WireModel(BaseModel):
    """The base of every type that crosses the wire: no unknown fields, no coercion, frozen."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Caller(Protocol):
    """The sender behind an API key, as the register knows it."""

    @property
    def provider_id(self) -> str:
        """Id of the provider that the sender belongs to."""
        ...

    @property
    def sender_id(self) -> str:
        """Id of the sender."""
        ...

    @property
    def scopes(self) -> Collection[str]:
        """What the sender may do."""
        ...


class Register(Protocol):
    """The part of the register that the edge needs."""

    async def authenticate(self, raw_key: str) -> Caller | None:
        """Return who holds the key; None if nobody does or it was revoked.

        Raises `CannotJudge` where the register as of now is not known.
        """
        ...


class EdgeServices(Protocol):
    """What the edge itself needs; a package's endpoints type what they need beyond it."""

    @property
    def clock(self) -> Clock:
        """Where the time comes from."""
        ...

    @property
    def register(self) -> Register:
        """The register of providers, senders and surfaces."""
        ...

    @property
    def limiter(self) -> RateLimiter:
        """Counts the requests of each sender's key."""
        ...


def services(request: Request) -> EdgeServices:
    """Return what the composition root built; the lifespan puts it into the request's state."""
    # Not by `request.state`, which is made anew for it.
    return cast("EdgeServices", request.scope["state"]["services"])


def bearer(request: Request) -> str:
    """Return the key or secret after `Authorization: Bearer`; Unauthenticated without one."""
    scheme, _, raw = request.headers.get("authorization", "").partition(" ")
    raw = raw.strip()
    if scheme.lower() != "bearer" or not raw or len(raw) > _LONGEST_BEARER:
        raise Unauthenticated(
            Words(
                "请在请求头中提供 Authorization: Bearer 密钥",
                "Send your key in the header Authorization: Bearer KEY",
            )
        )
    return raw


async def identify(request: Request, scope: str) -> Any:  # noqa: ANN401 - the register's own type
    """Return the register's caller for the request's API key, counted against its rate.

    Raises Unauthenticated for a key that is missing, unknown or revoked, Forbidden without
    `scope`, TooManyRequests over the rate, CannotJudge where the register cannot be read.
    """
    raw = bearer(request)
    parts = services(request)
    known = await parts.register.authenticate(raw)
    if known is None:
        raise Unauthenticated(Words("密钥无效或已吊销", "The key is not valid, or it was revoked"))
    request.state.sender_id = known.sender_id
    limit_rate(request, parts.limiter, known.sender_id)
    if scope not in known.scopes:
        raise Forbidden(
            Words(f"该密钥没有 {scope} 权限", f"This key lacks the scope {scope}"),
            extra={"scope": scope},
        )
    return known


def caller(scope: str) -> Callable[[Request], Awaitable[Any]]:
    """Return a dependency that yields the caller behind the API key, if it has `scope`."""

    async def dependency(request: Request) -> Any:  # noqa: ANN401 - the register's own type
        return await identify(request, scope)

    return dependency


def limit_rate(request: Request, limiter: RateLimiter, key: str) -> None:
    """Take one request from `key`'s quota; the answer carries the RateLimit fields.

    Raises TooManyRequests when the quota is used up.
    """
    state = limiter.take(key)
    request.state.rate_fields = state.fields
    if not state.allowed:
        seconds = state.retry_after
        raise TooManyRequests(
            Words(f"请求过于频繁，请在 {seconds} 秒后重试", f"Try again in {seconds} seconds"),
            retry_after=seconds,
        )


def language(request: Request) -> str:
    """Return `zh` or `en`, whichever the caller's Accept-Language prefers; zh if it has no wish."""
    return preferred_language(request.headers.get("accept-language", ""))


def preferred_language(accepted: str) -> str:
    """Return `zh` or `en` for the value of an Accept-Language field; zh in doubt."""
    best, weight = "zh", 0.0
    for part in accepted.split(","):
        tag, _, parameters = part.strip().partition(";")
        spoken = tag.strip().lower().partition("-")[0]
        if spoken not in {"zh", "en"}:
            continue
        quality = _quality(parameters)
        if quality > weight:
            best, weight = spoken, quality
    return best


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


async def read_json_body(request: Request, limit: int = SINGLE_LIMIT) -> bytes:
    """Return the body, at most `limit` bytes, which has to be declared as JSON in UTF-8.

    Raises UnsupportedMedia, TooLarge (as soon as the limit is passed) or Malformed when empty.
    """
    _check_media_type(request)
    declared = request.headers.get("content-length", "")
    if passes(declared, limit):
        raise _too_large(limit)
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
    if not size:
        raise Malformed(Words("请求体为空", "The request body is empty"))
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def passes(declared: str, limit: int) -> bool:
    """Tell whether a Content-Length says that the body has more bytes than `limit`."""
    if not (declared.isascii() and declared.isdigit()):
        return False
    # `int` refuses thousands of digits.
    return len(declared) > _MOST_DIGITS or int(declared) > limit


def _check_media_type(request: Request) -> None:
    media_type, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.lower().replace(" ", "").replace('"', "")
    if media_type.strip().lower() != "application/json" or charset not in {"", "charset=utf-8"}:
        raise UnsupportedMedia(
            Words(
                "请使用 Content-Type: application/json（UTF-8）",
                "Use Content-Type: application/json in UTF-8",
            )
        )
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMedia(
            Words("不支持压缩的请求体", "A compressed request body is not supported")
        )


def _too_large(limit: int) -> TooLarge:
    return TooLarge(
        Words(f"请求体最多 {limit} 字节", f"The body may have at most {limit} bytes"),
        extra={"limit": limit},
    )


def idempotency_key(request: Request) -> str:
    """Return the required Idempotency-Key, 1 to 255 printable ASCII characters; or Invalid."""
    given = request.headers.getlist("idempotency-key")
    if not given:
        words = Words("缺少请求头 Idempotency-Key", "The header Idempotency-Key is missing")
        raise Invalid(problems=(FieldProblem("/headers/Idempotency-Key", "missing", words),))
    key = given[0]
    good = 1 <= len(key) <= _LONGEST_KEY and key.isascii() and key.isprintable()
    # Of two keys a proxy may take the one and we the other.
    if not good or len(given) > 1:
        raise Invalid(
            problems=(
                FieldProblem(
                    "/headers/Idempotency-Key",
                    "bad_idempotency_key",
                    Words(
                        "须有且仅有一个 Idempotency-Key，为 1 至 255 个可打印 ASCII 字符",
                        "One Idempotency-Key is needed: 1 to 255 printable ASCII characters",
                    ),
                ),
            )
        )
    return key


def check_cursor(cursor: str | None, prefix: str) -> str | None:
    """Return the cursor unchanged if it stands for an id of that kind; Invalid otherwise."""
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        place = b64decode(padded, altchars=b"-_", validate=True).decode("ascii")
    except ValueError:
        place = ""
    if is_id(prefix, place):
        return cursor
    raise Invalid(
        problems=(
            FieldProblem(
                "/query/cursor",
                "bad_cursor",
                Words(
                    "游标无效，请使用上一页返回的 next_cursor",
                    "Not a cursor: use next_cursor of the page before",
                ),
            ),
        )
    )
