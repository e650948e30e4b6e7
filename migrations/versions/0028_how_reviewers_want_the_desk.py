"""how reviewers want the desk."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0028"
down_revision: str | None = "0027"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "desk_habits",
        sa.Column("staff_id", sa.String(40), nullable=False),
        sa.Column("blur", sa.Boolean(), nullable=False),
        sa.Column("grey", sa.Boolean(), nullable=False),
        sa.Column("break_after", sa.Integer(), nullable=False),
        sa.Column("most_severe", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_desk_habits")),
    )
    op.create_table(
        "desk_breaks",
        sa.Column("staff_id", sa.String(40), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("staff_id", "began_at", name=op.f("pk_desk_breaks")),
    )
    lasting = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_desk_breaks_lasting",
        "desk_breaks",
        ["staff_id"],
        unique=True,
        sqlite_where=lasting,
        postgresql_where=lasting,
    )


def downgrade() -> None:
    op.drop_table("desk_breaks")
    op.drop_table("desk_habits")
