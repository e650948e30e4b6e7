"""replays of policies on what was sent."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "policy_replays",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("policy_id", sa.String(length=40), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('running', 'done', 'cancelled', 'failed')",
            name=op.f("ck_policy_replays_state"),
        ),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["policies.id"], name=op.f("fk_policy_replays_policy_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_replays")),
    )
    op.create_index("ix_policy_replays_policy_id", "policy_replays", ["policy_id"])
    op.create_index("ix_outbox_created_at_id", "outbox", ["created_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_outbox_created_at_id", "outbox")
    op.drop_index("ix_policy_replays_policy_id", "policy_replays")
    op.drop_table("policy_replays")
