"""how many each cap has left out, or would have as a shadow."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_COLUMNS = ("left_out", "shadowed")


def upgrade() -> None:
    with op.batch_alter_table("outbox") as table:
        for name in _COLUMNS:
            table.add_column(
                sa.Column(name, sa.Text(), nullable=False, server_default=sa.text("'{}'"))
            )


def downgrade() -> None:
    with op.batch_alter_table("outbox") as table:
        for name in _COLUMNS:
            table.drop_column(name)
