"""Tables of recipients and their refusals; no personal data."""

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, String, Table, text

from app.db.base import Instant, metadata

recipients = Table(
    "recipients",
    metadata,
    Column("surface_id", String(40), primary_key=True),
    Column("token", String(64), primary_key=True),
    # The device secret names the recipient by itself: the clients send nothing else.
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("time_zone", String(64)),
    Column("minor", String(10), nullable=False),
    Column("created_at", Instant, nullable=False),
    ForeignKeyConstraint(["surface_id"], ["surfaces.id"]),
    CheckConstraint("minor IN ('yes', 'no', 'unknown')", name="minor"),
)

refusals = Table(
    "refusals",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("surface_id", String(40), nullable=False),
    Column("token", String(64), nullable=False),
    Column("scope", String(20), nullable=False),
    Column("kind", String(20)),
    Column("created_at", Instant, nullable=False),
    Column("withdrawn_at", Instant),
    ForeignKeyConstraint(["surface_id", "token"], ["recipients.surface_id", "recipients.token"]),
    CheckConstraint("scope IN ('all', 'kind', 'personalisation')", name="scope"),
    CheckConstraint("(scope = 'kind') = (kind IS NOT NULL)", name="kind"),
)

Index(
    "ix_refusals_standing",
    refusals.c.surface_id,
    refusals.c.token,
    sqlite_where=text("withdrawn_at IS NULL"),
    postgresql_where=text("withdrawn_at IS NULL"),
)
