"""The two doors to the database: groups, faults, outages, and going on by itself."""

import asyncio
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import event, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from app.clock import SystemClock
from app.db.session import GROUP_SIZE, Database, Tx
from app.db.together import answer_in, asking, insert_together
from app.db.versions import bump, versions
from app.errors import Conflict, DatabaseUnavailable
from tests.fixtures.postgres import (
    PostgresServer,
    _readable,
    _unprivileged,
    find_programs,
    new_database,
)
from tests.fixtures.real_parts import missing

NOW = SystemClock().now()
ADD = insert(versions)


def add(name: str) -> Callable[[Tx], str]:
    def work(tx: Tx) -> str:
        tx.execute(insert(versions).values(name=name, number=1, changed_at=NOW))
        return name

    return work


async def names(db: Database) -> set[str]:
    return set(await db.read(lambda tx: tx.execute(select(versions.c.name)).scalars().all()))


async def test_many_writes_at_once_are_all_answered_after_their_commit(
    db: Database, database_url: str
) -> None:
    other = Database(database_url)

    async def write(n: int) -> None:
        assert await db.write(add(f"n{n}")) == f"n{n}"
        assert f"n{n}" in await names(other)

    await asyncio.gather(*(write(n) for n in range(3 * GROUP_SIZE)))
    assert len(await names(db)) == 3 * GROUP_SIZE
    await other.close()


async def test_a_group_asks_one_question_together(db: Database) -> None:
    asked: list[tuple[str, ...]] = []

    def known(tx: Tx, keys: Sequence[str]) -> dict[str, int]:
        asked.append(tuple(keys))
        rows = tx.execute(select(versions.c.name, versions.c.number))
        return {name: number for name, number in rows if name in keys}

    def write_unless_known(name: str) -> Callable[[Tx], int | None]:
        def work(tx: Tx) -> int | None:
            number = answer_in(tx, known, name)
            if number is None:
                insert_together(tx, ADD, [{"name": name, "number": 7, "changed_at": NOW}])
            return number

        return asking(work, known, name)

    await db.write(write_unless_known("old"))
    wanted = ["old", "a", "b", "b"]
    found = await asyncio.gather(*(db.write(write_unless_known(name)) for name in wanted))
    # Of the two that want the same name one came second, alone, and was told.
    assert found == [7, None, None, 7]
    assert asked[1] == tuple(wanted)
    assert await names(db) == {"old", "a", "b"}


async def test_one_bad_in_a_group_undoes_only_itself(db: Database) -> None:
    def bad(tx: Tx) -> None:
        tx.execute(insert(versions).values(name="half", number=1, changed_at=NOW))
        raise Conflict

    results = await asyncio.gather(
        *(db.write(bad if n == 20 else add(f"n{n}")) for n in range(40)),
        return_exceptions=True,
    )
    assert isinstance(results[20], Conflict)
    assert sum(isinstance(result, str) for result in results) == 39
    assert await names(db) == {f"n{n}" for n in range(40) if n != 20}


async def test_a_commit_that_fails_is_a_503_and_nothing_is_half_written(sqlite_url: str) -> None:
    db = Database(sqlite_url)
    engine = db._engine._writer  # type: ignore[union-attr]  # noqa: SLF001 - where the fault is made
    failing = True

    @event.listens_for(engine, "commit")
    def _fail(_connection: object) -> None:
        if failing:
            raise OperationalError("COMMIT", None, sqlite3.OperationalError("disk I/O error"))

    results = await asyncio.gather(
        *(db.write(add(f"n{n}")) for n in range(5)),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [DatabaseUnavailable] * 5
    assert await names(db) == set()
    failing = False
    await db.write(add("later"))
    assert await names(db) == {"later"}
    await db.close()


async def test_a_commit_that_the_database_refuses_leaves_nothing_open(sqlite_url: str) -> None:
    db = Database(sqlite_url)

    def tables(tx: Tx) -> None:
        tx.execute(text("CREATE TABLE a (id INTEGER PRIMARY KEY)"))
        tx.execute(text("CREATE TABLE b (a REFERENCES a (id) DEFERRABLE INITIALLY DEFERRED)"))

    await db.write(tables)

    def dangling(tx: Tx) -> None:
        tx.execute(text("INSERT INTO b VALUES (5)"))

    with pytest.raises(IntegrityError):
        await db.write(dangling)
    await db.write(add("next"))
    assert await names(db) == {"next"}
    await db.close()


async def test_a_write_waits_for_another_process_without_holding_up_the_loop(
    sqlite_url: str,
) -> None:
    db = Database(sqlite_url)
    await db.write(add("first"))
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(db.write(add("second")))
    turns = 0
    until = asyncio.get_running_loop().time() + 0.3
    while asyncio.get_running_loop().time() < until:
        await asyncio.sleep(0.01)
        turns += 1
    assert turns > 10
    assert not waiting.done()
    other.execute("COMMIT")
    other.close()
    assert await waiting == "second"
    assert await db.write(add("third")) == "third"
    assert await names(db) == {"first", "second", "third"}
    await db.close()


async def test_a_caller_who_gives_up_does_not_stop_the_write(sqlite_url: str) -> None:
    db = Database(sqlite_url)
    gate = threading.Event()

    def slow(tx: Tx) -> None:
        gate.wait(5)
        tx.execute(insert(versions).values(name="slow", number=1, changed_at=NOW))

    task = asyncio.create_task(db.write(slow))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    gate.set()
    await db.write(add("after"))
    assert await names(db) == {"slow", "after"}
    await db.close()


async def test_closing_finishes_what_waits(database_url: str) -> None:
    db = Database(database_url)
    tasks = [asyncio.create_task(db.write(add(f"n{n}"))) for n in range(100)]
    await asyncio.sleep(0)
    await db.close()
    assert len(await asyncio.gather(*tasks)) == 100
    again = Database(database_url)
    assert len(await names(again)) == 100
    await again.close()


async def test_a_write_after_the_end_is_refused_and_holds_nothing(sqlite_url: str) -> None:
    db = Database(sqlite_url)
    await db.write(add("first"))
    await db.close()
    for name in ("second", "third"):
        with pytest.raises(RuntimeError):
            await db.write(add(name))
    other = Database(sqlite_url)
    await other.write(add("fourth"))
    assert await names(other) == {"first", "fourth"}
    await other.close()


async def test_reads_see_nothing_that_is_not_committed_and_write_nothing(db: Database) -> None:
    await db.read(add("never"))
    assert await names(db) == set()


async def test_deadlocks_are_tried_again(postgres_url: str) -> None:
    one, two = Database(postgres_url), Database(postgres_url)
    clock = SystemClock()
    for name in ("a", "b"):
        await one.write(lambda tx, name=name: bump(tx, name, clock))  # type: ignore[misc]

    def crosswise(first: str, second: str) -> Callable[[Tx], None]:
        def work(tx: Tx) -> None:
            bump(tx, first, clock)
            tx.execute(text("SELECT pg_sleep(0.2)"))
            bump(tx, second, clock)

        return work

    await asyncio.gather(
        one.write(crosswise("a", "b")),
        two.write(crosswise("b", "a")),
    )
    numbers = await one.read(lambda tx: list(tx.execute(select(versions.c.number)).scalars()))
    assert numbers == [3, 3]
    await one.close()
    await two.close()


async def test_a_unique_key_taken_meanwhile_is_looked_up_again(postgres_url: str) -> None:
    one, two = Database(postgres_url), Database(postgres_url)

    def take(tx: Tx) -> bool:
        held = tx.execute(select(versions.c.name).where(versions.c.name == "k")).one_or_none()
        if held is not None:
            return False
        tx.execute(text("SELECT pg_sleep(0.1)"))
        tx.execute(insert(versions).values(name="k", number=1, changed_at=NOW))
        return True

    results = await asyncio.gather(one.write(take), two.write(take))
    assert sorted(results) == [False, True]
    await one.close()
    await two.close()


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server that the test may stop."""
    programs = find_programs()
    if programs is None:
        missing("PostgreSQL", "install Debian's postgresql or run ./popgate test")
    with tempfile.TemporaryDirectory(prefix="popgate-postgres-", ignore_cleanup_errors=True) as at:
        folder = Path(at)
        if account := _unprivileged():
            shutil.chown(folder, account["user"])
        server = PostgresServer(_readable(programs, folder), folder)
        server.initialise()
        server.start()
        yield server
        server.stop()


async def test_a_database_that_restarts_is_a_503_and_then_goes_on(
    own_server: PostgresServer,
) -> None:
    with new_database(own_server, "template0") as url:
        db = Database(url)
        await db.write(_table)
        await asyncio.to_thread(own_server.stop, abruptly=True)
        for call in (db.read(_count), db.write(_insert), db.read(_count), db.write(_insert)):
            with pytest.raises(DatabaseUnavailable):
                await call
        await asyncio.to_thread(own_server.start)
        assert await db.read(_count) == 0
        await db.write(_insert)
        assert await db.read(_count) == 1
        await asyncio.to_thread(own_server.stop, abruptly=True)
        await asyncio.to_thread(own_server.start)
        # The pooled connections are dead: a read is asked again unnoticed, a write is not.
        assert await db.read(_count) == 1
        await db.close()


def _table(tx: Tx) -> None:
    tx.execute(text("CREATE TABLE t (n integer)"))


def _count(tx: Tx) -> int:
    return int(tx.execute(text("SELECT count(*) FROM t")).scalar_one())


def _insert(tx: Tx) -> None:
    tx.execute(text("INSERT INTO t VALUES (1)"))


async def test_what_is_being_read_is_read_to_its_end_before_the_connections_close(
    db: Database,
) -> None:
    reading = asyncio.create_task(db.read(lambda tx: tx.execute(text("SELECT 1")).scalar_one()))
    await asyncio.sleep(0)
    await db.close()
    assert reading.done()
    assert await reading == 1
