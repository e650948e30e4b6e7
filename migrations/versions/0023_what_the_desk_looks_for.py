"""what the desk looks for."""

import json
import unicodedata
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0023"
down_revision: str | None = "0022"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_AT_ONCE = 500
_ASKED = ["kind", "provider_id", "sender_id", "holds"]


def upgrade() -> None:
    op.add_column("tickets", sa.Column("sender_id", sa.String(40)))
    op.execute(
        "UPDATE tickets SET sender_id = "
        "(SELECT pushes.sender_id FROM pushes WHERE pushes.id = tickets.push_id)"
    )
    with op.batch_alter_table("tickets") as table:
        table.alter_column("sender_id", existing_type=sa.String(40), nullable=False)
        table.add_column(sa.Column("claimed_at", sa.DateTime(timezone=True)))
    op.drop_index("ix_tickets_queue", "tickets")
    times = ["opened_at", "expires_at"]
    _index("queue", "open", ["rank", "deadline", "id", *_ASKED[:3], *times, "holds", "title"])
    _index("closed", "closed", ["closed_at", "id", *_ASKED])
    op.add_column("rulings", sa.Column("claimed_at", sa.DateTime(timezone=True)))
    op.create_index("ix_rulings_given_at", "rulings", ["given_at"])
    op.create_index("ix_rulings_reviewer_given_at", "rulings", ["reviewer", "given_at"])
    op.create_index("ix_rulings_ticket_id", "rulings", ["ticket_id"])
    texts = op.create_table(
        "ticket_texts",
        sa.Column("ticket_id", sa.String(40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_texts_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_ticket_texts")),
    )
    _fill(texts)
    op.create_table(
        "saved_views",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("staff_id", sa.String(40), nullable=False),
        sa.Column("page", sa.String(10), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("page IN ('queue', 'past')", name=op.f("ck_saved_views_page")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint("staff_id", "page", "name", name="uq_saved_views_name"),
    )


def _index(name: str, state: str, columns: list[str]) -> None:
    where = sa.text(f"state = '{state}'")
    op.create_index(
        f"ix_tickets_{name}", "tickets", columns, sqlite_where=where, postgresql_where=where
    )


def _fill(texts: sa.Table) -> None:
    """Note what every ticket's push says, some at a time: pushes are long."""
    connection = op.get_bind()
    wanted = sa.text(
        "SELECT tickets.id, pushes.canonical FROM tickets JOIN pushes "
        "ON pushes.id = tickets.push_id WHERE tickets.id > :after ORDER BY tickets.id LIMIT :some"
    )
    after = ""
    while rows := connection.execute(wanted, {"after": after, "some": _AT_ONCE}).all():
        said = [(row.id, json.loads(bytes(row.canonical))["push"]) for row in rows]
        connection.execute(
            texts.insert(),
            [{"ticket_id": one, "text": _plain(f"{p['title']}\n{p['body']}")} for one, p in said],
        )
        after = rows[-1].id


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def downgrade() -> None:
    op.drop_table("saved_views")
    op.drop_table("ticket_texts")
    op.drop_index("ix_rulings_ticket_id", "rulings")
    op.drop_index("ix_rulings_reviewer_given_at", "rulings")
    op.drop_index("ix_rulings_given_at", "rulings")
    op.drop_column("rulings", "claimed_at")
    op.drop_index("ix_tickets_closed", "tickets")
    op.drop_index("ix_tickets_queue", "tickets")
    _index("queue", "open", ["rank", "deadline", "id"])
    with op.batch_alter_table("tickets") as table:
        table.drop_column("claimed_at")
        table.drop_column("sender_id")
