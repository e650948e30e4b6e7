"""tickets that are passed on."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("tickets", sa.Column("escalated_at", sa.DateTime(timezone=True)))
    op.create_table(
        "ticket_passes",
        sa.Column("ticket_id", sa.String(40), nullable=False),
        sa.Column("staff_id", sa.String(40), nullable=False),
        sa.Column("way", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("passed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "way IN ('skip', 'recuse', 'escalate')", name=op.f("ck_ticket_passes_way")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_passes_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("ticket_id", "staff_id", name=op.f("pk_ticket_passes")),
    )
    op.create_index("ix_ticket_passes_staff_id", "ticket_passes", ["staff_id"])


def downgrade() -> None:
    op.drop_table("ticket_passes")
    with op.batch_alter_table("tickets") as table:
        table.drop_column("escalated_at")
