"""The gateway whose desk is measured: a queue that is filled once, then the console as served.

    python -m benchmarks.desk.server seed TICKETS REVIEWERS | serve

Both work on GATEWAY_DATA_DIR; `seed` prints a line of JSON with the reviewers' sessions.
"""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from typing import Any, Final

import uvicorn
from sqlalchemy import Column, Table, func, insert, literal, select

from app.bootstrap import Part, Services, build
from app.collector import settle
from app.db.metadata import metadata
from app.db.revisions import upgrade
from app.db.session import Tx
from app.ids import new_id
from app.logs import configure_logging
from app.main import create_app
from app.providers.register import Caller
from app.pushes.conversion import received
from app.pushes.parts import IdempotencyKey
from app.pushes.schemas import PushModel
from app.running import running
from app.settings import Settings
from app.staff.repository import Credentials, insert_staff
from app.staff.roles import Role, StaffMember
from app.staff.session_repository import insert_session
from app.staff.sign_in import new_session
from app.validation import parse_json
from benchmarks.submit.pushes import body
from benchmarks.submit.server import enrol

_NO_COUNTERS: Final = "redis://127.0.0.1:1"
_WRITTEN: Final = 1_000
"""So many pushes are decided on one by one; the rest are copies of their rows under other ids."""

_ID_HEAD: Final = 26
_COPIED: Final = "zz"
"""What copies' ids have before their two digits; originals that end so too are not copied."""

_AT_ONCE: Final = 250


async def seed(settings: Settings, tickets: int, reviewers: int) -> dict[str, object]:
    """Fill the queue and sign the reviewers in; return their sessions as (cookie, form token)."""
    services = build(settings, _NO_COUNTERS)
    async with running(services, frozenset({Part.SERVE})):
        enrolled = await enrol(services)
        await services.watch.refresh()
        caller = (await services.register.current()).caller(enrolled["key"])
        if caller is None:
            raise LookupError("the sender that was just enrolled")
        await _submit(services, caller, enrolled["surface"], min(_WRITTEN, tickets))
        for copy in range(1, -(-tickets // _WRITTEN)):
            await services.db.write(partial(_copy, copy=copy))
        waiting = await services.db.read(
            lambda tx: tx.execute(select(func.count()).select_from(_table("tickets"))).scalar_one()
        )
        sessions = [await _reviewer(services, number) for number in range(reviewers)]
    return {"waiting": waiting, "sessions": sessions}


async def _submit(services: Services, caller: Caller, surface: str, count: int) -> None:
    for first in range(0, count, _AT_ONCE):
        await services.watch.refresh()
        now = services.clock.now()
        for number in range(first, min(first + _AT_ONCE, count)):
            content = await received(parse_json(PushModel, body(number, surface)), now)
            await services.pushes.submit(caller, *content, IdempotencyKey(new_id("key"), ""))


def _table(name: str) -> Table:
    return metadata.tables[name]


def _copy(tx: Tx, copy: int) -> None:
    """Copy the pushes that were decided on, and what belongs to them, under ids of their own."""
    tickets = _table("tickets")
    mark = f"%{_COPIED}__"
    originals = [tickets.c.id.not_like(mark), tickets.c.push_id.not_like(mark)]
    for table in metadata.sorted_tables:
        named = {column.name: _names(column) for column in table.columns}
        ids = [name for name, of in named.items() if of is not None]
        if not ids:
            continue
        of = named["push_id" if "push_id" in ids else ids[0]]
        chosen = select(tickets.c.id if of == "tickets" else tickets.c.push_id).where(*originals)
        rows = select(
            *(
                func.substr(column, 1, _ID_HEAD) + literal(f"{_COPIED}{copy:02d}")
                if column.name in ids
                else column
                for column in table.columns
            )
        ).where(table.c["push_id" if "push_id" in ids else ids[0]].in_(chosen))
        tx.execute(insert(table).from_select(list(named), rows))


def _names(column: Column[Any]) -> str | None:
    """Return whether a column names a push or a ticket, its own table's included."""
    if column.name == "id" and column.table.name in {"pushes", "tickets"}:
        return str(column.table.name)
    tables = {key.column.table.name for key in column.foreign_keys} & {"pushes", "tickets"}
    return None if column.nullable else next(iter(tables), None)


async def _reviewer(services: Services, number: int) -> tuple[str, str]:
    now = services.clock.now()
    member = StaffMember(
        id=new_id("stf"),
        username=f"reviewer-{number}",
        name=f"审核员 {number}",
        roles=frozenset({Role.REVIEWER}),
        language="zh",
        must_change_password=False,
        created_at=now,
        disabled_at=None,
    )
    signed = new_session(member, now, timedelta(hours=12), "127.0.0.1", "benchmark", proven=True)

    def work(tx: Tx) -> None:
        insert_staff(tx, Credentials(member, "nobody signs in by it"))
        insert_session(tx, signed.session)

    await services.db.write(work)
    return signed.token, signed.session.csrf


def serve(settings: Settings) -> None:
    """Answer as `popgate serve` does, until stopped."""

    @contextlib.asynccontextmanager
    async def started() -> AsyncIterator[Services]:
        services = build(settings, _NO_COUNTERS)
        async with running(services, frozenset({Part.SERVE, Part.SEAL})):
            settle()
            print("{}", flush=True)
            yield services

    uvicorn.run(
        create_app(settings, started), host="127.0.0.1", port=settings.port, loop="uvloop",
        http="httptools", access_log=False, log_level="warning",
    )  # fmt: skip


def main() -> None:
    """Seed or serve."""
    settings = Settings()
    configure_logging("warning", stream=open(os.devnull, "w"))  # noqa: PTH123, SIM115
    if sys.argv[1] == "serve":
        serve(settings)
        return
    upgrade(settings.database)
    print(json.dumps(asyncio.run(seed(settings, int(sys.argv[2]), int(sys.argv[3])))), flush=True)


if __name__ == "__main__":
    main()
