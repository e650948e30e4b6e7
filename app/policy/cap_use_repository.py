"""Noting once a window that a cap is nearly used up, and who has been told."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from app.db.session import Tx
from app.domain.cap_use import CapUse
from app.policy.models import UNTOLD, cap_uses

_USE = tuple(CapUse.__dataclass_fields__)


def note_uses(tx: Tx, uses: Iterable[CapUse]) -> None:
    """Note uses; of a cap, subject and window that is noted already the first stays."""
    values = [{name: getattr(one, name) for name in _USE} for one in uses]
    if values:
        family = postgresql if tx.dialect.name == "postgresql" else sqlite
        tx.execute(family.insert(cap_uses).on_conflict_do_nothing(), values)


def untold_uses(tx: Tx, limit: int) -> list[CapUse]:
    """Return uses of which nobody has been told, locked where the database can."""
    query = select(*(cap_uses.c[name] for name in _USE)).where(UNTOLD)
    rows = tx.execute(query.limit(limit).with_for_update(skip_locked=True))
    return [CapUse(*row) for row in rows]


def any_untold(tx: Tx) -> bool:
    """Tell whether there is a use of which nobody has been told."""
    return tx.execute(select(cap_uses.c.cap_id).where(UNTOLD).limit(1)).one_or_none() is not None


def mark_told(tx: Tx, use: CapUse) -> None:
    """Note that senders know."""
    tx.execute(
        cap_uses.update()
        .where(
            cap_uses.c.cap_id == use.cap_id,
            cap_uses.c.subject == use.subject,
            cap_uses.c.window == use.window,
        )
        .values(told=True)
    )


def open_uses(tx: Tx, now: datetime) -> tuple[CapUse, ...]:
    """Return the uses in windows that are not over."""
    query = select(*(cap_uses.c[name] for name in _USE)).where(cap_uses.c.ends_at > now)
    return tuple(CapUse(*row) for row in tx.execute(query.order_by(cap_uses.c.at)))


def uses_by(tx: Tx, push_id: str) -> tuple[CapUse, ...]:
    """Return what a push has brought near its limit."""
    query = select(*(cap_uses.c[name] for name in _USE)).where(cap_uses.c.push_id == push_id)
    return tuple(CapUse(*row) for row in tx.execute(query.order_by(cap_uses.c.cap_id)))
