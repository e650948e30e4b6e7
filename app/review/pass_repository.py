"""Who passed which ticket on, how and why: reading and writing."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, select

from app.db.session import Tx
from app.review.models import IS_OPEN, ticket_passes, tickets
from app.review.states import PassWay


@dataclass(frozen=True, slots=True)
class Pass:
    """One person's passing on of a ticket."""

    ticket_id: str
    staff_id: str
    way: PassWay
    reason: str
    passed_at: datetime


def insert_pass(tx: Tx, passed: Pass) -> None:
    """Record it, and that the ticket waits for a lead if it was escalated."""
    tx.execute(
        ticket_passes.insert().values(
            ticket_id=passed.ticket_id,
            staff_id=passed.staff_id,
            way=passed.way.value,
            reason=passed.reason,
            passed_at=passed.passed_at,
        )
    )
    if passed.way is PassWay.ESCALATE:
        tx.execute(
            tickets.update()
            .where(tickets.c.id == passed.ticket_id)
            .values(escalated_at=passed.passed_at)
        )


def passes_of(tx: Tx, ticket_id: str) -> list[Pass]:
    """Return who passed a ticket on, the first first."""
    query = select(ticket_passes).where(ticket_passes.c.ticket_id == ticket_id)
    rows = tx.execute(query.order_by(ticket_passes.c.passed_at, ticket_passes.c.staff_id))
    return [
        Pass(row.ticket_id, row.staff_id, PassWay(row.way), row.reason, row.passed_at)
        for row in rows
    ]


def passed_by(tx: Tx, staff_id: str) -> frozenset[str]:
    """Return the open tickets that this person passed on."""
    query = (
        select(ticket_passes.c.ticket_id)
        .join(tickets, tickets.c.id == ticket_passes.c.ticket_id)
        .where(ticket_passes.c.staff_id == staff_id, IS_OPEN)
    )
    return frozenset(tx.execute(query).scalars())


def has_not_passed(staff_id: str) -> ColumnElement[bool]:
    """Return the condition that the ticket of the row was not passed on by this person."""
    return ~exists().where(
        ticket_passes.c.ticket_id == tickets.c.id, ticket_passes.c.staff_id == staff_id
    )
