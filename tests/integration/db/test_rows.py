"""Rows that are written together stand in the table as the ordinary statement would write them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from app.db.rows import insert_prepared
from app.db.session import Database, Tx
from app.db.versions import versions
from app.delivery.models import releases

NOW = datetime(2026, 11, 30, 8, 0, 0, 5, tzinfo=UTC)
ADD = insert(versions)


def version(name: str) -> dict[str, Any]:
    return {"changed_at": NOW, "name": name, "number": 7}


async def stored(db: Database) -> list[tuple[Any, ...]]:
    rows = await db.read(lambda tx: tx.execute(select(versions).order_by(versions.c.name)).all())
    return [tuple(one) for one in rows]


async def test_rows_are_stored_as_by_the_ordinary_statement(db: Database) -> None:
    def ordinary(tx: Tx) -> None:
        tx.execute(ADD, [version("a"), version("b")])

    def together(tx: Tx) -> None:
        insert_prepared(tx, ADD, [version("c"), version("d")])

    await db.write(ordinary)
    await db.write(together)
    first, second, third, fourth = await stored(db)
    assert [first[1:], second[1:]] == [third[1:], fourth[1:]]
    assert [third[0], fourth[0]] == ["c", "d"]


async def test_a_row_that_is_there_already_is_refused_as_ever(db: Database) -> None:
    await db.write(lambda tx: insert_prepared(tx, ADD, [version("a")]))
    with pytest.raises(IntegrityError):
        await db.write(lambda tx: insert_prepared(tx, ADD, [version("b"), version("a")]))
    assert [name for name, *_ in await stored(db)] == ["a"]


async def test_a_default_of_pythons_has_to_be_given(db: Database) -> None:
    with pytest.raises(KeyError, match="releases: no value for to_settle"):
        await db.write(
            lambda tx: insert_prepared(tx, releases.insert(), [{"id": "rel_a", "push_id": "psh_a"}])
        )


@dataclass(frozen=True, slots=True)
class _Version:
    """A row whose fields are the columns."""

    name: str
    number: int
    changed_at: datetime


async def test_objects_are_stored_as_mappings_are(db: Database) -> None:
    def together(tx: Tx) -> None:
        insert_prepared(tx, ADD, [_Version("a", 7, NOW), _Version("b", 7, NOW)])
        insert_prepared(tx, ADD, [version("c")])

    await db.write(together)
    first, second, third = await stored(db)
    assert [first[0], second[0], third[0]] == ["a", "b", "c"]
    assert first[1:] == second[1:] == third[1:]
