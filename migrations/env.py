"""Runs the migrations on SQLite or PostgreSQL, each whole upgrade in one transaction."""

import asyncio
from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, create_engine, event, make_url, pool, text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import create_async_engine

from app.db.base import Instant, JsonText
from app.db.metadata import metadata
from app.db.revisions import make_folder
from app.settings import Settings

# Any number that no other program on the same database takes for its own.
_LOCK = 0x706F7067617465


def render(kind: str, item: Any, _context: object) -> str | Literal[False]:  # noqa: ANN401
    """Write our column types as what they are stored as: migrations outlive our classes."""
    if kind == "type" and isinstance(item, Instant):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, JsonText):
        return "sa.Text()"
    return False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        transactional_ddl=True,
        compare_server_default=True,
        render_item=render,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            # Two that migrate at once do it one after the other; the second finds it done.
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        context.run_migrations()


def run_on_sqlite(url: URL) -> None:
    engine = create_engine(url.set(drivername="sqlite+pysqlite"), poolclass=pool.NullPool)

    @event.listens_for(engine, "connect")
    def prepare(raw: object, _record: object) -> None:
        # The driver would commit before each change of the schema: we begin ourselves. Foreign
        # keys stay off, since a changed table is rebuilt and swapped in.
        raw.isolation_level = None  # type: ignore[attr-defined]

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA busy_timeout=10000")
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    with engine.connect() as connection:
        run(connection)
        connection.commit()
    engine.dispose()


async def run_on_postgres(url: URL) -> None:
    engine = create_async_engine(url.set(drivername="postgresql+asyncpg"), poolclass=pool.NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(run)
    await engine.dispose()


def main() -> None:
    url = make_url(context.config.attributes.get("url") or Settings().database)
    if url.get_backend_name() == "sqlite":
        make_folder(url)
        run_on_sqlite(url)
    else:
        asyncio.run(run_on_postgres(url))


main()
