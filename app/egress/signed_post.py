"""Posting a signed body once and saying what is certain about the outcome."""

import asyncio
import contextlib
import hashlib
import hmac
from dataclasses import dataclass
from enum import StrEnum

import httpx

from app.clock import Clock
from app.egress.backend import GuardedBackend
from app.egress.guard import AddressRefused, Guard
from app.egress.trust import trusted

TOO_MANY = 429
UNAVAILABLE = 503
GONE = 410
_LONGEST_ANSWER = 64 * 1024
_BODY_SECONDS = 1.0
_LONGEST_WAIT = 3_600
_MOST_DIGITS = 9


# The request never left: no connection, none free in time, or no such protocol.
_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
)


class Heard(StrEnum):
    """What is certain after one post."""

    ACCEPTED = "accepted"
    # Certainly not processed, and worth another try.
    NOT_NOW = "not_now"
    # Certainly refused; trying again would be refused again.
    REFUSED = "refused"
    GONE = "gone"
    # The receiver may or may not have it.
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Target:
    """Where to post and with which secret to sign; `key_id` names the secret."""

    url: str
    secret: str
    key_id: str


@dataclass(frozen=True, slots=True)
class Reply:
    """The outcome, the HTTP status if there was one, words, and seconds to wait if asked."""

    heard: Heard
    status: int | None
    detail: str
    retry_after: int | None = None


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return `sha256=` and the hex HMAC-SHA256 over `timestamp.body`."""
    signed = timestamp.encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


class SignedPost:
    """An HTTP client that only posts, follows nothing and connects only where it may."""

    def __init__(self, clock: Clock, guard: Guard, timeout_seconds: float) -> None:
        """`timeout_seconds` bounds connecting, writing and each read."""
        self._clock = clock
        transport = httpx.AsyncHTTPTransport(
            verify=trusted(), retries=0, limits=httpx.Limits(max_connections=64)
        )
        transport._pool._network_backend = GuardedBackend(guard)  # noqa: SLF001 - the place for it
        self._client = httpx.AsyncClient(
            transport=transport,
            timeout=httpx.Timeout(timeout_seconds),
            follow_redirects=False,
            trust_env=False,
        )
        self._timeout = timeout_seconds

    async def send(self, target: Target, event_id: str, body: bytes) -> Reply:
        """Post `body` once; the same event id and body may be sent again by the caller.

        Headers: Popgate-Event-Id, Popgate-Timestamp (Unix seconds), Popgate-Key-Id and
        Popgate-Signature. Never raises for what the network or the receiver does.
        """
        timestamp = str(int(self._clock.now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "popgate-webhook/1",
            "Popgate-Event-Id": event_id,
            "Popgate-Timestamp": timestamp,
            "Popgate-Key-Id": target.key_id,
            "Popgate-Signature": signature(target.secret, timestamp, body),
        }
        try:
            async with asyncio.timeout(self._timeout * 2):
                return await self._post(target.url, headers, body)
        except AddressRefused as error:
            return Reply(Heard.REFUSED, None, error.title.en)
        except _NEVER_SENT as error:
            return Reply(Heard.NOT_NOW, None, f"not connected: {type(error).__name__}")
        except (httpx.HTTPError, TimeoutError, OSError) as error:
            return Reply(Heard.UNKNOWN, None, f"no answer: {type(error).__name__}")
        except httpx.InvalidURL:
            return Reply(Heard.REFUSED, None, "the address is malformed")

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def _post(self, url: str, headers: dict[str, str], body: bytes) -> Reply:
        async with self._client.stream("POST", url, headers=headers, content=body) as response:
            reply = understood(response.status_code, response.headers.get("retry-after"))
            # The status says it all. Reading a bounded part of the body keeps the connection; a
            # body that is slow or breaks off takes nothing back.
            with contextlib.suppress(httpx.HTTPError, TimeoutError, OSError):
                async with asyncio.timeout(_BODY_SECONDS):
                    await _read_a_part(response)
            return reply


def understood(status: int, retry_after: str | None) -> Reply:
    """Say what a status means: 2xx accepted, 410 gone, 429 and 503 later, other 4xx refused.

    Every other 5xx and whatever is not a final answer may have been processed: unknown.
    """
    detail = f"HTTP {status}"
    wait = None if retry_after is None else _seconds(retry_after)
    if httpx.codes.is_success(status):
        return Reply(Heard.ACCEPTED, status, detail)
    if status == GONE:
        return Reply(Heard.GONE, status, detail)
    if status in {TOO_MANY, UNAVAILABLE}:
        return Reply(Heard.NOT_NOW, status, detail, wait)
    if httpx.codes.is_client_error(status) or httpx.codes.is_redirect(status):
        return Reply(Heard.REFUSED, status, detail)
    return Reply(Heard.UNKNOWN, status, detail)


def _seconds(retry_after: str) -> int | None:
    """Return what the receiver asks for, an hour at most; None for a date or nonsense."""
    # `isdigit` alone takes a superscript two, and `int` refuses thousands of digits.
    if not (retry_after.isascii() and retry_after.isdigit()):
        return None
    return (
        _LONGEST_WAIT if len(retry_after) > _MOST_DIGITS else min(int(retry_after), _LONGEST_WAIT)
    )


async def _read_a_part(response: httpx.Response) -> None:
    seen = 0
    async for part in response.aiter_raw():
        seen += len(part)
        if seen > _LONGEST_ANSWER:
            return
