"""papers of providers and advertisers."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "advertisers",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("credit_code", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("contact", sa.String(length=200), nullable=False),
        sa.Column("documents", sa.Text(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("struck_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_advertisers")),
        sa.UniqueConstraint("credit_code", name=op.f("uq_advertisers_credit_code")),
    )
    op.create_table(
        "advertiser_approvals",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("advertiser_id", sa.String(length=40), nullable=False),
        sa.Column("ad_class", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["advertiser_id"],
            ["advertisers.id"],
            name=op.f("fk_advertiser_approvals_advertiser_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_advertiser_approvals")),
    )
    with op.batch_alter_table("advertiser_approvals", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_advertiser_approvals_advertiser_id"), ["advertiser_id"], unique=False
        )

    op.create_table(
        "provider_papers",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("provider_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('policy', 'algorithm', 'agreement', 'consent')",
            name=op.f("ck_provider_papers_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["providers.id"], name=op.f("fk_provider_papers_provider_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_papers")),
    )
    with op.batch_alter_table("provider_papers", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_provider_papers_provider_id"), ["provider_id"], unique=False
        )

    with op.batch_alter_table("providers", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "content_head", sa.String(length=100), server_default=sa.text("''"), nullable=False
            )
        )
        batch_op.add_column(
            sa.Column(
                "chief_editor", sa.String(length=100), server_default=sa.text("''"), nullable=False
            )
        )
        batch_op.add_column(sa.Column("verified_until", sa.Date(), nullable=True))
        batch_op.add_column(
            sa.Column("content_classes", sa.Text(), server_default=sa.text("'[]'"), nullable=False)
        )

    with op.batch_alter_table("surfaces", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("elderly_mode", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.add_column(
            sa.Column("for_minors", sa.Boolean(), server_default=sa.false(), nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("surfaces", schema=None) as batch_op:
        batch_op.drop_column("for_minors")
        batch_op.drop_column("elderly_mode")

    with op.batch_alter_table("providers", schema=None) as batch_op:
        batch_op.drop_column("content_classes")
        batch_op.drop_column("verified_until")
        batch_op.drop_column("chief_editor")
        batch_op.drop_column("content_head")

    with op.batch_alter_table("provider_papers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_provider_papers_provider_id"))

    op.drop_table("provider_papers")
    with op.batch_alter_table("advertiser_approvals", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_advertiser_approvals_advertiser_id"))

    op.drop_table("advertiser_approvals")
    op.drop_table("advertisers")
