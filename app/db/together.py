"""What a group of writes does at once: questions before it, inserts at its end, calls after it."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Insert, TableClause

from app.db.rows import insert_prepared

if TYPE_CHECKING:
    from app.db.rows import Row

_WAITING = "popgate_inserts"
_AFTER = "popgate_after_commit"
_ANSWERS = "popgate_answers"
_ASKS = "popgate_asks"

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
A = TypeVar("A")
Work = Callable[[Connection], T]
# From keys to what is stored under those of them that are known.
Question = Callable[[Connection, Sequence[K]], Mapping[K, A]]


def asking(work: Work[T], question: Question[K, A], key: K) -> Work[T]:
    """Let a write get its answer to a question with those of its whole group, by one statement.

    `work` reads it by `answer_in`. What others of the group are about to insert is not seen: a
    unique constraint has to stand behind the question.
    """
    setattr(work, _ASKS, (question, key))
    return work


def ask(tx: Connection, group: Sequence[Work[Any]]) -> None:
    """Ask what the works of a group were marked with; `stop_collecting` forgets the answers."""
    keys: dict[Question[Any, Any], list[Hashable]] = {}
    for work in group:
        asked = getattr(work, _ASKS, None)
        if asked is not None:
            question, key = asked
            keys.setdefault(question, []).append(key)
    tx.info[_ANSWERS] = {question: question(tx, asked) for question, asked in keys.items()}


def answer_in(tx: Connection, question: Question[K, A], key: K) -> A | None:
    """Return what a work marked by `asking` wanted to know, None where nothing is stored."""
    found: Mapping[K, A] = tx.info[_ANSWERS][question]
    return found.get(key)


def collect(tx: Connection) -> None:
    """Let inserts on this connection wait from now on; `write_collected` ends it."""
    tx.info[_WAITING] = {}
    tx.info[_AFTER] = []


def insert_together(tx: Connection, statement: Insert, rows: "Sequence[Row]") -> None:
    """Insert rows before the transaction commits, together with those of the whole group.

    For rows that nobody reads in the same transaction. `statement` is a module's one
    `table.insert()`: rows of the same statement object are written at once, those of a table
    after those of the tables that it refers to. A constraint that fails undoes the group, whose
    members are then run one by one, so that the fault reaches the right caller. On a connection
    that collects nothing the rows are written at once.
    """
    waiting: dict[int, tuple[Insert, list[Any]]] | None = tx.info.get(_WAITING)
    if waiting is None:
        insert_prepared(tx, statement, rows)
    else:
        waiting.setdefault(id(statement), (statement, []))[1].extend(rows)


def write_collected(tx: Connection) -> None:
    """Write what waits now; inserts go on waiting until `stop_collecting`."""
    waiting: dict[int, tuple[Insert, list[Any]]] | None = tx.info.get(_WAITING)
    if waiting:
        # A row that another refers to is written first, whoever came first.
        for statement, rows in sorted(waiting.values(), key=lambda one: _depth(one[0].table)):
            insert_prepared(tx, statement, rows)
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
    tx.info.pop(_ANSWERS, None)
    calls: Sequence[Callable[[], None]] = tx.info.pop(_AFTER, ())
    return calls
