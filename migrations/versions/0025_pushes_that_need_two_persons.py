"""pushes that need two persons."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0025"
down_revision: str | None = "0024"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_REFUSED = sa.text("state IN ('refused', 'withdrawn')")
_ACTIVE = sa.text("state = 'active'")

# What stands behind promise 1 where a push needs two. A foreign key cannot say it: rows that left
# before it was found keep their one approval. Whoever rebuilds one of these tables on SQLite has
# to make them again; a promise test sees to it.
_ON_SQLITE = (
    """
    CREATE TRIGGER outbox_of_two BEFORE INSERT ON outbox
    WHEN NEW.second_ruling_id IS NULL
        AND (SELECT pair_reasons FROM pushes WHERE id = NEW.push_id) IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'this push needs two approvals'); END
    """,
    """
    CREATE TRIGGER outbox_of_two_changed BEFORE UPDATE OF push_id, second_ruling_id ON outbox
    WHEN NEW.second_ruling_id IS NULL
        AND (SELECT pair_reasons FROM pushes WHERE id = NEW.push_id) IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'this push needs two approvals'); END
    """,
    """
    CREATE TRIGGER pushes_of_two BEFORE UPDATE OF state ON pushes
    WHEN NEW.pair_reasons IS NOT NULL
        AND NEW.state IN ('approved', 'releasing', 'released', 'partly_released')
        AND (
            SELECT count(DISTINCT reviewer) FROM rulings
            WHERE push_id = NEW.id AND digest = NEW.digest AND verdict = 'approve' AND standing
        ) < 2
    BEGIN SELECT RAISE(ABORT, 'this push needs two approvals'); END
    """,
    """
    CREATE TRIGGER pushes_of_two_kept BEFORE UPDATE OF pair_reasons ON pushes
    WHEN OLD.pair_reasons IS NOT NULL AND NEW.pair_reasons IS NULL
    BEGIN SELECT RAISE(ABORT, 'what needs two persons goes on needing two'); END
    """,
)
_ON_POSTGRESQL = (
    """
    CREATE FUNCTION outbox_of_two() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (SELECT pair_reasons FROM pushes WHERE id = NEW.push_id) IS NOT NULL THEN
            RAISE EXCEPTION 'this push needs two approvals' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER outbox_of_two BEFORE INSERT OR UPDATE OF push_id, second_ruling_id ON outbox
    FOR EACH ROW WHEN (NEW.second_ruling_id IS NULL) EXECUTE FUNCTION outbox_of_two()
    """,
    """
    CREATE FUNCTION pushes_of_two() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (
            SELECT count(DISTINCT reviewer) FROM rulings
            WHERE push_id = NEW.id AND digest = NEW.digest AND verdict = 'approve' AND standing
        ) < 2 THEN
            RAISE EXCEPTION 'this push needs two approvals' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER pushes_of_two BEFORE UPDATE OF state ON pushes
    FOR EACH ROW WHEN (
        NEW.pair_reasons IS NOT NULL
        AND NEW.state IN ('approved', 'releasing', 'released', 'partly_released')
    ) EXECUTE FUNCTION pushes_of_two()
    """,
    """
    CREATE FUNCTION pushes_of_two_kept() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'what needs two persons goes on needing two'
            USING ERRCODE = 'check_violation';
    END $$
    """,
    """
    CREATE TRIGGER pushes_of_two_kept BEFORE UPDATE OF pair_reasons ON pushes
    FOR EACH ROW WHEN (OLD.pair_reasons IS NOT NULL AND NEW.pair_reasons IS NULL)
    EXECUTE FUNCTION pushes_of_two_kept()
    """,
)


def upgrade() -> None:
    op.create_table(
        "pair_policies",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("classes", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("proposed_by", sa.String(40), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.String(40), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'active', 'superseded', 'discarded')",
            name=op.f("ck_pair_policies_state"),
        ),
        sa.CheckConstraint(
            "(state IN ('draft', 'discarded')) OR (approved_by IS NOT NULL"
            " AND approved_by <> proposed_by)",
            name=op.f("ck_pair_policies_two_admins"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pair_policies")),
        sa.UniqueConstraint("number", name=op.f("uq_pair_policies_number")),
    )
    op.create_index(
        "uq_pair_policies_active",
        "pair_policies",
        ["state"],
        unique=True,
        sqlite_where=_ACTIVE,
        postgresql_where=_ACTIVE,
    )
    op.add_column("pushes", sa.Column("pair_reasons", sa.Text()))
    op.create_index(
        "ix_pushes_refused",
        "pushes",
        ["sender_id", "state_at"],
        sqlite_where=_REFUSED,
        postgresql_where=_REFUSED,
    )
    op.add_column("rulings", sa.Column("overruled_by", sa.String(40)))
    op.add_column("tickets", sa.Column("first_by", sa.String(40)))
    # With its check in the same statement, so that no table has to be rebuilt on SQLite.
    op.execute(
        "ALTER TABLE tickets ADD COLUMN second_by VARCHAR(40) CONSTRAINT ck_tickets_two_persons"
        " CHECK (second_by IS NULL OR (first_by IS NOT NULL AND second_by <> first_by))"
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _ON_SQLITE if is_sqlite else _ON_POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for trigger in (
            "outbox_of_two", "outbox_of_two_changed", "pushes_of_two", "pushes_of_two_kept",
        ):  # fmt: skip
            op.execute(f"DROP TRIGGER {trigger}")
    else:
        op.execute("DROP FUNCTION outbox_of_two() CASCADE")
        op.execute("DROP FUNCTION pushes_of_two() CASCADE")
        op.execute("DROP FUNCTION pushes_of_two_kept() CASCADE")
    with op.batch_alter_table("tickets") as table:
        table.drop_constraint(op.f("ck_tickets_two_persons"), type_="check")
        table.drop_column("second_by")
        table.drop_column("first_by")
    op.execute("ALTER TABLE rulings DROP COLUMN overruled_by")
    op.drop_index("ix_pushes_refused", table_name="pushes")
    op.execute("ALTER TABLE pushes DROP COLUMN pair_reasons")
    op.drop_table("pair_policies")
