"""Tables of policies: caps, topics, exemptions, use of caps, kill switches, pair classes."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    false,
    text,
)

from app.db.base import Instant, JsonText, metadata

policies = Table(
    "policies",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("number", Integer, nullable=False, unique=True),
    Column("caps", JsonText, nullable=False),
    Column("state", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Column("proposed_by", String(40), nullable=False),
    Column("proposed_at", Instant, nullable=False),
    Column("approved_by", String(40)),
    Column("approved_at", Instant),
    # The version whose caps a rollback has put back in force under this number.
    Column("restores", String(40)),
    # When it has come into force or is to; null in a draft that does so once it is approved.
    Column("effective_from", Instant),
    CheckConstraint(
        "state IN ('draft', 'scheduled', 'active', 'superseded', 'withdrawn', 'discarded')",
        name="state",
    ),
    CheckConstraint(
        "(state IN ('draft', 'discarded')) OR effective_from IS NOT NULL", name="effective_from"
    ),
    CheckConstraint("approved_by IS NULL OR approved_by <> proposed_by", name="two_admins"),
)

Index(
    "uq_policies_active",
    policies.c.state,
    unique=True,
    sqlite_where=text("state = 'active'"),
    postgresql_where=text("state = 'active'"),
)

kill_switches = Table(
    "kill_switches",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("scope", String(20), nullable=False),
    Column("value", String(64), nullable=False),
    Column("reason", Text, nullable=False),
    Column("order_number", String(100), nullable=False),
    Column("engaged_by", String(40), nullable=False),
    Column("engaged_at", Instant, nullable=False),
    Column("lifted_by", String(40)),
    Column("lifted_at", Instant),
    Column("lift_reason", Text),
    CheckConstraint(
        "scope IN ('everything', 'surface', 'provider', 'kind', 'topic', 'channel')", name="scope"
    ),
)

topics = Table(
    "topics",
    metadata,
    Column("id", String(40), primary_key=True),
    # As senders write it in their pushes.
    Column("name", String(64), nullable=False),
    Column("zh", String(64), nullable=False),
    Column("en", String(64), nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("proposed_by", String(40), nullable=False),
    Column("proposed_at", Instant, nullable=False),
    Column("approved_by", String(40)),
    Column("approved_at", Instant),
    Column("retired_by", String(40)),
    Column("retired_at", Instant),
    Column("retire_reason", Text),
    CheckConstraint("state IN ('draft', 'active', 'retired', 'discarded')", name="state"),
    CheckConstraint(
        "(state IN ('draft', 'discarded')) OR (approved_by IS NOT NULL"
        " AND approved_by <> proposed_by)",
        name="two_admins",
    ),
)

_STANDING = text("state IN ('draft', 'active')")
Index(
    "uq_topics_standing",
    topics.c.name,
    unique=True,
    sqlite_where=_STANDING,
    postgresql_where=_STANDING,
)

cap_exemptions = Table(
    "cap_exemptions",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", String(64), nullable=False),
    Column("caps", JsonText, nullable=False),
    Column("pushes", JsonText, nullable=False),
    Column("reason", Text, nullable=False),
    Column("basis", String(200), nullable=False),
    # Null in a draft that starts when it is approved.
    Column("starts_at", Instant),
    Column("ends_at", Instant, nullable=False),
    Column("state", String(20), nullable=False),
    Column("proposed_by", String(40), nullable=False),
    Column("proposed_at", Instant, nullable=False),
    Column("approved_by", String(40)),
    Column("approved_at", Instant),
    Column("ended_by", String(40)),
    Column("ended_at", Instant),
    Column("end_reason", Text),
    CheckConstraint("state IN ('draft', 'active', 'ended', 'discarded')", name="state"),
    CheckConstraint(
        "(state IN ('draft', 'discarded')) OR (approved_by IS NOT NULL"
        " AND approved_by <> proposed_by AND starts_at IS NOT NULL)",
        name="two_admins",
    ),
)

# That a cap which all pushes share is nearly used up, once a window: see domain/cap_use.py.
cap_uses = Table(
    "cap_uses",
    metadata,
    Column("cap_id", String(40), primary_key=True),
    Column("subject", String(400), primary_key=True),
    Column("window", String(60), primary_key=True),
    Column("counts", String(10), nullable=False),
    Column("used", BigInteger, nullable=False),
    Column("allowed", BigInteger, nullable=False),
    Column("ends_at", Instant, nullable=False, index=True),
    Column("push_id", String(40), nullable=False, index=True),
    Column("provider_id", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    Column("told", Boolean, nullable=False, server_default=false()),
)

UNTOLD = text("NOT told")
Index("ix_cap_uses_untold", cap_uses.c.at, sqlite_where=UNTOLD, postgresql_where=UNTOLD)

# Which pushes need two persons: see domain/pairs.py.
pair_policies = Table(
    "pair_policies",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("number", Integer, nullable=False, unique=True),
    Column("classes", JsonText, nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("proposed_by", String(40), nullable=False),
    Column("proposed_at", Instant, nullable=False),
    Column("approved_by", String(40)),
    Column("approved_at", Instant),
    CheckConstraint("state IN ('draft', 'active', 'superseded', 'discarded')", name="state"),
    CheckConstraint(
        "(state IN ('draft', 'discarded')) OR (approved_by IS NOT NULL"
        " AND approved_by <> proposed_by)",
        name="two_admins",
    ),
)

Index(
    "uq_pair_policies_active",
    pair_policies.c.state,
    unique=True,
    sqlite_where=text("state = 'active'"),
    postgresql_where=text("state = 'active'"),
)
