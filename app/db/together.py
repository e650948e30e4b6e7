"""Inserts that wait for the end of their group, so that one statement writes many rows."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Insert

_WAITING = "popgate_inserts"

Row = Mapping[str, Any]


def collect(tx: Connection) -> None:
    """Let inserts on this connection wait from now on; `write_collected` ends it."""
    tx.info[_WAITING] = {}


def insert_together(tx: Connection, statement: Insert, rows: Sequence[Row]) -> None:
    """Insert rows before the transaction commits, together with those of the whole group.

    For rows that nobody reads in the same transaction. `statement` is a module's one
    `table.insert()`: rows of the same statement object are written at once, statements in the
    order in which each was first used. A constraint that fails undoes the group, whose members
    are then run one by one, so that the fault reaches the right caller. On a connection that
    collects nothing the rows are written at once.
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
        for statement, rows in waiting.values():
            tx.execute(statement, rows)
        waiting.clear()


def stop_collecting(tx: Connection) -> None:
    """Forget what waits: the transaction is over, whichever way."""
    tx.info.pop(_WAITING, None)
