"""Tables of the source list's editions."""

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

from app.db.base import Instant, JsonText, metadata

source_editions = Table(
    "source_editions",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("edition", String(40), nullable=False),
    Column("digest", String(80), nullable=False),
    Column("unit_count", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("note", Text, nullable=False),
    Column("imported_by", String(40), nullable=False),
    Column("imported_at", Instant, nullable=False),
    Column("published_by", String(40)),
    Column("published_at", Instant),
    CheckConstraint("state IN ('draft', 'active', 'superseded', 'discarded')", name="state"),
    # Two different admins (product page, "Who is who").
    CheckConstraint("published_by IS NULL OR published_by <> imported_by", name="two_admins"),
)

# At most one edition is in force.
Index(
    "uq_source_editions_active",
    source_editions.c.state,
    unique=True,
    sqlite_where=text("state = 'active'"),
    postgresql_where=text("state = 'active'"),
)

source_units = Table(
    "source_units",
    metadata,
    Column("edition_id", ForeignKey("source_editions.id"), primary_key=True),
    Column("name", String(200), primary_key=True),
    Column("category", String(200), nullable=False),
    Column("region", String(40), nullable=False),
    Column("entry_type", String(20), nullable=False),
    Column("domains", JsonText, nullable=False),
    # confirmed: named on the list; unconfirmed: an admin has to confirm it before it matches.
    Column("status", String(20), nullable=False),
    Column("confirmed_by", String(40)),
    Column("confirmed_at", Instant),
    CheckConstraint("status IN ('listed', 'unconfirmed', 'confirmed')", name="status"),
)
