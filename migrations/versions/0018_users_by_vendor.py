"""how many users of a surface each phone vendor has."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "vendor_users",
        sa.Column("surface_id", sa.String(40), nullable=False),
        sa.Column("vendor", sa.String(20), nullable=False),
        sa.Column("users", sa.BigInteger(), nullable=False),
        sa.Column("app_class", sa.String(20), nullable=False),
        sa.CheckConstraint("users > 0", name=op.f("ck_vendor_users_users")),
        sa.PrimaryKeyConstraint("surface_id", "vendor", name=op.f("pk_vendor_users")),
    )


def downgrade() -> None:
    op.drop_table("vendor_users")
