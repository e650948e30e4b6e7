"""The two doors to the database: `read`, and `write` with group commit."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app import metrics
from app.db.engines import PostgresEngine, SqliteEngine, engine_for
from app.errors import DatabaseUnavailable

Tx = Connection
T = TypeVar("T")
Work = Callable[[Tx], T]

GROUP_SIZE = 64
# PostgreSQL states in which the same transaction may succeed when it is tried again:
# serialization failure, deadlock, and a unique key that another transaction took meanwhile:
# looked up again, its row is there.
_RETRY_STATES = frozenset({"40001", "40P01", "23505"})
_RETRIES = 3
_LAST_READS_SECONDS = 2.0
_OUTAGES = frozenset({"OperationalError", "InterfaceError"})


class _Item:
    __slots__ = ("answer", "work")

    def __init__(self, work: Work[Any], answer: asyncio.Future[Any]) -> None:
        self.work = work
        self.answer = answer


class Database:
    """A database on SQLite or PostgreSQL; used from one event loop.

    `fn` in `read(fn)` and `write(fn)` is a plain function over a Core connection. It must be
    safe to run twice: a group that fails is rolled back and its members are run one by one.
    """

    def __init__(self, url: str) -> None:
        """Make the engines for `url` (`sqlite:///…` or `postgresql://…`); connects lazily."""
        self._engine: SqliteEngine | PostgresEngine = engine_for(url)
        self._waiting: deque[_Item] = deque()
        self._writers: set[asyncio.Task[None]] = set()
        self._reads = 0

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._engine.dialect

    async def read(self, fn: Work[T]) -> T:
        """Run `fn` in a transaction that takes no write lock and is rolled back at the end.

        Raises DatabaseUnavailable when the database cannot be reached.
        """
        self._reads += 1
        try:
            return await self._engine.read(fn)
        except Exception as error:
            if not _is_outage(error):
                raise
            # A pooled connection may have died unnoticed, and a read can be asked again.
            return await self._read_again(fn)
        finally:
            self._reads -= 1

    async def _read_again(self, fn: Work[T]) -> T:
        try:
            return await self._engine.read(fn)
        except Exception as error:
            if _is_outage(error):
                raise DatabaseUnavailable from error
            raise

    async def write(self, fn: Work[T]) -> T:
        """Run `fn` in a transaction and return after its commit.

        Up to 64 waiting calls share one commit; an exception of one undoes only that one and
        is raised to its caller. Raises DatabaseUnavailable when the commit is not certain.
        """
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Item(fn, answer))
        if len(self._writers) < self._engine.writers:
            writer = asyncio.create_task(self._drain())
            self._writers.add(writer)
            writer.add_done_callback(self._forget)
        return await asyncio.shield(answer)

    async def close(self) -> None:
        """Finish what is waiting and being read, and close all connections.

        A connection that is out when the pool closes would never be closed.
        """
        while self._writers:
            await asyncio.gather(*self._writers)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_READS_SECONDS):
                while self._reads:  # noqa: ASYNC110 - a read costs nothing for being waited for
                    await asyncio.sleep(0.01)
        await self._engine.close()

    def _forget(self, writer: asyncio.Task[None]) -> None:
        self._writers.discard(writer)

    async def _drain(self) -> None:
        # One turn of the loop lets callers that are ready now join the group.
        await asyncio.sleep(0)
        while self._waiting:
            group = [self._waiting.popleft() for _ in range(min(GROUP_SIZE, len(self._waiting)))]
            try:
                results = await self._engine.write([item.work for item in group])
            except Exception as error:  # noqa: BLE001 - every caller in the group must be answered
                # After an outage nobody knows whether the commit happened: it is not tried again.
                outage = _as_outage(error)
                if isinstance(outage, DatabaseUnavailable) or (
                    len(group) == 1 and not _may_retry(error)
                ):
                    for item in group:
                        _answer(item, error=outage)
                else:
                    await self._one_by_one(group)
            else:
                metrics.committed_together(len(group))
                for item, result in zip(group, results, strict=True):
                    _answer(item, result)
        # In the same step as the last look at the queue: a call that came between this and the
        # task's own callback would find a writer that is there and will not write.
        me = asyncio.current_task()
        self._writers = {writer for writer in self._writers if writer is not me}

    async def _one_by_one(self, group: list[_Item]) -> None:
        for item in group:
            try:
                _answer(item, await self._alone(item.work))
            except Exception as error:  # noqa: BLE001 - see _drain
                _answer(item, error=_as_outage(error))

    async def _alone(self, work: Work[Any]) -> object:
        for _ in range(_RETRIES):
            try:
                return (await self._engine.write([work]))[0]
            except DBAPIError as error:
                if not _may_retry(error):
                    raise
        return (await self._engine.write([work]))[0]


def _answer(item: _Item, result: object = None, error: Exception | None = None) -> None:
    if item.answer.done():
        return
    if error is None:
        item.answer.set_result(result)
    else:
        item.answer.set_exception(error)
        # Whoever asked may be gone; asyncio would then log the exception as never retrieved.
        item.answer.exception()


def _may_retry(error: Exception) -> bool:
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _RETRY_STATES


def _as_outage(error: Exception) -> Exception:
    if not _is_outage(error):
        return error
    outage = DatabaseUnavailable()
    outage.__cause__ = error
    return outage


def _is_outage(error: Exception) -> bool:
    """Whether the error is the database's (gone, starting, full, locked), not the statement's."""
    # The connection broke under a transaction, and the next statement of its group came too late.
    if isinstance(error, OSError | PoolTimeout | PendingRollbackError):
        return True
    if isinstance(error, DBAPIError) and (
        error.connection_invalidated or type(error).__name__ in _OUTAGES
    ):
        return True
    # While connecting, the driver's errors come as they are.
    # asyncpg: 08 connection, 53 resources, 57 shut down, starting or cancelled
    told = error.orig if isinstance(error, DBAPIError) else error
    return (getattr(told, "sqlstate", None) or "")[:2] in {"08", "53", "57"}
