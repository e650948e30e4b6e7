"""Reading batches of the past in the order of time, a page at a time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Text, select, tuple_, type_coerce

from app.db.session import Tx
from app.delivery.models import outbox
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
