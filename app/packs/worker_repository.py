"""What each running process says of the packs that it has loaded."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from app.db.session import Tx
from app.packs.models import rule_pack_workers

ALIVE: Final = timedelta(seconds=20)
"""A worker that was not heard of for longer counts as gone; it writes every five seconds."""
_FORGOTTEN: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Worker:
    """One process: packs by id (empty for none), and how long loading and switching took.

    `load_ms` is of the pack loaded last; `lag_ms` says for the last activation after how many
    milliseconds this worker last decided on the pack before; `fault` why it cannot load one.
    """

    id: str
    name: str
    seen_at: datetime
    base_digest: str
    active_id: str
    staged_id: str
    load_ms: int | None
    lag_ms: int | None
    fault: str


def save_worker(tx: Tx, worker: Worker) -> None:
    """Store what a worker says of itself, and forget those long gone."""
    values = {name: getattr(worker, name) for name in Worker.__slots__}
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    statement = insert(rule_pack_workers).values(**values)
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=["id"], set_={name: values[name] for name in values if name != "id"}
        )
    )
    long_ago = worker.seen_at - _FORGOTTEN
    tx.execute(delete(rule_pack_workers).where(rule_pack_workers.c.seen_at < long_ago))


def delete_worker(tx: Tx, worker_id: str) -> None:
    """Forget a worker that ends."""
    tx.execute(delete(rule_pack_workers).where(rule_pack_workers.c.id == worker_id))


def workers(tx: Tx, now: datetime) -> list[Worker]:
    """Return every worker that is alive, in order of name."""
    table = rule_pack_workers
    query = select(table).where(table.c.seen_at >= now - ALIVE).order_by(table.c.name, table.c.id)
    return [Worker(*(getattr(row, name) for name in Worker.__slots__)) for row in tx.execute(query)]
