"""Tables of the people in the console."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, String, Table, Text, text

from app.db.base import Instant, JsonText, metadata

staff = Table(
    "staff",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("username", String(64), nullable=False, unique=True),
    Column("name", String(100), nullable=False),
    Column("roles", JsonText, nullable=False),
    Column("password_hash", String(200), nullable=False),
    # A one-time password has to be changed at the first sign-in.
    Column("password_is_one_time", Boolean, nullable=False),
    Column("language", String(5), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
    # The second factor: its secret is sealed, its last step makes a code good for once.
    Column("factor_sealed", Text),
    Column("factor_since", Instant),
    Column("factor_step", BigInteger),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("staff_id", ForeignKey("staff.id"), primary_key=True),
    Column("code_hash", String(64), primary_key=True),
    Column("used_at", Instant),
)

staff_ties = Table(
    "staff_ties",
    metadata,
    Column("staff_id", ForeignKey("staff.id"), primary_key=True),
    Column("provider_id", ForeignKey("providers.id"), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("declared_at", Instant, nullable=False),
    Column("ended_at", Instant),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("staff_id", ForeignKey("staff.id"), nullable=False, index=True),
    Column("csrf", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    # When this very session gave a code of the second factor.
    Column("proven_at", Instant),
    # A secret that is being set up, sealed; it dies with the session.
    Column("factor_pending", Text),
    # Where the session was begun and with what, for its owner to recognise.
    Column("address", String(64), nullable=False, server_default=text("''")),
    Column("agent", String(200), nullable=False, server_default=text("''")),
)

sign_in_attempts = Table(
    "sign_in_attempts",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("username", String(64), nullable=False),
    Column("address", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Column("succeeded", Boolean, nullable=False),
)

Index("ix_sign_in_attempts_username_at", sign_in_attempts.c.username, sign_in_attempts.c.at)
Index("ix_sign_in_attempts_address_at", sign_in_attempts.c.address, sign_in_attempts.c.at)
