"""Rows about pushes that need two persons."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select

from app.db.session import Tx
from app.pushes.models import REFUSED, pushes


def refused_since(tx: Tx, sender_id: str, since: datetime) -> int:
    """Return how many of a sender's pushes were refused or withdrawn since then."""
    query = select(func.count()).select_from(pushes)
    ended = query.where(REFUSED, pushes.c.sender_id == sender_id, pushes.c.state_at >= since)
    return int(tx.execute(ended).scalar_one())


def set_pair_reasons(tx: Tx, push_id: str, reasons: Iterable[str]) -> None:
    """Write why a push needs two persons; the database keeps that it does."""
    values = {"pair_reasons": list(reasons)}
    tx.execute(pushes.update().where(pushes.c.id == push_id).values(**values))
