"""Table of complaints."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, String, Table, Text

from app.db.base import Instant, metadata

complaints = Table(
    "complaints",
    metadata,
    Column("id", String(40), primary_key=True),
    # The short number that the person is given.
    Column("number", String(20), nullable=False, unique=True),
    Column("release_id", ForeignKey("releases.id"), nullable=False, index=True),
    Column("push_id", String(40), nullable=False, index=True),
    Column("reason", String(40), nullable=False),
    Column("text", Text, nullable=False),
    Column("language", String(5), nullable=False),
    Column("filed_at", Instant, nullable=False),
    Column("state", String(20), nullable=False),
    CheckConstraint("state IN ('open', 'upheld', 'dismissed')", name="state"),
)
