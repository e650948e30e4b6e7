"""second factors."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0022"
down_revision: str | None = "0021"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("staff", sa.Column("factor_sealed", sa.Text()))
    op.add_column("staff", sa.Column("factor_since", sa.DateTime(timezone=True)))
    op.add_column("staff", sa.Column("factor_step", sa.BigInteger()))
    op.add_column("sessions", sa.Column("proven_at", sa.DateTime(timezone=True)))
    op.add_column("sessions", sa.Column("factor_pending", sa.Text()))
    op.add_column(
        "sessions", sa.Column("address", sa.String(64), nullable=False, server_default="")
    )
    op.add_column("sessions", sa.Column("agent", sa.String(200), nullable=False, server_default=""))
    op.create_table(
        "recovery_codes",
        sa.Column("staff_id", sa.String(40), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_recovery_codes_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("staff_id", "code_hash", name=op.f("pk_recovery_codes")),
    )


def downgrade() -> None:
    op.drop_table("recovery_codes")
    with op.batch_alter_table("sessions") as table:
        for name in ("agent", "address", "factor_pending", "proven_at"):
            table.drop_column(name)
    with op.batch_alter_table("staff") as table:
        for name in ("factor_step", "factor_since", "factor_sealed"):
            table.drop_column(name)
