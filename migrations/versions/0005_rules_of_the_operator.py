"""rules of the operator."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "operator_rule_sets",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=40), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("editors", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.String(length=40), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("restores", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'active', 'superseded', 'discarded')",
            name=op.f("ck_operator_rule_sets_state"),
        ),
        sa.CheckConstraint(
            "approved_by IS NULL OR approved_by <> proposed_by",
            name=op.f("ck_operator_rule_sets_two_admins"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_rule_sets")),
        sa.UniqueConstraint("number", name=op.f("uq_operator_rule_sets_number")),
    )
    for state in ("active", "draft"):
        op.create_index(
            f"uq_operator_rule_sets_{state}",
            "operator_rule_sets",
            ["state"],
            unique=True,
            sqlite_where=sa.text(f"state = '{state}'"),
            postgresql_where=sa.text(f"state = '{state}'"),
        )


def downgrade() -> None:
    op.drop_table("operator_rule_sets")
