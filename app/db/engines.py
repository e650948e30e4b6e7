"""What differs between the two databases: how they are opened, read and written."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import create_async_engine

from app.db.together import ask, collect, stop_collecting, write_collected

T = TypeVar("T")
Work = Callable[[Connection], T]

# The answers of a group, and what is to be called once it is committed.
_Done = tuple[list[Any], Sequence[Callable[[], None]]]

_READERS = 4
_LONG = "popgate_long"
_BUSY_TIMEOUT_MS = 10_000


def engine_for(url: str) -> "SqliteEngine | PostgresEngine":
    """Return the engine for a URL; ValueError names the two that are supported."""
    parsed = make_url(url)
    family = parsed.get_backend_name()
    if family == "sqlite":
        return SqliteEngine(parsed.set(drivername="sqlite+pysqlite"))
    if family == "postgresql":
        return PostgresEngine(parsed.set(drivername="postgresql+asyncpg"))
    message = f"database URL must start with sqlite or postgresql, not {family}"
    raise ValueError(message)


class SqliteEngine:
    """One writer thread inside BEGIN IMMEDIATE and a few reader threads, over a WAL file."""

    dialect = "sqlite"
    writers = 1

    def __init__(self, url: URL) -> None:
        """Open nothing yet; the file is made at the first connection."""
        self._writer = _sqlite(url, "BEGIN IMMEDIATE", 1, busy_timeout_ms=0)
        self._reader = _sqlite(url, "BEGIN", _READERS, busy_timeout_ms=_BUSY_TIMEOUT_MS)
        self._write_thread = ThreadPoolExecutor(1, thread_name_prefix="write")
        self._read_threads = ThreadPoolExecutor(_READERS, thread_name_prefix="read")

    async def read(self, fn: Work[T]) -> T:
        """Run `fn` in a reader thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._read_threads, _read, self._reader, fn)

    async def write(self, group: Sequence[Work[Any]]) -> list[Any]:
        """Run the group in one transaction.

        Waiting for the lock and for the disk is the writer thread's. What does not wait runs
        here: in a thread the lock and each row would have to win the interpreter back from the
        event loop, which costs more than they do. A group with `long_work` in it runs in the
        thread all the same.
        """
        loop = asyncio.get_running_loop()
        if any(getattr(work, _LONG, False) for work in group):
            return _committed(await loop.run_in_executor(self._write_thread, self._commit, group))
        connection = self._begin_at_once()
        if connection is None:
            connection = await loop.run_in_executor(self._write_thread, self._begin)
        try:
            done = _run_all(connection, group)
        except BaseException:
            await self._in_thread(Connection.close, connection)
            raise
        await self._in_thread(_end, connection)
        return _committed(done)

    async def _in_thread(self, end: Callable[[Connection], None], connection: Connection) -> None:
        try:
            ending = asyncio.get_running_loop().run_in_executor(self._write_thread, end, connection)
        except RuntimeError:
            # The thread has been stopped: nobody else will give the one connection back, and the
            # next write would wait for it in the event loop.
            connection.close()
            raise
        await ending

    async def close(self) -> None:
        """Stop the threads and close the file."""
        self._write_thread.shutdown(wait=True)
        self._read_threads.shutdown(wait=True)
        self._writer.dispose()
        self._reader.dispose()

    def _begin_at_once(self) -> Connection | None:
        """Take the lock if nobody else has it; None if somebody has."""
        try:
            return _begun(self._writer.connect())
        except OperationalError as error:
            if getattr(error.orig, "sqlite_errorcode", None) != sqlite3.SQLITE_BUSY:
                raise
            return None

    def _begin(self) -> Connection:
        """Wait for the lock as long as a reader would."""
        connection = self._writer.connect()
        raw: Any = connection.connection.dbapi_connection
        raw.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
        try:
            return _begun(connection)
        finally:
            raw.execute("PRAGMA busy_timeout=0")

    def _commit(self, group: Sequence[Work[Any]]) -> _Done:
        connection = self._begin()
        try:
            done = _run_all(connection, group)
        except BaseException:
            connection.close()
            raise
        _end(connection)
        return done


class PostgresEngine:
    """An asyncpg pool; two groups may be in flight so that one forms while the other syncs."""

    dialect = "postgresql"
    writers = 2

    def __init__(self, url: URL) -> None:
        """Open nothing yet."""
        self._engine = create_async_engine(url, pool_size=10, max_overflow=10, pool_timeout=10)

    async def read(self, fn: Work[T]) -> T:
        """Run `fn` on a pooled connection and roll back."""
        async with self._engine.connect() as connection:
            return await connection.run_sync(fn)

    async def write(self, group: Sequence[Work[Any]]) -> list[Any]:
        """Run the group on a pooled connection in one transaction."""
        async with self._engine.begin() as connection:
            done = await connection.run_sync(_run_all, group)
        return _committed(done)

    async def close(self) -> None:
        """Close the pool."""
        await self._engine.dispose()


def long_work(fn: Work[T]) -> Work[T]:
    """Mark a write of thousands of rows, which must not hold up the event loop."""
    setattr(fn, _LONG, True)
    return fn


def _begun(connection: Connection) -> Connection:
    try:
        connection.begin()
    except BaseException:
        connection.close()
        raise
    return connection


def _end(connection: Connection) -> None:
    raw: Any = connection.connection.dbapi_connection
    try:
        connection.commit()
    finally:
        # A COMMIT that failed leaves its transaction open, and the file locked.
        if raw.in_transaction:
            raw.rollback()
        connection.close()


def _run_all(connection: Connection, group: Sequence[Work[Any]]) -> _Done:
    collect(connection)
    try:
        ask(connection, group)
        results = [work(connection) for work in group]
        write_collected(connection)
    finally:
        calls = stop_collecting(connection)
    return results, calls


def _committed(done: _Done) -> list[Any]:
    results, calls = done
    for call in calls:
        call()
    return results


def _read(engine: Engine, fn: Work[T]) -> T:
    with engine.connect() as connection:
        return fn(connection)


def _sqlite(url: URL, begin: str, size: int, *, busy_timeout_ms: int) -> Engine:
    engine = create_engine(
        url, pool_size=size, max_overflow=0, connect_args={"check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def _prepare(raw: Any, _record: object) -> None:  # noqa: ANN401 - the driver's connection
        # The driver's own transactions lose updates without an error: we begin ourselves.
        raw.isolation_level = None
        for pragma in (
            f"busy_timeout={_BUSY_TIMEOUT_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={busy_timeout_ms}",
        ):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
