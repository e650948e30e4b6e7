"""which policy a rollback put back in force."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("policies") as table:
        table.add_column(sa.Column("restores", sa.String(40), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("policies") as table:
        table.drop_column("restores")
