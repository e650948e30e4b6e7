"""what the desk did."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0026"
down_revision: str | None = "0025"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_CLOSED = ["closed_at", "id", "kind", "provider_id", "sender_id"]
_TIMES = ["opened_at", "deadline", "expires_at"]


def upgrade() -> None:
    _closed([*_CLOSED, *_TIMES, "holds"])
    op.drop_index("ix_rulings_given_at", "rulings")
    columns = ["given_at", "reviewer", "verdict", "claimed_at", "ticket_id"]
    op.create_index("ix_rulings_given_at", "rulings", columns)


def _closed(columns: list[str]) -> None:
    where = sa.text("state = 'closed'")
    op.drop_index("ix_tickets_closed", "tickets")
    op.create_index(
        "ix_tickets_closed", "tickets", columns, sqlite_where=where, postgresql_where=where
    )


def downgrade() -> None:
    op.drop_index("ix_rulings_given_at", "rulings")
    op.create_index("ix_rulings_given_at", "rulings", ["given_at"])
    _closed([*_CLOSED, "holds"])
