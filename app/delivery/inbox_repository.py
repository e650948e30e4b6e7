"""Reading and writing the items of the inbox channel."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.db.session import Tx
from app.delivery.models import inbox_items, releases


@dataclass(frozen=True, slots=True)
class InboxItem:
    """One popup for one recipient."""

    id: str
    surface_id: str
    token: str
    push_id: str
    release_id: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class WaitingItem:
    """An item that its client may get: what decides about it, and the signed bytes."""

    id: str
    push_id: str
    provider_id: str
    kind: str
    topic: str | None
    personalised: bool
    envelope: bytes


_ITEM = tuple(InboxItem.__dataclass_fields__)
_EVENT_COLUMNS = {"shown": "shown_at", "closed": "closed_at", "clicked": "clicked_at"}


def insert_items(tx: Tx, items: Sequence[InboxItem]) -> None:
    """Store items; one that the recipient has for this push already stays the only one."""
    if not items:
        return
    family = postgresql if tx.dialect.name == "postgresql" else sqlite
    statement = family.insert(inbox_items).on_conflict_do_nothing(
        index_elements=["surface_id", "token", "push_id"]
    )
    tx.execute(statement, [{name: getattr(item, name) for name in _ITEM} for item in items])


def waiting_items(
    tx: Tx, surface_id: str, token: str, now: datetime, limit: int
) -> list[WaitingItem]:
    """Return the oldest waiting items of a recipient, locked where the database can."""
    query = (
        select(
            inbox_items.c.id,
            inbox_items.c.push_id,
            releases.c.provider_id,
            releases.c.kind,
            releases.c.topic,
            releases.c.personalised,
            releases.c.envelope,
        )
        .join(releases, releases.c.id == inbox_items.c.release_id)
        .where(
            inbox_items.c.surface_id == surface_id,
            inbox_items.c.token == token,
            inbox_items.c.handed_at.is_(None),
            inbox_items.c.recalled_at.is_(None),
            inbox_items.c.expires_at > now,
        )
        .order_by(inbox_items.c.id)
        .limit(limit)
        .with_for_update(of=inbox_items, skip_locked=True)
    )
    return [WaitingItem(**row._mapping) for row in tx.execute(query)]  # noqa: SLF001 - public name


def mark_handed(tx: Tx, item_ids: Sequence[str], now: datetime) -> None:
    """Take items out of the inbox for ever.

    They are marked before the answer leaves: a lost answer is a lost popup, and never a second
    one (promise 6).
    """
    if item_ids:
        tx.execute(update(inbox_items).where(inbox_items.c.id.in_(item_ids)).values(handed_at=now))


def mark_recalled(tx: Tx, item_ids: Sequence[str], now: datetime) -> None:
    """Take items back that their recipient has refused in the meantime."""
    if item_ids:
        tx.execute(
            update(inbox_items).where(inbox_items.c.id.in_(item_ids)).values(recalled_at=now)
        )


def note_event(tx: Tx, surface_id: str, token: str, item_id: str, event: str, at: datetime) -> bool:
    """Keep the first time of an event of an item that was handed to this recipient.

    Returns False for an item that is not this recipient's.
    """
    column = inbox_items.c[_EVENT_COLUMNS[event]]
    mine = (
        inbox_items.c.id == item_id,
        inbox_items.c.surface_id == surface_id,
        inbox_items.c.token == token,
        inbox_items.c.handed_at.is_not(None),
    )
    if tx.execute(select(inbox_items.c.id).where(*mine)).one_or_none() is None:
        return False
    tx.execute(update(inbox_items).where(*mine, column.is_(None)).values({column: at}))
    return True
