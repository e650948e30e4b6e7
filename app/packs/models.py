"""Tables of the source list's editions, of rule packs and of the workers that load them."""

from sqlalchemy import (
    Boolean,
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

rule_packs = Table(
    "rule_packs",
    metadata,
    Column("id", String(40), primary_key=True),
    # The version that people speak of, in the order in which packs were begun.
    Column("number", Integer, nullable=False, unique=True),
    Column("title", String(100), nullable=False),
    Column("note", Text, nullable=False),
    Column("state", String(20), nullable=False),
    # `open` for the one pack being worked on, `active` for the one in force, else empty.
    Column("slot", String(10), unique=True),
    # Raised with every change of the draft, so that nobody approves what they did not see.
    Column("revision", Integer, nullable=False),
    Column("digest", String(80), nullable=False),
    Column("created_by", String(40), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("edited_by", String(40), nullable=False),
    Column("edited_at", Instant, nullable=False),
    Column("proposed_by", String(40)),
    Column("proposed_at", Instant),
    Column("approved_by", String(40)),
    Column("approved_at", Instant),
    # What was in force when the second admin saw the difference; empty for the shipped lists.
    Column("approved_over", String(40)),
    Column("published_by", String(40)),
    Column("published_at", Instant),
    Column("ended_at", Instant),
    Column("end_reason", Text),
    CheckConstraint(
        "state IN ('draft', 'proposed', 'staged', 'active', 'superseded', 'rolled_back',"
        " 'discarded')",
        name="state",
    ),
    CheckConstraint("slot IS NULL OR slot IN ('open', 'active')", name="slot"),
    CheckConstraint(
        "(state IN ('draft', 'proposed', 'staged') AND slot = 'open')"
        " OR (state = 'active' AND slot = 'active')"
        " OR (state IN ('superseded', 'rolled_back', 'discarded') AND slot IS NULL)",
        name="slot_of_state",
    ),
    # Two different admins (product page, "Who is who"): who wrote, proposed or last changed a
    # pack neither approves nor publishes it.
    CheckConstraint(
        "approved_by IS NULL OR (approved_by <> created_by AND approved_by <> edited_by"
        " AND approved_by <> proposed_by)",
        name="two_admins_approve",
    ),
    CheckConstraint(
        "published_by IS NULL OR (published_by <> created_by AND published_by <> edited_by"
        " AND published_by <> proposed_by)",
        name="two_admins_publish",
    ),
    # What is staged or was ever in force has been approved.
    CheckConstraint(
        "state NOT IN ('staged', 'active', 'superseded', 'rolled_back')"
        " OR (approved_by IS NOT NULL AND proposed_by IS NOT NULL)",
        name="approved",
    ),
)

rule_pack_items = Table(
    "rule_pack_items",
    metadata,
    Column("pack_id", ForeignKey("rule_packs.id"), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("list_id", String(60), primary_key=True),
    Column("name", String(200), primary_key=True),
    Column("value", JsonText, nullable=False),
)

# Everybody who changed a pack, for the rule that none of them approves it.
rule_pack_editors = Table(
    "rule_pack_editors",
    metadata,
    Column("pack_id", ForeignKey("rule_packs.id"), primary_key=True),
    Column("staff_id", String(40), primary_key=True),
)

rule_pack_activations = Table(
    "rule_pack_activations",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    # Empty: the shipped lists alone.
    Column("pack_id", ForeignKey("rule_packs.id")),
    Column("replaced_id", ForeignKey("rule_packs.id")),
    Column("kind", String(20), nullable=False),
    Column("forced", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    CheckConstraint("kind IN ('publish', 'rollback')", name="kind"),
)

# What each running process has loaded; a row is its own and says so itself.
rule_pack_workers = Table(
    "rule_pack_workers",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("base_digest", String(80), nullable=False),
    Column("active_id", String(40), nullable=False),
    Column("staged_id", String(40), nullable=False),
    Column("load_ms", Integer),
    Column("lag_ms", Integer),
    Column("fault", Text, nullable=False),
)

# The operator's own rules, all of them in each version.
operator_rule_sets = Table(
    "operator_rule_sets",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("number", Integer, nullable=False, unique=True),
    Column("rules", JsonText, nullable=False),
    Column("state", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Column("proposed_by", String(40), nullable=False),
    Column("proposed_at", Instant, nullable=False),
    # Everybody who changed the draft: none of them may put it in force.
    Column("editors", JsonText, nullable=False),
    Column("approved_by", String(40)),
    Column("approved_at", Instant),
    # The version that came back at once, approved by whoever approved it then.
    Column("restores", String(40)),
    CheckConstraint("state IN ('draft', 'active', 'superseded', 'discarded')", name="state"),
    CheckConstraint("approved_by IS NULL OR approved_by <> proposed_by", name="two_admins"),
)

# At most one version is in force, and one is being worked on.
for _state in ("active", "draft"):
    Index(
        f"uq_operator_rule_sets_{_state}",
        operator_rule_sets.c.state,
        unique=True,
        sqlite_where=text(f"state = '{_state}'"),
        postgresql_where=text(f"state = '{_state}'"),
    )
