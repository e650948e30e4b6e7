"""Reading and writing outcome events."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, or_, select, update

from app.db.backlog import Backlog, backlog
from app.db.session import Tx
from app.webhooks.events import OutcomeEvent, QueuedEvent
from app.webhooks.models import outcome_events

_EVENT = tuple(OutcomeEvent.__dataclass_fields__)


def insert_event(tx: Tx, event: OutcomeEvent) -> None:
    """Queue an event in the transaction of the change that it tells of."""
    tx.execute(
        outcome_events.insert(),
        [
            {name: getattr(event, name) for name in _EVENT}
            | {"state": "pending", "attempts": 0, "next_at": event.created_at}
        ],
    )


def any_due(tx: Tx, now: datetime) -> bool:
    """Tell whether an event is to be sent, without a write lock."""
    query = select(outcome_events.c.id).where(*_due(now))
    return tx.execute(query.limit(1)).one_or_none() is not None


def outcome_backlog(tx: Tx) -> Backlog:
    """Return how many events are still to send, put off or not, and since when."""
    return backlog(tx, outcome_events.c.created_at, outcome_events.c.state == "pending")


def claim_events(tx: Tx, now: datetime, lease_until: datetime, limit: int) -> list[QueuedEvent]:
    """Lease due events to one worker, the longest due first."""
    query = (
        select(outcome_events)
        .where(*_due(now))
        .order_by(outcome_events.c.next_at, outcome_events.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    events = [_queued(row) for row in tx.execute(query)]
    if events:
        tx.execute(
            update(outcome_events)
            .where(outcome_events.c.id.in_([queued.event.id for queued in events]))
            .values(lease_until=lease_until)
        )
    return events


def save_try(tx: Tx, queued: QueuedEvent) -> None:
    """Write what the latest try came to; the lease ends."""
    tx.execute(
        update(outcome_events)
        .where(outcome_events.c.id == queued.event.id, outcome_events.c.state == "pending")
        .values(
            state=queued.state,
            attempts=queued.attempts,
            next_at=queued.next_at,
            finished_at=queued.finished_at,
            last_status=queued.last_status,
            last_error=queued.last_error,
            lease_until=None,
        )
    )


def newest_events(tx: Tx, state: str | None, limit: int) -> list[QueuedEvent]:
    """Return events, of one state if given, the newest first."""
    query = select(outcome_events)
    if state is not None:
        query = query.where(outcome_events.c.state == state)
    query = query.order_by(outcome_events.c.id.desc()).limit(limit)
    return [_queued(row) for row in tx.execute(query)]


def revive(tx: Tx, event_id: str, now: datetime) -> bool:
    """Queue a dead event again with the same id and body; False if it is not dead."""
    return (
        tx.execute(
            update(outcome_events)
            .where(outcome_events.c.id == event_id, outcome_events.c.state == "dead")
            .values(state="pending", attempts=0, next_at=now, finished_at=None)
        ).rowcount
        > 0
    )


def _due(now: datetime) -> tuple[Any, ...]:
    return (
        outcome_events.c.state == "pending",
        outcome_events.c.next_at <= now,
        or_(outcome_events.c.lease_until.is_(None), outcome_events.c.lease_until <= now),
    )


def _queued(row: Row[Any]) -> QueuedEvent:
    return QueuedEvent(
        event=OutcomeEvent(**{name: getattr(row, name) for name in _EVENT}),
        state=row.state,
        attempts=row.attempts,
        next_at=row.next_at,
        finished_at=row.finished_at,
        last_status=row.last_status,
        last_error=row.last_error,
    )
