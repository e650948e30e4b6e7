"""Many rows into a table by one prepared statement, without the cost of compiling each row."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Dialect, Insert

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Row = Mapping[str, Any] | DataclassInstance
"""A value for each column by its name, or a dataclass whose fields are the columns."""

_Values = tuple[Any, ...]
_SHAPES_KEPT = 256


def insert_prepared(tx: Connection, statement: Insert, rows: "Sequence[Row]") -> None:
    """Insert rows that all have the columns of the first; KeyError where one lacks some.

    They are all mappings, or all of the same dataclass.

    `statement` is a module's one `table.insert()` without values. Raises what `tx.execute` would
    raise, and costs a third of it a row. Columns with a default of Python's have to be given.
    """
    first = rows[0]
    columns = tuple(first if isinstance(first, Mapping) else first.__dataclass_fields__)
    take = itemgetter if isinstance(first, Mapping) else attrgetter
    sql, values = _prepared(statement, columns, take, tx.dialect)
    tx.exec_driver_sql(sql, [values(row) for row in rows])


@lru_cache(maxsize=_SHAPES_KEPT)
def _prepared(
    statement: Insert, columns: tuple[str, ...], take: Callable[..., Any], dialect: Dialect
) -> "tuple[str, Callable[[Row], _Values]]":
    """Return the statement's text and what takes the driver's values out of a row."""
    compiled: Any = statement.compile(dialect=dialect, column_keys=list(columns))
    names: list[str] = compiled.positiontup
    missing = set(names) - set(columns)
    if missing:
        raise KeyError(f"{statement.table.name}: no value for {', '.join(sorted(missing))}")
    bound = ((at, _processor(statement, name, dialect)) for at, name in enumerate(names))
    changed = [(at, change) for at, change in bound if change is not None]
    # A second name, so that one column too comes in a tuple.
    given_in = take(*names, names[0])

    def values(row: "Row") -> _Values:
        given = list(given_in(row))
        for at, change in changed:
            given[at] = change(given[at])
        return tuple(given[:-1])

    return compiled.string, values


def _processor(statement: Insert, name: str, dialect: Dialect) -> Callable[[Any], object] | None:
    kind = statement.table.c[name].type.dialect_impl(dialect)
    return kind.bind_processor(dialect)
