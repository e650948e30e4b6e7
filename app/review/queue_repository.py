"""The open tickets in the order of work, all of them or those that somebody chose."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Text, and_, false, func, or_, select, type_coerce

from app.db.session import Tx
from app.review.models import IS_OPEN, tickets
from app.review.pass_repository import has_not_passed
from app.review.repository import has_not_ruled, is_free, ticket_from
from app.review.states import Ticket

MOST_COUNTED: Final = 1000


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What a queue page shows; None shows all.

    `rules` are ids of which one at least holds the ticket; `held_by_these_alone` that nothing else
    does. `opened_before` leaves what has waited for long enough.
    """

    kind: str | None = None
    provider_id: str | None = None
    sender_id: str | None = None
    claimed: bool | None = None
    text: str = ""
    rules: tuple[str, ...] | None = None
    held_by_these_alone: bool = False
    opened_before: datetime | None = None
    not_passed_by: str | None = None


def queue(
    tx: Tx, wanted: QueueFilter, now: datetime, limit: int, offset: int = 0
) -> tuple[list[Ticket], int]:
    """Return a page of open tickets in the order of work, and how many match.

    Of more than `MOST_COUNTED` it says one more than that: nobody turns so many pages, and every
    open page asks again every few seconds.
    """
    where = _matching(wanted, now)
    some = select(tickets.c.id).where(where).limit(MOST_COUNTED + 1).subquery()
    total = tx.execute(select(func.count()).select_from(some)).scalar_one()
    in_order = (tickets.c.rank, tickets.c.deadline, tickets.c.id)
    # What is chosen by is in the index; whole rows are read for one page alone.
    page = select(tickets.c.id).where(where).order_by(*in_order).limit(limit).offset(offset)
    ids = list(tx.execute(page).scalars())
    rows = tx.execute(select(tickets).where(tickets.c.id.in_(ids)).order_by(*in_order))
    return [ticket_from(row) for row in rows], total


def held_by(rules: tuple[str, ...]) -> ColumnElement[bool]:
    """Return the condition that one of these rules holds the ticket of the row."""
    # Ids are of letters, digits and hyphens, so that quotes are enough to tell them apart.
    holds = type_coerce(tickets.c.holds, Text)
    return or_(false(), *(holds.contains(f'"{rule}"', autoescape=True) for rule in rules))


def of_same(
    kind: str | None, provider_id: str | None, sender_id: str | None
) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions for tickets of a kind, a provider and a sender; None for any."""
    wanted = (
        (tickets.c.kind, kind),
        (tickets.c.provider_id, provider_id),
        (tickets.c.sender_id, sender_id),
    )
    for column, value in wanted:
        if value is not None:
            yield column == value


def _matching(wanted: QueueFilter, now: datetime) -> ColumnElement[bool]:
    where = and_(IS_OPEN, *of_same(wanted.kind, wanted.provider_id, wanted.sender_id))
    if wanted.claimed is not None:
        where &= ~is_free(now) if wanted.claimed else is_free(now)
    if wanted.opened_before is not None:
        where &= tickets.c.opened_at <= wanted.opened_before
    if wanted.rules is not None:
        where &= _held(wanted.rules, alone=wanted.held_by_these_alone)
    if wanted.not_passed_by is not None:
        where &= has_not_passed(wanted.not_passed_by) & has_not_ruled(wanted.not_passed_by)
    if wanted.text:
        where &= tickets.c.title.contains(wanted.text, autoescape=True)
    return where


def _held(rules: tuple[str, ...], *, alone: bool) -> ColumnElement[bool]:
    if alone:
        return tickets.c.holds == list(rules)
    return held_by(rules)
