"""caps that count what was sent before: what each bucket has counted, and what rows are asked."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0029"
down_revision: str | None = "0028"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("counter_buckets") as table:
        table.add_column(
            sa.Column("built", sa.Text(), nullable=False, server_default=sa.text("'[]'"))
        )
        table.add_column(
            sa.Column("mark", sa.String(32), nullable=False, server_default=sa.text("''"))
        )
    # Not as a batch, which makes the table anew on SQLite and forgets the triggers on it.
    op.add_column("outbox", sa.Column("content_class", sa.String(20), nullable=True))
    op.create_index("ix_attempts_started", "attempts", ["bucket", "started_at"])


def downgrade() -> None:
    op.drop_index("ix_attempts_started", table_name="attempts")
    op.execute("ALTER TABLE outbox DROP COLUMN content_class")
    with op.batch_alter_table("counter_buckets") as table:
        table.drop_column("mark")
        table.drop_column("built")
