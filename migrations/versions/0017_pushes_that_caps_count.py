"""pushes that caps count as they are released."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "counted_pushes",
        sa.Column("cap_id", sa.String(40), nullable=False),
        sa.Column("push_id", sa.String(40), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("cap_id", "push_id", name=op.f("pk_counted_pushes")),
        sa.ForeignKeyConstraint(["push_id"], ["pushes.id"], name=op.f("fk_counted_pushes_push_id")),
    )
    op.create_index(
        "ix_counted_pushes_counted", "counted_pushes", ["cap_id", "subject", "released_at"]
    )
    with op.batch_alter_table("releases") as table:
        table.add_column(sa.Column("left_out_by", sa.String(40)))
    op.create_index("ix_releases_counted", "releases", ["surface_id", "released_at"])


def downgrade() -> None:
    op.drop_index("ix_releases_counted", "releases")
    with op.batch_alter_table("releases") as table:
        table.drop_column("left_out_by")
    op.drop_table("counted_pushes")
