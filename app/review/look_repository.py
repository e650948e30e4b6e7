"""Who has which ticket open: reading and writing."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from app.db.session import Tx
from app.review.models import ticket_looks


def note_look(tx: Tx, ticket_id: str, staff_id: str, at: datetime) -> None:
    """Note that a person has a ticket open at this instant."""
    own = (ticket_looks.c.ticket_id == ticket_id, ticket_looks.c.staff_id == staff_id)
    if not tx.execute(ticket_looks.update().where(*own).values(seen_at=at)).rowcount:
        row = {"ticket_id": ticket_id, "staff_id": staff_id, "seen_at": at}
        tx.execute(ticket_looks.insert().values(row))


def forget_looks(tx: Tx, before: datetime) -> None:
    """Remove everybody who was last seen before an instant."""
    tx.execute(ticket_looks.delete().where(ticket_looks.c.seen_at < before))


def looks_at(tx: Tx, ticket_ids: Iterable[str], since: datetime) -> dict[str, list[str]]:
    """Return by ticket who was seen at it since an instant, in a fixed order."""
    query = select(ticket_looks.c.ticket_id, ticket_looks.c.staff_id).where(
        ticket_looks.c.ticket_id.in_(list(ticket_ids)), ticket_looks.c.seen_at >= since
    )
    found: dict[str, list[str]] = {}
    for ticket_id, staff_id in tx.execute(query.order_by(ticket_looks.c.staff_id)):
        found.setdefault(ticket_id, []).append(staff_id)
    return found
