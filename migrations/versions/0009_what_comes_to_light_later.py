"""what comes to light later."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "picture_texts",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["sha256"], ["assets.sha256"], name=op.f("fk_picture_texts_sha256")
        ),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_picture_texts")),
    )
    op.create_table(
        "link_trails",
        sa.Column("push_id", sa.String(length=40), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("hops", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("followed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["push_id"], ["pushes.id"], name=op.f("fk_link_trails_push_id")),
        sa.PrimaryKeyConstraint("push_id", name=op.f("pk_link_trails")),
    )
    for table in ("picture_texts", "link_trails"):
        op.create_index(
            f"ix_{table}_pending",
            table,
            ["asked_at"],
            sqlite_where=sa.text("outcome = 'pending'"),
            postgresql_where=sa.text("outcome = 'pending'"),
        )


def downgrade() -> None:
    for table in ("link_trails", "picture_texts"):
        op.drop_index(f"ix_{table}_pending", table)
        op.drop_table(table)
