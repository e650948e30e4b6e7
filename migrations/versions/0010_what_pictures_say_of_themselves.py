"""what pictures say of themselves."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("assets") as table:
        table.add_column(sa.Column("aigc", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("assets") as table:
        table.drop_column("aigc")
