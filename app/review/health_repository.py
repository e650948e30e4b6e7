"""Counting what waits and how long it took, in the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, Text, cast, func, select, type_coerce

from app.db.session import Tx
from app.review.models import IS_OPEN, rulings, tickets
from app.review.pace import Waiting

EMERGENCY: Final = "emergency"
_STEP: Final = 5
"""To how many seconds waits are counted."""


@dataclass(frozen=True, slots=True)
class Waits:
    """How often tickets of a queue waited for so many seconds (to five) until their ruling."""

    queue: str
    seconds: int
    often: int


def open_tickets(tx: Tx) -> list[Waiting]:
    """Return all open tickets, those of the same queue and minutes together."""
    deadline, expiry = minute(tx, tickets.c.deadline), minute(tx, tickets.c.expires_at)
    by = (tickets.c.rank, tickets.c.kind, deadline, expiry)
    query = select(*by, func.count(), func.min(tickets.c.opened_at)).where(IS_OPEN).group_by(*by)
    return [
        Waiting(_queue(rank, kind), rank, instant(first), instant(second), number, oldest)
        for rank, kind, first, second, number, oldest in tx.execute(query)
    ]


def rulings_by_person(tx: Tx, since: datetime) -> dict[str, int]:
    """Return how many rulings each person has given since an instant."""
    query = select(rulings.c.reviewer, func.count()).where(rulings.c.given_at >= since)
    return {row[0]: row[1] for row in tx.execute(query.group_by(rulings.c.reviewer))}


def waits(tx: Tx, since: datetime) -> list[Waits]:
    """Return how long what was ruled since an instant had waited."""
    steps = seconds_between(tx, tickets.c.opened_at, rulings.c.given_at) / _STEP
    whole = cast(steps, Integer)
    by = (tickets.c.rank, tickets.c.kind, whole)
    query = (
        select(*by, func.count())
        .join(rulings, rulings.c.ticket_id == tickets.c.id)
        .where(rulings.c.given_at >= since)
        .group_by(*by)
    )
    return [
        Waits(_queue(rank, kind), max(step, 0) * _STEP, often)
        for rank, kind, step, often in tx.execute(query)
    ]


def minute(tx: Tx, column: ColumnElement[datetime]) -> ColumnElement[str]:
    """Return the minute of an instant in UTC, as text."""
    if tx.dialect.name == "sqlite":
        return func.substr(type_coerce(column, Text), 1, len("2026-11-21 02:11"))
    return func.to_char(func.timezone("UTC", column), "YYYY-MM-DD HH24:MI")


def instant(text: str) -> datetime:
    """Return the beginning of a minute that the database wrote."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def seconds_between(
    tx: Tx, first: ColumnElement[Any], second: ColumnElement[Any]
) -> ColumnElement[Any]:
    """Return how many whole seconds lie between two instants."""
    if tx.dialect.name == "sqlite":
        ends = [
            cast(func.strftime("%s", type_coerce(one, Text)), Integer) for one in (first, second)
        ]
        return ends[1] - ends[0]
    return cast(func.extract("epoch", second - first), Integer)


def queue_names(kinds: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the queues: emergencies, then a queue a kind."""
    return (EMERGENCY, *kinds)


def _queue(rank: int, kind: str) -> str:
    return EMERGENCY if rank == 0 else kind
