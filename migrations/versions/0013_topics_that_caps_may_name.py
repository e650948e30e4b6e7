"""topics that two persons register before a cap may name them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_STANDING = sa.text("state IN ('draft', 'active')")


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "topics",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("zh", sa.String(64), nullable=False),
        sa.Column("en", sa.String(64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("proposed_by", sa.String(40), nullable=False),
        sa.Column("proposed_at", instant, nullable=False),
        sa.Column("approved_by", sa.String(40), nullable=True),
        sa.Column("approved_at", instant, nullable=True),
        sa.Column("retired_by", sa.String(40), nullable=True),
        sa.Column("retired_at", instant, nullable=True),
        sa.Column("retire_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'active', 'retired', 'discarded')", name=op.f("ck_topics_state")
        ),
        sa.CheckConstraint(
            "(state IN ('draft', 'discarded')) OR (approved_by IS NOT NULL"
            " AND approved_by <> proposed_by)",
            name=op.f("ck_topics_two_admins"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topics")),
    )
    op.create_index(
        "uq_topics_standing",
        "topics",
        ["name"],
        unique=True,
        sqlite_where=_STANDING,
        postgresql_where=_STANDING,
    )


def downgrade() -> None:
    op.drop_table("topics")
