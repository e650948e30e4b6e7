"""exemptions from caps, and whom of a batch they have let through."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_USED_ONE = sa.text("exempted <> '{}'")


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "cap_exemptions",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("caps", sa.Text(), nullable=False),
        sa.Column("pushes", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("basis", sa.String(200), nullable=False),
        sa.Column("starts_at", instant, nullable=True),
        sa.Column("ends_at", instant, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("proposed_by", sa.String(40), nullable=False),
        sa.Column("proposed_at", instant, nullable=False),
        sa.Column("approved_by", sa.String(40), nullable=True),
        sa.Column("approved_at", instant, nullable=True),
        sa.Column("ended_by", sa.String(40), nullable=True),
        sa.Column("ended_at", instant, nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'active', 'ended', 'discarded')",
            name=op.f("ck_cap_exemptions_state"),
        ),
        sa.CheckConstraint(
            "(state IN ('draft', 'discarded')) OR (approved_by IS NOT NULL"
            " AND approved_by <> proposed_by AND starts_at IS NOT NULL)",
            name=op.f("ck_cap_exemptions_two_admins"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cap_exemptions")),
    )
    with op.batch_alter_table("outbox") as table:
        table.add_column(
            sa.Column("exempted", sa.Text(), nullable=False, server_default=sa.text("'{}'"))
        )
    op.create_index(
        "ix_outbox_exempted",
        "outbox",
        ["push_id"],
        sqlite_where=_USED_ONE,
        postgresql_where=_USED_ONE,
    )


def downgrade() -> None:
    op.drop_index("ix_outbox_exempted", table_name="outbox")
    with op.batch_alter_table("outbox") as table:
        table.drop_column("exempted")
    op.drop_table("cap_exemptions")
