"""Reading what recipients of a surface got, batch by batch."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.db.session import Tx
from app.delivery.models import outbox


@dataclass(frozen=True, slots=True)
class SentBatch:
    """A row of the outbox: its recipients and a letter each for what they met."""

    id: str
    kind: str
    recipients: list[str]
    outcomes: str


def sent_batches(
    tx: Tx, surface_id: str, since: datetime, until: datetime, after: str, limit: int = 500
) -> list[SentBatch]:
    """Return batches released from `since` until just before `until`, in the order of their ids."""
    query = select(outbox.c.id, outbox.c.kind, outbox.c.recipients, outbox.c.outcomes).where(
        outbox.c.surface_id == surface_id,
        outbox.c.created_at >= since,
        outbox.c.created_at < until,
        outbox.c.id > after,
    )
    rows = tx.execute(query.order_by(outbox.c.id).limit(limit))
    return [SentBatch(row.id, row.kind, row.recipients, row.outcomes) for row in rows]
