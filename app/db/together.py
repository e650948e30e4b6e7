"""What waits for the end of a group: inserts that one statement writes, calls after the commit."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Insert, TableClause

_WAITING = "popgate_inserts"
_AFTER = "popgate_after_commit"

Row = Mapping[str, Any]


def collect(tx: Connection) -> None:
    """Let inserts on this connection wait from now on; `write_collected` ends it."""
    tx.info[_WAITING] = {}
    tx.info[_AFTER] = []


def insert_together(tx: Connection, statement: Insert, rows: Sequence[Row]) -> None:
    """Insert rows before the transaction commits, together with those of the whole group.

    For rows that nobody reads in the same transaction. `statement` is a module's one
    `table.insert()`: rows of the same statement object are written at once, those of a table
    after those of the tables that it refers to. A constraint that fails undoes the group, whose
    members are then run one by one, so that the fault reaches the right caller. On a connection
    that collects nothing the rows are written at once.
    """
    waiting: dict[int, tuple[Insert, list[Row]]] | None = tx.info.get(_WAITING)
    if waiting is None:
        tx.execute(statement, list(rows))
    else:
        waiting.setdefault(id(statement), (statement, []))[1].extend(rows)


def write_collected(tx: Connection) -> None:
    """Write what waits now; inserts go on waiting until `stop_collecting`."""
    waiting: dict[int, tuple[Insert, list[Row]]] | None = tx.info.get(_WAITING)
    if waiting:
        # A row that another refers to is written first, whoever came first.
        for statement, rows in sorted(waiting.values(), key=lambda one: _depth(one[0].table)):
            tx.execute(statement, rows)
        waiting.clear()


@cache
def _depth(table: TableClause) -> int:
    """Return how many tables, at most, stand between this one and one that refers to none."""
    below = {key.column.table for key in table.foreign_keys} - {table}
    return 1 + max((_depth(other) for other in below), default=-1)


def after_commit(tx: Connection, call: Callable[[], None]) -> None:
    """Call `call` once what this transaction wrote is committed, and not if it is rolled back.

    For counting alone: it must be quick and cannot fail. On a connection that collects nothing
    it is called at once.
    """
    calls: list[Callable[[], None]] | None = tx.info.get(_AFTER)
    if calls is None:
        call()
    else:
        calls.append(call)


def stop_collecting(tx: Connection) -> Sequence[Callable[[], None]]:
    """Forget what waits: its statements are done or undone. Return the calls for after a commit."""
    tx.info.pop(_WAITING, None)
    calls: Sequence[Callable[[], None]] = tx.info.pop(_AFTER, ())
    return calls
