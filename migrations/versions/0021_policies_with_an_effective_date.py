"""when a version of the policy comes into force."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0021"
down_revision: str | None = "0020"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_STATE, _FROM = "ck_policies_state", "ck_policies_effective_from"


def upgrade() -> None:
    with op.batch_alter_table("policies") as table:
        table.add_column(sa.Column("effective_from", sa.DateTime(timezone=True), nullable=True))
    # Until now each came into force when it was approved.
    op.execute("UPDATE policies SET effective_from = COALESCE(approved_at, proposed_at)"
               " WHERE state IN ('active', 'superseded')")  # fmt: skip
    with op.batch_alter_table("policies") as table:
        table.drop_constraint(op.f(_STATE), type_="check")
        table.create_check_constraint(
            op.f(_STATE),
            "state IN ('draft', 'scheduled', 'active', 'superseded', 'withdrawn', 'discarded')",
        )
        table.create_check_constraint(
            op.f(_FROM), "(state IN ('draft', 'discarded')) OR effective_from IS NOT NULL"
        )


def downgrade() -> None:
    # What has not come into force yet never does without the new version.
    op.execute("UPDATE policies SET state = 'discarded' WHERE state IN ('scheduled', 'withdrawn')")
    with op.batch_alter_table("policies") as table:
        table.drop_constraint(op.f(_FROM), type_="check")
        table.drop_constraint(op.f(_STATE), type_="check")
        table.create_check_constraint(
            op.f(_STATE), "state IN ('draft', 'active', 'superseded', 'discarded')"
        )
        table.drop_column("effective_from")
