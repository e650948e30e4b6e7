"""The push API over HTTP: one method a call, safe to repeat, problems as exceptions."""

import asyncio
import json
import uuid
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Self

import httpx

from app.client.answers import (
    FoundDecision,
    PushPage,
    PushStatus,
    StateChange,
    Withdrawn,
    read_batch,
    read_change,
    read_decision,
    read_push,
)
from app.client.problem import ProblemError
from app.domain.state import PushState

_TIMEOUT: Final = httpx.Timeout(30.0, connect=5.0)
_WORTH_REPEATING: Final = frozenset({429, 502, 503, 504})
_LONGEST_WAIT: Final = 30.0

Push = Mapping[str, Any]


class PopgateClient:
    """Calls the gateway with one sender's key.

    A push is a mapping in the form of the wire. Every call is tried again after a lost
    connection, 429 or 503: what is submitted carries an idempotency key, made here unless
    given, so that no repetition makes a second push. Problems are raised as ProblemError,
    a gateway that cannot be reached as httpx.TransportError.
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        attempts: int = 4,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Connect to nothing yet; `attempts` counts the first, `transport` is for tests."""
        self._attempts = attempts
        self._http = httpx.AsyncClient(
            base_url=base_url,
            headers={"Authorization": f"Bearer {key}", "User-Agent": "popgate-client/1"},
            timeout=_TIMEOUT,
            transport=transport,
        )

    async def __aenter__(self) -> Self:
        """Use as a context manager, so that connections are closed."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close all connections."""
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def check(self, push: Push) -> FoundDecision:
        """Return what submitting the push now would decide; leaves no trace."""
        answer = await self._send("POST", "/v1/checks", body=push)
        return read_decision(answer["decision"])

    async def submit(self, push: Push, *, idempotency_key: str | None = None) -> PushStatus:
        """Submit a push; a blocked one is an answer, not an error."""
        answer = await self._send(
            "POST", "/v1/pushes", body=push, key=idempotency_key or uuid.uuid4().hex
        )
        return read_push(answer)

    async def submit_batch(
        self, pushes: Sequence[Push], *, idempotency_key: str | None = None
    ) -> tuple[PushStatus | ProblemError, ...]:
        """Submit up to 1,000 pushes; an item's result is its push or its problem."""
        key = idempotency_key or uuid.uuid4().hex
        body = {"pushes": list(pushes)}
        return read_batch(await self._send("POST", "/v1/pushes/batch", body=body, key=key))

    async def get(self, push_id: str) -> PushStatus:
        """Return state, decision and delivery counts of a push."""
        return read_push(await self._send("GET", f"/v1/pushes/{push_id}"))

    async def find(
        self, external_id: str | None = None, *, limit: int = 50, cursor: str | None = None
    ) -> PushPage:
        """Return own pushes, those with one external_id if given."""
        asked = {"external_id": external_id, "limit": str(limit), "cursor": cursor}
        query = {name: value for name, value in asked.items() if value is not None}
        answer = await self._send("GET", "/v1/pushes", query=query)
        return PushPage(tuple(read_push(one) for one in answer["items"]), answer["next_cursor"])

    async def timeline(self, push_id: str) -> tuple[StateChange, ...]:
        """Return every change of state, the oldest first."""
        answer = await self._send("GET", f"/v1/pushes/{push_id}/timeline")
        return tuple(read_change(one) for one in answer["items"])

    async def withdraw(self, push_id: str, reason: str) -> Withdrawn:
        """Stop what is not yet sent and recall what can be recalled."""
        answer = await self._send("POST", f"/v1/pushes/{push_id}/withdraw", body={"reason": reason})
        return Withdrawn(PushState(answer["state"]), answer["stopped"], answer["recalled"])

    async def rules(self) -> list[dict[str, Any]]:
        """Return every rule in force, as the wire has it."""
        items: list[dict[str, Any]] = (await self._send("GET", "/v1/rules"))["items"]
        return items

    async def _send(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        key: str | None = None,
        query: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        # Serialised once: a repetition has to carry the very same bytes.
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        headers = {} if content is None else {"Content-Type": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key
        request = self._http.build_request(
            method, path, content=content, headers=headers, params=query
        )
        answer = await self._repeat(request)
        value = _read(answer)
        if answer.is_success and isinstance(value, dict):
            return value
        raise ProblemError.from_body(answer.status_code, value)

    async def _repeat(self, request: httpx.Request) -> httpx.Response:
        for attempt in range(1, self._attempts):
            wait = 0.1 * 2**attempt
            try:
                answer = await self._http.send(request)
            except httpx.TransportError:
                await asyncio.sleep(wait)
                continue
            if answer.status_code not in _WORTH_REPEATING:
                return answer
            asked = answer.headers.get("retry-after", "")
            wait = float(asked) if asked.isdigit() else wait
            await asyncio.sleep(min(wait, _LONGEST_WAIT))
        return await self._http.send(request)


def _read(answer: httpx.Response) -> object:
    try:
        return json.loads(answer.content)
    except ValueError:
        return None
