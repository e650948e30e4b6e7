"""Table of outcome events that are told to senders."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from app.db.base import Instant, metadata

outcome_events = Table(
    "outcome_events",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("provider_id", ForeignKey("providers.id"), nullable=False),
    Column("push_id", String(40), nullable=False, index=True),
    Column("type", String(40), nullable=False),
    # The body as it is signed and sent, the same bytes at every try.
    Column("body", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("lease_until", Instant),
    Column("finished_at", Instant),
    Column("last_status", Integer),
    Column("last_error", Text),
    CheckConstraint("state IN ('pending', 'delivered', 'dead')", name="state"),
)

Index(
    "ix_outcome_events_due",
    outcome_events.c.next_at,
    sqlite_where=text("state = 'pending'"),
    postgresql_where=text("state = 'pending'"),
)
