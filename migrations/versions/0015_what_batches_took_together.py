"""what attempts have taken of caps that count all recipients together."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "counted_blocks",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("attempt_id", sa.String(40), nullable=False),
        sa.Column("outbox_id", sa.String(40), nullable=False),
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("caps", sa.Text(), nullable=False),
        sa.Column("counts_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counted_blocks")),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_counted_blocks_attempt_id")
        ),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name=op.f("fk_counted_blocks_outbox_id")
        ),
    )
    op.create_index("ix_counted_blocks_attempt_id", "counted_blocks", ["attempt_id"])
    op.create_index("ix_counted_blocks_counted", "counted_blocks", ["bucket", "counts_until"])


def downgrade() -> None:
    op.drop_table("counted_blocks")
