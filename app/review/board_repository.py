"""Adding up in the database what the desk did in a time: flow, rulings, speed, rules."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson
from sqlalchemy import ColumnElement, Text, and_, case, func, select, type_coerce

from app.db.session import Tx
from app.review.haste import LETTERS_A_SECOND
from app.review.health_repository import seconds_between
from app.review.models import IS_CLOSED, IS_OPEN, rulings, ticket_texts, tickets


@dataclass(frozen=True, slots=True)
class Days:
    """A time, from an instant to just before another."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Flow:
    """Tickets that were opened in one hour and closed in another; None is still open."""

    opened: datetime
    closed: datetime | None
    number: int


@dataclass(frozen=True, slots=True)
class Ruled:
    """How many rulings of a verdict were given in one hour."""

    hour: datetime
    verdict: str
    number: int


@dataclass(frozen=True, slots=True)
class Missed:
    """How many were closed in an hour after their deadline, and how many expired unruled."""

    hour: datetime
    late: int
    expired: int


@dataclass(frozen=True, slots=True)
class Speed:
    """How often a person took so many seconds for a ticket, and was too fast to have read it."""

    reviewer: str
    seconds: int
    often: int
    too_fast: int


def flow(tx: Tx, days: Days) -> list[Flow]:
    """Return what was open at some time of these days, by the hours of its beginning and end."""
    opened, closed = hour(tx, tickets.c.opened_at), hour(tx, tickets.c.closed_at)
    begun = tickets.c.opened_at < days.until
    ended = select(opened, closed, func.count()).where(
        IS_CLOSED, tickets.c.closed_at >= days.since, begun
    )
    still = select(opened, func.count()).where(IS_OPEN, begun)
    found = [
        Flow(instant(first), instant(last), number)
        for first, last, number in tx.execute(ended.group_by(opened, closed))
    ]
    return found + [
        Flow(instant(first), None, number) for first, number in tx.execute(still.group_by(opened))
    ]


def ruled(tx: Tx, days: Days) -> list[Ruled]:
    """Return how much was ruled in each hour, undone rulings included."""
    at = hour(tx, rulings.c.given_at)
    query = select(at, rulings.c.verdict, func.count()).where(_given(days))
    rows = tx.execute(query.group_by(at, rulings.c.verdict))
    return [Ruled(instant(text), verdict, number) for text, verdict, number in rows]


def missed(tx: Tx, days: Days) -> list[Missed]:
    """Return in each hour what was closed after its deadline, and what had expired by then."""
    at = hour(tx, tickets.c.closed_at)
    expired = case((tickets.c.closed_at >= tickets.c.expires_at, 1), else_=0)
    query = select(at, func.count(), func.sum(expired)).where(
        IS_CLOSED,
        tickets.c.closed_at >= days.since,
        tickets.c.closed_at < days.until,
        tickets.c.closed_at > tickets.c.deadline,
    )
    return [
        Missed(instant(text), every - int(gone), int(gone))
        for text, every, gone in tx.execute(query.group_by(at))
    ]


def verdicts(tx: Tx, days: Days) -> dict[str, Counter[str]]:
    """Return by person how many rulings of each verdict they gave."""
    query = select(rulings.c.reviewer, rulings.c.verdict, func.count()).where(_given(days))
    found: dict[str, Counter[str]] = {}
    for reviewer, verdict, number in tx.execute(
        query.group_by(rulings.c.reviewer, rulings.c.verdict)
    ):
        found.setdefault(reviewer, Counter())[verdict] += number
    return found


def speeds(tx: Tx, days: Days) -> list[Speed]:
    """Return how long people took, from the beginning of the claim to the ruling."""
    took = seconds_between(tx, rulings.c.claimed_at, rulings.c.given_at)
    letters = func.length(ticket_texts.c.text)
    too_fast = case((took * LETTERS_A_SECOND < letters, 1), else_=0)
    query = (
        select(rulings.c.reviewer, took, func.count(), func.sum(too_fast))
        .join(ticket_texts, ticket_texts.c.ticket_id == rulings.c.ticket_id)
        .where(_given(days), rulings.c.claimed_at.is_not(None))
    )
    return [
        Speed(reviewer, max(seconds, 0), often, int(fast))
        for reviewer, seconds, often, fast in tx.execute(query.group_by(rulings.c.reviewer, took))
    ]


def judged_rules(tx: Tx, days: Days) -> tuple[Counter[str], Counter[str]]:
    """Return by rule how many of its holds people overrode, and how many they upheld.

    An approval overrides every hold that it clears; a refusal or return upholds all that held the
    push. What was undone or overruled counts for nothing.
    """
    approves = rulings.c.verdict == "approve"
    held = case(
        (approves, type_coerce(rulings.c.clears, Text)), else_=type_coerce(tickets.c.holds, Text)
    )
    query = (
        select(approves, held, func.count())
        .join(tickets, tickets.c.id == rulings.c.ticket_id)
        .where(_given(days), rulings.c.ended_at.is_(None))
    )
    overridden, upheld = Counter[str](), Counter[str]()
    # Rows that say the same come as one.
    for approved, text, number in tx.execute(query.group_by(approves, held)):
        for rule in orjson.loads(text):
            (overridden if approved else upheld)[rule] += number
    return overridden, upheld


def claims_now(tx: Tx, now: datetime) -> dict[str, int]:
    """Return how many tickets each person holds."""
    query = select(tickets.c.claimed_by, func.count()).where(
        IS_OPEN, tickets.c.claimed_by.is_not(None), tickets.c.lease_until > now
    )
    return {row[0]: row[1] for row in tx.execute(query.group_by(tickets.c.claimed_by))}


def hour(tx: Tx, column: ColumnElement[datetime | None]) -> ColumnElement[str]:
    """Return the hour of an instant in UTC, as text."""
    if tx.dialect.name == "sqlite":
        return func.substr(type_coerce(column, Text), 1, len("2026-11-21 02"))
    return func.to_char(func.timezone("UTC", column), "YYYY-MM-DD HH24")


def instant(text: str) -> datetime:
    """Return the beginning of an hour that the database wrote."""
    return datetime.fromisoformat(f"{text}:00").replace(tzinfo=UTC)


def _given(days: Days) -> ColumnElement[bool]:
    return and_(rulings.c.given_at >= days.since, rulings.c.given_at < days.until)
