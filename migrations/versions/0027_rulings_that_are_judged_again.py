"""rulings that are judged again."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0027"
down_revision: str | None = "0026"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_NOT_DONE = sa.text("done_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "rechecks",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("ruling_id", sa.String(40), nullable=False),
        sa.Column("ticket_id", sa.String(40), nullable=False),
        sa.Column("push_id", sa.String(40), nullable=False),
        sa.Column("reviewer", sa.String(50), nullable=False),
        sa.Column("cause", sa.String(10), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_person", sa.String(50), nullable=True),
        sa.Column("verdict", sa.String(10), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("cause IN ('sample', 'fast', 'streak')", name=op.f("ck_rechecks_cause")),
        sa.CheckConstraint(
            "verdict IN ('approve', 'refuse', 'return')", name=op.f("ck_rechecks_verdict")
        ),
        sa.CheckConstraint("by_person <> reviewer", name=op.f("ck_rechecks_another_person")),
        sa.CheckConstraint(
            "(done_at IS NULL) = (by_person IS NULL) AND (done_at IS NULL) = (verdict IS NULL)"
            " AND (done_at IS NULL) = (reason IS NULL)",
            name=op.f("ck_rechecks_done"),
        ),
        sa.ForeignKeyConstraint(
            ["ruling_id"], ["rulings.id"], name=op.f("fk_rechecks_ruling_id_rulings")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_rechecks_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rechecks")),
        sa.UniqueConstraint("ruling_id", name=op.f("uq_rechecks_ruling_id")),
    )
    op.create_index(
        "ix_rechecks_waiting",
        "rechecks",
        ["opened_at"],
        sqlite_where=_NOT_DONE,
        postgresql_where=_NOT_DONE,
    )
    op.create_index("ix_rechecks_done_at", "rechecks", ["done_at"])
    op.create_index("ix_rechecks_opened_at", "rechecks", ["opened_at"])


def downgrade() -> None:
    op.drop_table("rechecks")
