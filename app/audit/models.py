"""Tables of the ledger: entries, their places in the tree, and signed checkpoints. Insert only."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, String, Table, Text

from app.db.base import Instant, metadata

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("actor_kind", String(20), nullable=False),
    Column("actor_id", String(100), nullable=False),
    Column("subject", String(100), nullable=False),
    # Canonical JSON, byte for byte as it was hashed.
    Column("body", Text, nullable=False),
    # The leaf hash, hex: computed when the entry is written, sealed later.
    Column("digest", String(64), nullable=False),
    CheckConstraint("length(digest) = 64", name="digest"),
)

Index("ix_audit_entries_subject", audit_entries.c.subject, audit_entries.c.id)

audit_leaves = Table(
    "audit_leaves",
    metadata,
    # From 0 without a gap. The primary key keeps two sealers from filling one place.
    Column("leaf_index", BigInteger, primary_key=True, autoincrement=False),
    Column("entry_id", ForeignKey("audit_entries.id"), nullable=False, unique=True),
    Column("digest", String(64), nullable=False),
    CheckConstraint("leaf_index >= 0", name="leaf_index"),
)

audit_checkpoints = Table(
    "audit_checkpoints",
    metadata,
    # How many leaves it covers. The primary key forbids a second root for one size.
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("note", Text, nullable=False),
    # The tree's frontier at that size, hex hashes one after another; its root is in the note.
    Column("frontier", Text, nullable=False),
    CheckConstraint("size > 0", name="size"),
)
