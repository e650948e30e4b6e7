"""Reading batches of the past in the order of time, a page at a time."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Text,
    and_,
    cast,
    column,
    func,
    select,
    tuple_,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB

from app.db.session import Tx
from app.delivery.models import inbox_items, outbox, releases
from app.delivery.repository import DEFERRED


@dataclass(frozen=True, slots=True)
class PastRow:
    """A batch as it was put into the outbox at `at`, and what became of its recipients.

    `recipients` is JSON text.
    """

    id: str
    push_id: str
    at: datetime
    expires_at: datetime
    provider_id: str
    surface_id: str
    kind: str
    topic: str | None
    minors: str
    bucket: int
    recipients: str
    outcomes: str
    last_error: str | None

    @property
    def waits(self) -> bool:
        """Whether those of its recipients who still wait do so for room under a cap."""
        return (self.last_error or "").startswith(DEFERRED)


@dataclass(frozen=True, slots=True)
class PastRelease:
    """A push as it was released, whomever it reached."""

    push_id: str
    released_at: datetime
    provider_id: str
    surface_id: str
    kind: str
    topic: str | None


_AT_ONCE: Final = 500
_COLUMNS: Final[list[ColumnElement[Any]]] = [
    outbox.c.id,
    outbox.c.push_id,
    outbox.c.created_at,
    outbox.c.expires_at,
    outbox.c.provider_id,
    outbox.c.surface_id,
    outbox.c.kind,
    outbox.c.topic,
    outbox.c.minors,
    outbox.c.bucket,
    type_coerce(outbox.c.recipients, Text),
    outbox.c.outcomes,
    outbox.c.last_error,
]


def past_rows(
    tx: Tx, since: datetime, until: datetime, after: tuple[datetime, str] | None, limit: int
) -> list[PastRow]:
    """Return rows of a time, the oldest first, from the one `after` (its `at` and id) on."""
    made = (outbox.c.created_at, outbox.c.id)
    query = (
        select(*_COLUMNS)
        .where(outbox.c.created_at >= since, outbox.c.created_at < until)
        .order_by(*made)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(*made) > after)
    return [PastRow(*row) for row in tx.execute(query)]


def lay_until(
    tx: Tx, surface_id: str, popups: Collection[tuple[str, str]]
) -> dict[tuple[str, str], datetime]:
    """Return until when popups lay in inboxes, by recipient and push: fetched, gone or over."""
    items = inbox_items.c
    rows, token, push_id = _listed(tx, popups)
    until = func.coalesce(items.handed_at, items.recalled_at, items.expires_at)
    theirs = and_(items.surface_id == surface_id, items.token == token, items.push_id == push_id)
    # From the list outwards, or SQLite would look through all items for each of its rows.
    query = select(
        items.token, items.push_id, type_coerce(until, items.expires_at.type)
    ).select_from(rows.outerjoin(inbox_items, theirs))
    return {(token, push_id): at for token, push_id, at in tx.execute(query) if token is not None}


def _listed(
    tx: Tx, popups: Collection[tuple[str, str]]
) -> tuple[FromClause, ColumnElement[str], ColumnElement[str]]:
    """Return a list with its two columns; the statement is the same for every list."""
    if tx.dialect.name == "postgresql":
        pairs = cast([list(one) for one in popups], JSONB)
        rows = func.jsonb_array_elements(pairs).table_valued(column("value", JSONB))
        return rows, rows.c.value[0].astext, rows.c.value[1].astext
    rows = func.json_each(orjson.dumps(list(popups)).decode()).table_valued("value")
    token, push_id = (func.json_extract(rows.c.value, at) for at in ("$[0]", "$[1]"))
    return rows, token, push_id


def past_releases(tx: Tx, since: datetime, until: datetime) -> Iterator[list[PastRelease]]:
    """Yield what was released in a time, the oldest first, some hundreds at once."""
    made = (releases.c.released_at, releases.c.push_id)
    names = PastRelease.__dataclass_fields__
    query = (
        select(*(releases.c[name] for name in names))
        .where(releases.c.released_at >= since, releases.c.released_at < until)
        .order_by(*made)
        .execution_options(yield_per=_AT_ONCE)
    )
    for rows in tx.execute(query).partitions(_AT_ONCE):
        yield [PastRelease(*row) for row in rows]
