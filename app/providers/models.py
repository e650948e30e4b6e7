"""Tables of the register."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    false,
    text,
)

from app.db.base import Instant, JsonText, metadata

providers = Table(
    "providers",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("legal_name", String(200), nullable=False),
    Column("display_name", String(100), nullable=False),
    Column("credit_code", String(40), nullable=False, unique=True),
    Column("link_domains", JsonText, nullable=False),
    Column("status", String(20), nullable=False),
    # Where outcome webhooks go; the secret signs them, so it cannot be a hash.
    Column("outcome_url", Text),
    Column("outcome_secret", String(100)),
    Column("content_head", String(100), nullable=False, server_default=text("''")),
    Column("chief_editor", String(100), nullable=False, server_default=text("''")),
    Column("verified_until", Date),
    Column("content_classes", JsonText, nullable=False, server_default=text("'[]'")),
    Column("created_at", Instant, nullable=False),
    CheckConstraint("status IN ('active', 'suspended')", name="status"),
)

licences = Table(
    "licences",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("provider_id", ForeignKey("providers.id"), nullable=False, index=True),
    Column("kind", String(40), nullable=False),
    Column("number", String(100), nullable=False),
    Column("services", JsonText, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)

# Policy documents, algorithm filings, agreements and consents: what differs is in the body.
provider_papers = Table(
    "provider_papers",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("provider_id", ForeignKey("providers.id"), nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("body", JsonText, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    CheckConstraint("kind IN ('policy', 'algorithm', 'agreement', 'consent')", name="kind"),
)

advertisers = Table(
    "advertisers",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("credit_code", String(40), nullable=False, unique=True),
    Column("address", String(200), nullable=False),
    Column("contact", String(200), nullable=False),
    Column("documents", Text, nullable=False),
    Column("checked_on", Date, nullable=False),
    Column("valid_to", Date, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("struck_at", Instant),
)

advertiser_approvals = Table(
    "advertiser_approvals",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("advertiser_id", ForeignKey("advertisers.id"), nullable=False, index=True),
    Column("ad_class", String(40), nullable=False),
    Column("number", String(100), nullable=False),
    Column("valid_to", Date, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)

surfaces = Table(
    "surfaces",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("provider_id", ForeignKey("providers.id"), nullable=False, index=True),
    Column("name", String(100), nullable=False),
    Column("form", String(20), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("time_zone", String(64), nullable=False),
    Column("complaint_contact", String(200), nullable=False),
    Column("app_category", String(40), nullable=False),
    Column("elderly_mode", Boolean, nullable=False, server_default=false()),
    Column("for_minors", Boolean, nullable=False, server_default=false()),
    Column("webhook_url", Text),
    Column("webhook_secret", String(100)),
    Column("status", String(20), nullable=False),
    Column("created_at", Instant, nullable=False),
    CheckConstraint("channel IN ('inbox', 'webhook')", name="channel"),
    CheckConstraint("form IN ('app', 'browser', 'system', 'device', 'site')", name="form"),
    CheckConstraint("status IN ('active', 'closed')", name="status"),
)

surface_grants = Table(
    "surface_grants",
    metadata,
    Column("surface_id", ForeignKey("surfaces.id"), primary_key=True),
    Column("provider_id", ForeignKey("providers.id"), primary_key=True),
    Column("granted_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)

senders = Table(
    "senders",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("provider_id", ForeignKey("providers.id"), nullable=False, index=True),
    Column("name", String(100), nullable=False),
    # The person who answers for the key; a staff member who holds one cannot rule on it.
    Column("holder", String(100), nullable=False),
    Column("holder_staff_id", ForeignKey("staff.id")),
    Column("scopes", JsonText, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)

sender_keys = Table(
    "sender_keys",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("sender_id", ForeignKey("senders.id"), nullable=False, index=True),
    Column("key_hash", String(64), nullable=False, unique=True),
    Column("hint", String(8), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("last_used_at", Instant),
    Column("revoked_at", Instant),
)

Index("ix_surface_grants_provider_id", surface_grants.c.provider_id)
