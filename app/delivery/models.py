"""Tables of the outbox, the attempts and the inbox channel."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
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

releases = Table(
    "releases",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("push_id", ForeignKey("pushes.id"), nullable=False, unique=True),
    Column("digest", String(80), nullable=False),
    Column("surface_id", String(40), nullable=False),
    Column("provider_id", String(40), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("topic", String(64)),
    Column("personalised", Boolean, nullable=False),
    # The signed bytes as they leave; nobody serialises them again.
    Column("envelope", LargeBinary, nullable=False),
    Column("released_at", Instant, nullable=False),
    # The cap of pushes over which it reached nobody; null where none was in its way.
    Column("left_out_by", String(40)),
    # Whether rows have ended since it was last looked at whether all of them have.
    Column("to_settle", Boolean, nullable=False, default=True),
)

TO_SETTLE = text("to_settle")
Index(
    "ix_releases_to_settle",
    releases.c.released_at,
    releases.c.push_id,
    sqlite_where=TO_SETTLE,
    postgresql_where=TO_SETTLE,
)

Index("ix_releases_counted", releases.c.surface_id, releases.c.released_at)

counted_pushes = Table(
    "counted_pushes",
    metadata,
    # That a push counts for a cap of pushes and one of its subjects: see delivery/release_caps.py.
    Column("cap_id", String(40), primary_key=True),
    Column("push_id", ForeignKey("pushes.id"), primary_key=True),
    # What it is counted for: surface, provider, topic and kind as far as the cap names them.
    Column("subject", Text, nullable=False),
    Column("released_at", Instant, nullable=False),
)

Index(
    "ix_counted_pushes_counted",
    counted_pushes.c.cap_id,
    counted_pushes.c.subject,
    counted_pushes.c.released_at,
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("release_id", ForeignKey("releases.id"), nullable=False, index=True),
    Column("push_id", String(40), nullable=False, index=True),
    Column("digest", String(80), nullable=False),
    # The approving ruling over the same digest by somebody who is not the submitter.
    Column("ruling_id", String(40), nullable=False),
    Column("ruling_verdict", String(10), nullable=False),
    Column("ruling_reviewer", String(50), nullable=False),
    Column("ruling_standing", Boolean, nullable=False),
    # Room for a second, different one.
    Column("second_ruling_id", String(40)),
    Column("second_verdict", String(10)),
    Column("second_reviewer", String(50)),
    Column("second_standing", Boolean),
    Column("provider_id", String(40), nullable=False),
    Column("surface_id", String(40), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("topic", String(64)),
    Column("minors", String(10), nullable=False),
    # Empty for none; null in rows of before it was kept.
    Column("content_class", String(20)),
    Column("personalised", Boolean, nullable=False),
    Column("channel", String(20), nullable=False),
    # One row is one batch: at most 250 recipients of one counter bucket.
    Column("bucket", Integer, nullable=False),
    Column("recipients", JsonText, nullable=False),
    # One letter a recipient: see delivery/outcomes.py.
    Column("outcomes", Text, nullable=False),
    Column("caps", JsonText, nullable=False),
    # How many recipients each cap has left out, and how many it would have as a shadow.
    Column("left_out", JsonText, nullable=False, server_default=text("'{}'")),
    Column("shadowed", JsonText, nullable=False, server_default=text("'{}'")),
    # Places of recipients in the batch, by exemption and the cap that it eased for them.
    Column("exempted", JsonText, nullable=False, server_default=text("'{}'")),
    Column("versions", JsonText, nullable=False),
    Column("state", String(20), nullable=False),
    Column("stop", String(20)),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("lease_owner", String(64)),
    Column("lease_until", Instant),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text),
    CheckConstraint("ruling_verdict = 'approve'", name="approved"),
    CheckConstraint("ruling_standing", name="standing"),
    CheckConstraint(
        # Null columns would make the check and the foreign key unknown, which passes.
        "(second_ruling_id IS NULL AND second_verdict IS NULL AND second_reviewer IS NULL"
        " AND second_standing IS NULL) OR (second_ruling_id IS NOT NULL"
        " AND second_verdict IS NOT NULL AND second_reviewer IS NOT NULL"
        " AND second_standing IS NOT NULL AND second_verdict = 'approve' AND second_standing"
        " AND second_ruling_id <> ruling_id AND second_reviewer <> ruling_reviewer)",
        name="second_person",
    ),
    CheckConstraint("state IN ('pending', 'sending', 'done', 'dead')", name="state"),
    ForeignKeyConstraint(
        ["ruling_id", "push_id", "digest", "ruling_verdict", "ruling_reviewer", "ruling_standing"],
        [
            "rulings.id",
            "rulings.push_id",
            "rulings.digest",
            "rulings.verdict",
            "rulings.reviewer",
            "rulings.standing",
        ],
        name="fk_outbox_ruling",
    ),
    ForeignKeyConstraint(
        [
            "second_ruling_id",
            "push_id",
            "digest",
            "second_verdict",
            "second_reviewer",
            "second_standing",
        ],
        [
            "rulings.id",
            "rulings.push_id",
            "rulings.digest",
            "rulings.verdict",
            "rulings.reviewer",
            "rulings.standing",
        ],
        name="fk_outbox_second_ruling",
    ),
)

# Queries write it just so: with bound values neither database would use the index.
STILL_TO_SEND = text("state IN ('pending', 'sending')")
Index(
    "ix_outbox_due",
    outbox.c.next_at,
    outbox.c.id,
    sqlite_where=STILL_TO_SEND,
    postgresql_where=STILL_TO_SEND,
)
Index(
    "ix_outbox_versions",
    outbox.c.versions,
    outbox.c.push_id,
    sqlite_where=STILL_TO_SEND,
    postgresql_where=STILL_TO_SEND,
)

_EXEMPTED = text("exempted <> '{}'")
Index(
    "ix_outbox_exempted",
    outbox.c.push_id,
    sqlite_where=_EXEMPTED,
    postgresql_where=_EXEMPTED,
)

# For replays of what was sent in a time.
Index("ix_outbox_created_at_id", outbox.c.created_at, outbox.c.id)

vendor_users = Table(
    "vendor_users",
    metadata,
    Column("surface_id", String(40), primary_key=True),
    Column("vendor", String(20), primary_key=True),
    Column("users", BigInteger, nullable=False),
    Column("app_class", String(20), nullable=False),
    CheckConstraint("users > 0", name="users"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("outbox_id", ForeignKey("outbox.id"), nullable=False),
    Column("number", Integer, nullable=False),
    # What it counts against, for counters that have lost it: see delivery/recount.py.
    Column("bucket", Integer, nullable=False),
    Column("windows", JsonText, nullable=False),
    # When the last of its windows ends; null where it takes no slot of its own.
    Column("counts_until", Instant),
    # The slots it uses; a second try of the same hand-over keeps them and its event id.
    Column("reservation_id", String(40), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    # Null until the call has ended: started without a result is unknown.
    Column("result", String(20)),
    Column("detail", Text),
    UniqueConstraint("outbox_id", "number"),
)

Index("ix_attempts_counted", attempts.c.bucket, attempts.c.counts_until)

# For caps that count what was sent before they were there.
Index("ix_attempts_started", attempts.c.bucket, attempts.c.started_at)

counted_blocks = Table(
    "counted_blocks",
    metadata,
    # What an attempt has taken of caps that count all recipients together, a row a bucket of
    # blocks; how much of it is used its outbox row says. See delivery/block_slots.py.
    Column("id", String(40), primary_key=True),
    Column("attempt_id", ForeignKey("attempts.id"), nullable=False, index=True),
    Column("outbox_id", ForeignKey("outbox.id"), nullable=False),
    Column("bucket", Integer, nullable=False),
    Column("caps", JsonText, nullable=False),
    Column("counts_until", Instant, nullable=False),
)

Index("ix_counted_blocks_counted", counted_blocks.c.bucket, counted_blocks.c.counts_until)

inbox_items = Table(
    "inbox_items",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("surface_id", String(40), nullable=False),
    Column("token", String(64), nullable=False),
    Column("push_id", String(40), nullable=False, index=True),
    Column("release_id", ForeignKey("releases.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("handed_at", Instant),
    Column("recalled_at", Instant),
    Column("shown_at", Instant),
    Column("closed_at", Instant),
    Column("clicked_at", Instant),
    # One push is handed to one recipient at most once.
    UniqueConstraint("surface_id", "token", "push_id"),
)

Index(
    "ix_inbox_items_waiting",
    inbox_items.c.surface_id,
    inbox_items.c.token,
    inbox_items.c.id,
    sqlite_where=text("handed_at IS NULL AND recalled_at IS NULL"),
    postgresql_where=text("handed_at IS NULL AND recalled_at IS NULL"),
)
