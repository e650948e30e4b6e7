"""Promise 5 over HTTP: sixty-four at once under one idempotency key, to a server on a real port."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from http import HTTPStatus
from uuid import uuid4

import httpx
import orjson
import pytest
import uvicorn
from sqlalchemy import func, select

from app.pushes.models import idempotency_keys, pushes
from tests.fixtures.api import Api, with_state
from tests.fixtures.waiting import until_true

AT_ONCE = 64


@contextlib.asynccontextmanager
async def on_a_port(api: Api) -> AsyncIterator[tuple[str, int]]:
    """Serve the gateway by uvicorn, as `popgate serve` does, until the context ends."""
    config = uvicorn.Config(
        with_state(api.app, api.state),
        host="127.0.0.1",
        port=0,
        lifespan="off",
        http="httptools",
        log_level="error",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    try:
        await until_true(lambda: server.started, lambda: "the server never started")
        yield server.servers[0].sockets[0].getsockname()
    finally:
        server.should_exit = True
        await serving


def request(api: Api, body: bytes, key: str) -> bytes:
    """A submit as it goes over the wire."""
    lines = (
        "POST /v1/pushes HTTP/1.1",
        "Host: gateway.test",
        f"Authorization: Bearer {api.key}",
        f"Idempotency-Key: {key}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: close",
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def all_at_once(where: tuple[str, int], calls: list[bytes]) -> list[tuple[int, bytes]]:
    """Send each call on a connection of its own, the last byte of all of them together."""
    lines = [await asyncio.open_connection(*where) for _ in calls]
    for (_, writer), call in zip(lines, calls, strict=True):
        writer.write(call[:-1])
        await writer.drain()
    await asyncio.sleep(0.05)
    for (_, writer), call in zip(lines, calls, strict=True):
        writer.write(call[-1:])
    answers = await asyncio.gather(*(reader.read() for reader, _ in lines))
    for _, writer in lines:
        writer.close()
        await writer.wait_closed()
    return [read(answer) for answer in answers]


def read(answer: bytes) -> tuple[int, bytes]:
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1]), body


async def count(api: Api) -> tuple[int, int]:
    """How many pushes and keys there are."""
    return (
        await api.services.db.read(
            lambda tx: tx.execute(select(func.count()).select_from(pushes)).scalar_one()
        ),
        await api.services.db.read(
            lambda tx: tx.execute(select(func.count()).select_from(idempotency_keys)).scalar_one()
        ),
    )


async def test_sixty_four_at_once_over_http_make_one_push(each_api: Api) -> None:
    api, key = each_api, uuid4().hex
    body = orjson.dumps(api.push())
    async with on_a_port(api) as where:
        answers = await all_at_once(where, [request(api, body, key)] * AT_ONCE)
        assert len(set(answers)) == 1
        status, first = answers[0]
        assert status == HTTPStatus.CREATED
        # However late: the same bytes once more, over another connection.
        async with httpx.AsyncClient(base_url=f"http://{where[0]}:{where[1]}") as http:
            headers = {"Authorization": f"Bearer {api.key}", "Idempotency-Key": key}
            late = await http.post(
                "/v1/pushes",
                content=body,
                headers=headers | {"Content-Type": "application/json"},
            )
    assert (late.status_code, late.content) == (HTTPStatus.CREATED, first)
    assert await count(api) == (1, 1)


@pytest.mark.parametrize("same", [True, False])
async def test_two_bodies_or_two_keys_at_once_over_http(each_api: Api, *, same: bool) -> None:
    """One key and two bodies: one push, the other body is refused. Two keys: two pushes."""
    api, keys = each_api, (uuid4().hex, uuid4().hex)
    bodies = [orjson.dumps(api.push()) for _ in range(2)]
    calls = [request(api, bodies[n % 2], keys[0] if same else keys[n % 2]) for n in range(AT_ONCE)]
    async with on_a_port(api) as where:
        answers = await all_at_once(where, calls)
    made = {body for status, body in answers if status == HTTPStatus.CREATED}
    refused = {status for status, _ in answers} - {HTTPStatus.CREATED}
    assert (len(made), refused) == ((1, {HTTPStatus.CONFLICT}) if same else (2, set()))
    assert await count(api) == ((1, 1) if same else (2, 2))
