"""How much waits in a table, and since when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, TextClause, func, select

from app.db.session import Tx


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many rows wait; `oldest` is when the first of them began to, None if none does."""

    number: int
    oldest: datetime | None

    def age(self, now: datetime) -> float:
        """Return for how many seconds the oldest has waited; 0 if none does."""
        return 0.0 if self.oldest is None else max(0.0, (now - self.oldest).total_seconds())


def backlog(tx: Tx, since: ColumnElement[Any], waits: ColumnElement[bool] | TextClause) -> Backlog:
    """Count the rows for which `waits` holds, by the instant in `since`."""
    number, oldest = tx.execute(select(func.count(), func.min(since)).where(waits)).one()
    return Backlog(number, oldest)
