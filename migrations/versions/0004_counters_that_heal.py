"""counters that heal: buckets with their numbers, and what each attempt counts against."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import orjson
import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# Daily windows were all there was, and they are remembered for little more than a day.
_MATTERS = timedelta(days=4)


def upgrade() -> None:
    op.create_table(
        "counter_buckets",
        sa.Column("bucket", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ledger", sa.String(length=40), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("rebuilt", sa.BigInteger(), nullable=False),
        sa.Column("opened", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rebuild_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "opened <= rebuilt AND rebuilt <= number", name=op.f("ck_counter_buckets_order")
        ),
        sa.PrimaryKeyConstraint("bucket", name=op.f("pk_counter_buckets")),
    )
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("bucket", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("windows", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("counts_until", sa.DateTime(timezone=True), nullable=True))
    _fill()
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.alter_column("bucket", existing_type=sa.Integer(), nullable=False)
        batch_op.alter_column("windows", existing_type=sa.Text(), nullable=False)
        batch_op.create_index("ix_attempts_counted", ["bucket", "counts_until"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.drop_index("ix_attempts_counted")
        batch_op.drop_column("counts_until")
        batch_op.drop_column("windows")
        batch_op.drop_column("bucket")
    op.drop_table("counter_buckets")


def _fill() -> None:
    """Say of the attempts so far what they count against: every date that their instant may have.

    In which time zone a recipient was is not known any more: errors go towards fewer popups.
    """
    connection = op.get_bind()
    attempts = sa.table(
        "attempts",
        sa.column("id", sa.String),
        sa.column("outbox_id", sa.String),
        sa.column("bucket", sa.Integer),
        sa.column("windows", sa.Text),
        sa.column("counts_until", sa.DateTime(timezone=True)),
        sa.column("started_at", sa.DateTime(timezone=True)),
    )
    outbox = sa.table(
        "outbox",
        sa.column("id", sa.String),
        sa.column("bucket", sa.Integer),
        sa.column("caps", sa.Text),
    )
    bucket = sa.select(outbox.c.bucket).where(outbox.c.id == attempts.c.outbox_id)
    connection.execute(attempts.update().values(bucket=bucket.scalar_subquery(), windows="[]"))
    newest = connection.execute(sa.select(sa.func.max(attempts.c.started_at))).scalar()
    if newest is None:
        return
    recent = (
        sa.select(attempts.c.id, attempts.c.started_at, outbox.c.caps)
        .join(outbox, outbox.c.id == attempts.c.outbox_id)
        .where(attempts.c.started_at > newest - _MATTERS)
    )
    for row in connection.execute(recent).all():
        windows, until = _any_day(row.started_at, orjson.loads(row.caps))
        connection.execute(
            attempts.update()
            .where(attempts.c.id == row.id)
            .values(windows=orjson.dumps(windows).decode(), counts_until=until)
        )


def _any_day(
    started_at: datetime, caps: list[dict[str, object]]
) -> tuple[list[dict[str, object]], datetime]:
    """Return the dates from the easternmost zone (UTC+14) to the westernmost (UTC-12)."""
    at = started_at.replace(tzinfo=UTC) if started_at.tzinfo is None else started_at
    first, last = (at - timedelta(hours=12)).date(), (at + timedelta(hours=14)).date()
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    ends = {
        day: datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=36)
        for day in days
    }
    counted = [
        [cap["id"], f"day:{day.isoformat()}", int(end.timestamp())]
        for cap in caps
        for day, end in ends.items()
    ]
    until = ends[last] if started_at.tzinfo else ends[last].replace(tzinfo=None)
    return [{"caps": counted, "only": None}], until
