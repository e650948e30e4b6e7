"""Many rows into a table by one prepared statement, without the cost of compiling each row."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Insert

Row = Mapping[str, Any]
_Values = tuple[Any, ...]
_SHAPES_KEPT = 256


def insert_prepared(tx: Connection, statement: Insert, rows: Sequence[Row]) -> None:
    """Insert rows that all have the columns of the first; KeyError where one lacks some.

    `statement` is a module's one `table.insert()` without values. Raises what `tx.execute` would
    raise, and costs a third of it a row. Columns with a default of Python's have to be given.
    """
    sql, values = _prepared(statement, tuple(rows[0]), tx.dialect)
    tx.exec_driver_sql(sql, [values(row) for row in rows])


@lru_cache(maxsize=_SHAPES_KEPT)
def _prepared(
    statement: Insert, columns: tuple[str, ...], dialect: Dialect
) -> tuple[str, Callable[[Row], _Values]]:
    """Return the statement's text and what takes the driver's values out of a row."""
    compiled: Any = statement.compile(dialect=dialect, column_keys=list(columns))
    names: list[str] = compiled.positiontup
    missing = set(names) - set(columns)
    if missing:
        raise KeyError(f"{statement.table.name}: no value for {', '.join(sorted(missing))}")
    bound = ((at, _processor(statement, name, dialect)) for at, name in enumerate(names))
    changed = [(at, change) for at, change in bound if change is not None]

    def values(row: Row) -> _Values:
        given = [row[name] for name in names]
        for at, change in changed:
            given[at] = change(given[at])
        return tuple(given)

    return compiled.string, values


def _processor(statement: Insert, name: str, dialect: Dialect) -> Callable[[Any], object] | None:
    kind = statement.table.c[name].type.dialect_impl(dialect)
    return kind.bind_processor(dialect)
