"""Reading and writing tickets."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, literal, or_, select

from app.db.backlog import Backlog, backlog
from app.db.session import Tx
from app.db.together import insert_together
from app.review.models import IS_OPEN, ticket_texts, tickets
from app.review.pass_repository import has_not_passed
from app.review.states import Reviewer, Ticket
from app.review.words import plain

_TICKET = tuple(Ticket.__dataclass_fields__)


_insert_ticket = tickets.insert()
_tickets = select(tickets)
# What waits for no lead: neither escalated nor in need of an arbiter.
_FOR_ALL = (tickets.c.escalated_at.is_(None), tickets.c.second_by.is_(None))


def open_ticket(tx: Tx, ticket: Ticket) -> None:
    """Open a ticket."""
    insert_together(tx, _insert_ticket, [ticket])


def lock_ticket(tx: Tx, ticket_id: str) -> Ticket | None:
    """Return a ticket, locked until the end of the transaction where the database can."""
    return _one(tx, _tickets.where(tickets.c.id == ticket_id).with_for_update())


def ticket_by_id(tx: Tx, ticket_id: str) -> Ticket | None:
    """Return a ticket for looking at; a claim of the next one does not pass over it meanwhile."""
    return _one(tx, _tickets.where(tickets.c.id == ticket_id))


def ticket_of_push(tx: Tx, push_id: str) -> Ticket | None:
    """Return the ticket of a push, for looking at."""
    return _one(tx, _tickets.where(tickets.c.push_id == push_id))


def next_ticket(tx: Tx, reviewer: Reviewer, now: datetime) -> Ticket | None:
    """Return the most urgent ticket that this person may claim, locked; others' locks skipped."""
    query = (
        select(tickets)
        .where(
            IS_OPEN,
            tickets.c.expires_at > now,
            tickets.c.submitter != reviewer.person,
            tickets.c.provider_id.not_in(reviewer.tied_to),
            is_free(now),
            has_not_passed(reviewer.staff_id),
            has_not_ruled(reviewer.staff_id),
            *(() if reviewer.is_lead else _FOR_ALL),
        )
        .order_by(tickets.c.rank, tickets.c.deadline, tickets.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = tx.execute(query).one_or_none()
    return None if row is None else ticket_from(row)


def live_claims(tx: Tx, staff_id: str, now: datetime) -> list[Ticket]:
    """Return the tickets whose lease this person holds, the oldest claim's deadline first."""
    query = select(tickets).where(
        IS_OPEN, tickets.c.claimed_by == staff_id, tickets.c.lease_until > now
    )
    return [ticket_from(row) for row in tx.execute(query.order_by(tickets.c.deadline))]


def set_claim(
    tx: Tx,
    ticket_id: str,
    staff_id: str | None,
    lease_until: datetime | None,
    fencing: int,
    claimed_at: datetime | None = None,
) -> None:
    """Write who holds the ticket, until when, and the fencing number; since when if it is new."""
    values = {"claimed_by": staff_id, "lease_until": lease_until, "fencing": fencing}
    began = {} if claimed_at is None else {"claimed_at": claimed_at}
    tx.execute(tickets.update().where(tickets.c.id == ticket_id).values(**values, **began))


def set_pair(tx: Tx, ticket_id: str, first_by: str | None, second_by: str | None) -> None:
    """Write who has ruled on a push that needs two; somebody else's claim on it goes on."""
    values = {"first_by": first_by, "second_by": second_by}
    tx.execute(tickets.update().where(tickets.c.id == ticket_id).values(**values))


def close_ticket(tx: Tx, push_id: str, said: tuple[str, str], now: datetime) -> None:
    """Close the ticket of a push, if it is open, and end any claim on it; note what it said."""
    tx.execute(
        tickets.update()
        .where(tickets.c.push_id == push_id, tickets.c.state == "open")
        .values(state="closed", closed_at=now, claimed_by=None, lease_until=None)
    )
    note_text(tx, push_id, said)


def note_text(tx: Tx, push_id: str, said: tuple[str, str]) -> None:
    """Note once the title and body of a ticket's push, for looking through what is past."""
    noted = select(ticket_texts.c.ticket_id).where(ticket_texts.c.ticket_id == tickets.c.id)
    text = select(tickets.c.id, literal(plain("\n".join(said)))).where(
        tickets.c.push_id == push_id, ~noted.exists()
    )
    tx.execute(ticket_texts.insert().from_select(["ticket_id", "text"], text))


def reopen_ticket(tx: Tx, push_id: str, holds: Iterable[str]) -> None:
    """Open the ticket of a push again, for anybody; a new fencing number voids older claims."""
    tx.execute(
        tickets.update()
        .where(tickets.c.push_id == push_id)
        .values(
            state="open",
            closed_at=None,
            claimed_by=None,
            lease_until=None,
            fencing=tickets.c.fencing + 1,
            holds=list(holds),
            first_by=None,
            second_by=None,
        )
    )


def set_holds(tx: Tx, push_id: str, holds: Iterable[str]) -> None:
    """Note what holds the push after it was decided again; a claim on it goes on."""
    tx.execute(tickets.update().where(tickets.c.push_id == push_id).values(holds=list(holds)))


def open_deadlines(tx: Tx) -> list[tuple[int, str, int]]:
    """Return (rank, minute of the deadline, how many) of all open tickets, in order of work."""
    # The database groups: thousands of deadlines would take longer to read than to count.
    if tx.dialect.name == "postgresql":
        minute = func.to_char(func.timezone("UTC", tickets.c.deadline), "YYYY-MM-DD HH24:MI")
    else:
        minute = func.strftime("%Y-%m-%d %H:%M", tickets.c.deadline)
    grouped = select(tickets.c.rank, minute.label("minute"), func.count().label("waiting"))
    grouped = grouped.where(IS_OPEN).group_by(tickets.c.rank, minute)
    return sorted((row.rank, row.minute, row.waiting) for row in tx.execute(grouped))


def review_backlog(tx: Tx) -> Backlog:
    """Return how many tickets are open, and since when."""
    return backlog(tx, tickets.c.opened_at, IS_OPEN)


def has_not_ruled(staff_id: str) -> ColumnElement[bool]:
    """Return the condition that this person is none of the two who rule on the row's push."""
    return (func.coalesce(tickets.c.first_by, "") != staff_id) & (
        func.coalesce(tickets.c.second_by, "") != staff_id
    )


def is_free(now: datetime) -> ColumnElement[bool]:
    """Return the condition that nobody holds a claim on the ticket of the row."""
    return or_(
        tickets.c.claimed_by.is_(None),
        tickets.c.lease_until.is_(None),
        tickets.c.lease_until <= now,
    )


def _one(tx: Tx, query: Select[Any]) -> Ticket | None:
    row = tx.execute(query).one_or_none()
    return None if row is None else ticket_from(row)


def ticket_from(row: Row[Any]) -> Ticket:
    """Return a row of the table as a ticket."""
    values = {name: getattr(row, name) for name in _TICKET}
    return Ticket(**values | {"holds": tuple(row.holds)})
