"""The table of replays of policies on what was sent."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, String, Table, Text

from app.db.base import Instant, JsonText, metadata

policy_replays = Table(
    "policy_replays",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("policy_id", ForeignKey("policies.id"), nullable=False, index=True),
    Column("asked_by", String(40), nullable=False),
    Column("asked_at", Instant, nullable=False),
    # What was sent in this time was replayed.
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("state", String(20), nullable=False),
    # How far it is, in thousandths, and when it last showed life.
    Column("done", Integer, nullable=False),
    Column("beat_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("result", JsonText, nullable=False),
    Column("fault", Text, nullable=False),
    CheckConstraint("state IN ('running', 'done', 'cancelled', 'failed')", name="state"),
)
