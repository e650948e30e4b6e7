"""trials of rule packs."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "pack_trials",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("pack_id", sa.String(length=40), nullable=False),
        sa.Column("pack_revision", sa.Integer(), nullable=False),
        sa.Column("over", sa.String(length=200), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('running', 'done', 'cancelled', 'failed')", name=op.f("ck_pack_trials_state")
        ),
        sa.ForeignKeyConstraint(
            ["pack_id"], ["rule_packs.id"], name=op.f("fk_pack_trials_pack_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack_trials")),
    )
    with op.batch_alter_table("pack_trials", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pack_trials_pack_id"), ["pack_id"], unique=False)

    op.create_table(
        "pack_differences",
        sa.Column("origin", sa.String(length=60), nullable=False),
        sa.Column("push_id", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gained", sa.Text(), nullable=False),
        sa.Column("lost", sa.Text(), nullable=False),
        sa.Column("rules_gained", sa.Text(), nullable=False),
        sa.Column("rules_lost", sa.Text(), nullable=False),
        sa.Column("verdict_before", sa.String(length=10), nullable=False),
        sa.Column("verdict_after", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["push_id"], ["pushes.id"], name=op.f("fk_pack_differences_push_id")
        ),
        sa.PrimaryKeyConstraint("origin", "push_id", name=op.f("pk_pack_differences")),
    )


def downgrade() -> None:
    op.drop_table("pack_differences")
    with op.batch_alter_table("pack_trials", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pack_trials_pack_id"))

    op.drop_table("pack_trials")
