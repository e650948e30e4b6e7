"""caps that are nearly used up."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_UNTOLD = sa.text("NOT told")


def upgrade() -> None:
    op.create_table(
        "cap_uses",
        sa.Column("cap_id", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(400), nullable=False),
        sa.Column("window", sa.String(60), nullable=False),
        sa.Column("counts", sa.String(10), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("allowed", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("push_id", sa.String(40), nullable=False),
        sa.Column("provider_id", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("cap_id", "subject", "window", name=op.f("pk_cap_uses")),
    )
    op.create_index("ix_cap_uses_ends_at", "cap_uses", ["ends_at"])
    op.create_index("ix_cap_uses_push_id", "cap_uses", ["push_id"])
    op.create_index(
        "ix_cap_uses_untold",
        "cap_uses",
        ["at"],
        sqlite_where=_UNTOLD,
        postgresql_where=_UNTOLD,
    )


def downgrade() -> None:
    op.drop_table("cap_uses")
