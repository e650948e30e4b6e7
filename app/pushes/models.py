"""Tables of pushes, decisions, changes of state, assets, idempotency keys, and trials of packs."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from app.db.base import Instant, JsonText, metadata

pushes = Table(
    "pushes",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("provider_id", ForeignKey("providers.id"), nullable=False),
    Column("sender_id", ForeignKey("senders.id"), nullable=False),
    # The person: "staff:stf_…" when a staff member holds the key, else "sender:snd_…".
    Column("submitter", String(50), nullable=False),
    Column("surface_id", String(40), nullable=False),
    Column("external_id", String(128)),
    Column("replaces", ForeignKey("pushes.id")),
    Column("superseded_by", String(40)),
    Column("kind", String(20), nullable=False),
    Column("title", Text, nullable=False),
    Column("digest", String(80), nullable=False),
    # The canonical bytes that the digest is over, and the tokens of the audience.
    Column("canonical", LargeBinary, nullable=False),
    Column("recipients", LargeBinary),
    Column("audience_size", Integer),
    Column("state", String(20), nullable=False),
    Column("verdict", String(10), nullable=False),
    Column("urgency", String(10), nullable=False),
    Column("submitted_at", Instant, nullable=False),
    Column("state_at", Instant, nullable=False),
    Column("not_before", Instant),
    Column("expires_at", Instant, nullable=False),
    # When the releaser has to look at it: approved, the end of the undo window or not_before;
    # in review, when a fact that could not be had is looked for again.
    Column("release_at", Instant),
    # Why it needs two persons; null where nobody has found that it does. Once it is written a
    # trigger keeps it, and triggers refuse what goes out with fewer (migration 0025).
    Column("pair_reasons", JsonText),
    UniqueConstraint("id", "digest", "submitter", name="uq_pushes_ruled"),
)

Index(
    "uq_pushes_external_id",
    pushes.c.provider_id,
    pushes.c.external_id,
    unique=True,
    sqlite_where=text("external_id IS NOT NULL AND superseded_by IS NULL"),
    postgresql_where=text("external_id IS NOT NULL AND superseded_by IS NULL"),
)
Index("ix_pushes_provider_id_id", pushes.c.provider_id, pushes.c.id)
REFUSED = text("state IN ('refused', 'withdrawn')")
Index(
    "ix_pushes_refused",
    pushes.c.sender_id,
    pushes.c.state_at,
    sqlite_where=REFUSED,
    postgresql_where=REFUSED,
)
DUE_SOME_TIME = pushes.c.release_at.is_not(None)
Index(
    "ix_pushes_due",
    pushes.c.release_at,
    sqlite_where=DUE_SOME_TIME,
    postgresql_where=DUE_SOME_TIME,
)
# Queries write it just so: with bound values neither database would use the index.
CAN_EXPIRE = text("state IN ('in_review', 'returned', 'approved')")
Index(
    "ix_pushes_expiring",
    pushes.c.expires_at,
    sqlite_where=CAN_EXPIRE,
    postgresql_where=CAN_EXPIRE,
)

decisions = Table(
    "decisions",
    metadata,
    Column("push_id", ForeignKey("pushes.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("stage", String(10), nullable=False),
    Column("facts", LargeBinary, nullable=False),
    Column("decision", LargeBinary, nullable=False),
    Column("verdict", String(10), nullable=False),
    Column("rule_set", String(80), nullable=False),
    Column("decided_at", Instant, nullable=False),
)

transitions = Table(
    "transitions",
    metadata,
    Column("push_id", ForeignKey("pushes.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("from_state", String(20)),
    Column("to_state", String(20), nullable=False),
    Column("role", String(20), nullable=False),
    Column("actor", String(50), nullable=False),
    Column("note", JsonText, nullable=False),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("provider_id", String(40), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("body_hash", String(64), nullable=False),
    Column("push_id", String(40)),
    Column("status", Integer, nullable=False),
    # Emptied after 72 hours; the key itself is never free again.
    Column("answer", LargeBinary),
    Column("created_at", Instant, nullable=False),
)

KEPT = idempotency_keys.c.answer.is_not(None)
Index(
    "ix_idempotency_keys_kept",
    idempotency_keys.c.created_at,
    sqlite_where=KEPT,
    postgresql_where=KEPT,
)

assets = Table(
    "assets",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("media_type", String(20), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    # The codes that were read in it; NULL where nobody looked for any.
    Column("codes", JsonText),
    # What its file says of itself (GB 45438-2025); NULL where it says nothing or nobody looked.
    Column("aigc", JsonText),
)

TEXT_PENDING = text("picture_texts.outcome = 'pending'")
picture_texts = Table(
    "picture_texts",
    metadata,
    Column("sha256", ForeignKey("assets.sha256"), primary_key=True),
    Column("outcome", String(10), nullable=False),
    Column("lines", JsonText, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("read_at", Instant),
)
Index(
    "ix_picture_texts_pending",
    picture_texts.c.asked_at,
    sqlite_where=text("outcome = 'pending'"),
    postgresql_where=text("outcome = 'pending'"),
)

TRAIL_PENDING = text("link_trails.outcome = 'pending'")
link_trails = Table(
    "link_trails",
    metadata,
    Column("push_id", ForeignKey("pushes.id"), primary_key=True),
    Column("url", Text, nullable=False),
    Column("outcome", String(10), nullable=False),
    Column("hops", JsonText, nullable=False),
    Column("reason", String(40), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("followed_at", Instant),
)
Index(
    "ix_link_trails_pending",
    link_trails.c.asked_at,
    sqlite_where=text("outcome = 'pending'"),
    postgresql_where=text("outcome = 'pending'"),
)

push_assets = Table(
    "push_assets",
    metadata,
    Column("push_id", ForeignKey("pushes.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("sha256", ForeignKey("assets.sha256"), nullable=False, index=True),
)

# Back-tests of rule packs.
pack_trials = Table(
    "pack_trials",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("pack_id", ForeignKey("rule_packs.id"), nullable=False, index=True),
    Column("pack_revision", Integer, nullable=False),
    # The rule pack that was in force, by its version.
    Column("over", String(200), nullable=False),
    Column("asked_by", String(40), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("wanted", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("beat_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("summary", JsonText, nullable=False),
    Column("fault", Text, nullable=False),
    CheckConstraint("state IN ('running', 'done', 'cancelled', 'failed')", name="state"),
)

# What a trial or a staged pack in the shadow finds otherwise than the pack in force.
pack_differences = Table(
    "pack_differences",
    metadata,
    # A trial's id, or the pack's id and digest for its shadow.
    Column("origin", String(60), primary_key=True),
    Column("push_id", ForeignKey("pushes.id"), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("gained", JsonText, nullable=False),
    Column("lost", JsonText, nullable=False),
    Column("rules_gained", JsonText, nullable=False),
    Column("rules_lost", JsonText, nullable=False),
    Column("verdict_before", String(10), nullable=False),
    Column("verdict_after", String(10), nullable=False),
)

# What later pushes are compared with: the story in plain letters, and whether it went out.
push_history = Table(
    "push_history",
    metadata,
    Column("push_id", ForeignKey("pushes.id"), primary_key=True),
    # The first of the pushes that replaced one another; they are one story told once.
    Column("root_id", String(40), nullable=False),
    Column("surface_id", String(40), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("topic", String(200)),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("submitted_at", Instant, nullable=False),
    Column("state", String(10), nullable=False),
    Column("changed_at", Instant, nullable=False),
    CheckConstraint("state IN ('open', 'released', 'gone')", name="state"),
)
Index("ix_push_history_changed_at", push_history.c.changed_at)
