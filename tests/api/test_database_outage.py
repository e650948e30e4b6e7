"""The database goes away in the middle of the work: told so, nothing half-written, goes on."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import httpx
from sqlalchemy import func, select

from app.audit.models import audit_entries
from app.db.session import Tx
from app.pushes.models import decisions, idempotency_keys, pushes, transitions
from app.review.models import tickets
from app.screening.screener import Screener
from tests.fixtures.api import Api, ApiStarter
from tests.fixtures.postgres import PostgresServer


async def stored(api: Api) -> dict[str, int]:
    """Count what every submitted push has exactly one of."""

    def count(tx: Tx) -> dict[str, int]:
        found = {
            table.name: tx.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (pushes, decisions, transitions, tickets, idempotency_keys)
        }
        entries = select(func.count()).where(audit_entries.c.kind == "push_submitted")
        return found | {"entries": tx.execute(entries).scalar_one()}

    return await api.services.db.read(count)


async def load(api: Api, keys: list[str], began: asyncio.Event) -> list[httpx.Response]:
    """Submit under each key, sixteen at a time; `began` is set once some are answered."""
    room = asyncio.Semaphore(16)

    async def one(number: int, key: str) -> httpx.Response:
        async with room:
            answer = await api.submit(api.push(external_id=key), key=key)
        if number == 24:
            began.set()
        return answer

    return await asyncio.gather(*(one(number, key) for number, key in enumerate(keys)))


async def again(api: Api, keys: list[str]) -> None:
    """Submit under each key until it is answered with 201, within some seconds."""
    for key in keys:
        for _ in range(80):
            answer = await api.submit(api.push(external_id=key), key=key)
            # Another body under a key that was stored after all is a conflict.
            if answer.status_code in {201, 409}:
                break
            assert answer.status_code == 503, answer.text
            await asyncio.sleep(0.25)
        else:
            raise AssertionError(key)


async def test_postgresql_crashes_under_load_and_comes_back(
    postgres_server: PostgresServer,
    postgres_url: str,
    valkey_url: str,
    tmp_path: Path,
    shipped_screener: Screener,
) -> None:
    starter = ApiStarter(postgres_url, valkey_url, tmp_path, shipped_screener)
    async for api in starter.start():
        keys = [uuid4().hex for _ in range(200)]
        began = asyncio.Event()
        loading = asyncio.create_task(load(api, keys, began))
        await began.wait()
        postgres_server.stop(abruptly=True)
        try:
            answers = await loading
            down = await api.http.get("/v1/pushes")
        finally:
            # In this thread: the server ends with the one that started it.
            postgres_server.start()

        statuses = {answer.status_code for answer in answers}
        assert statuses == {201, 503}
        assert down.status_code == 503
        for answer in (*answers, down):
            if answer.status_code == 503:
                assert int(answer.headers["retry-after"]) >= 1
                assert answer.headers["content-type"] == "application/problem+json"
        await again(api, keys)
        count = await stored(api)
        assert set(count.values()) == {len(keys)}, count
        for key, answer in zip(keys, answers, strict=True):
            if answer.status_code == 201:
                found = await api.http.get("/v1/pushes", params={"external_id": key})
                assert [one["id"] for one in found.json()["items"]] == [answer.json()["id"]]


async def test_another_writer_on_the_sqlite_file_is_waited_for_and_then_told(
    api: Api, tmp_path: Path
) -> None:
    path = tmp_path / "gateway.db"
    other = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
    began = asyncio.get_running_loop().time()
    waiting = asyncio.create_task(api.submit(api.push(external_id="late"), key="late"))
    read = await api.http.get("/v1/pushes")
    assert read.status_code == 200
    assert asyncio.get_running_loop().time() - began < 5
    try:
        answer = await waiting
        assert answer.status_code == 503, answer.text
        assert int(answer.headers["retry-after"]) >= 1
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert set((await stored(api)).values()) == {0}
    await again(api, ["late"])
    assert set((await stored(api)).values()) == {1}


async def test_a_full_disk_is_an_outage_and_leaves_no_half_push(api: Api) -> None:
    first = await api.submit(api.push())
    assert first.status_code == 201

    def limit(pages: int) -> Callable[[Tx], int]:
        def work(tx: Tx) -> int:
            return int(tx.exec_driver_sql(f"PRAGMA max_page_count={pages}").scalar_one())

        return work

    await api.services.db.write(limit(1))
    refused = []
    for _ in range(40):
        answer = await api.submit(api.push())
        if answer.status_code != 201:
            refused.append(answer)
    assert refused
    assert {answer.status_code for answer in refused} == {503}
    assert all("retry-after" in answer.headers for answer in refused)
    full = set((await stored(api)).values())
    assert len(full) == 1, full
    await api.services.db.write(limit(1_000_000_000))
    assert (await api.submit(api.push())).status_code == 201
