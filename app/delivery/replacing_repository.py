"""Popups in inboxes that were not fetched yet, and what a newer one may take over of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Text, select, type_coerce, update

from app.db.session import Tx
from app.delivery.inbox_repository import mark_recalled
from app.delivery.models import attempts, inbox_items, outbox
from app.delivery.outcomes import Outcome
from app.delivery.recount import Windows, caps_of
from app.delivery.repository import OutboxRow
from app.domain.policy import Mode
from app.frequency.handed_over import LOOKED_AT


@dataclass(frozen=True, slots=True)
class Unshown:
    """A popup in the inbox, and the enforced caps and windows that it counts in."""

    item_id: str
    push_id: str
    outbox_id: str
    counts_in: tuple[tuple[str, str], ...]


def unshown(tx: Tx, row: OutboxRow, token: str, now: datetime) -> Iterator[Unshown]:
    """Yield what a recipient has of the row's provider and was not handed yet, the oldest first.

    Only what ended as accepted at one reservation: of anything else nobody can tell for certain
    what it has taken. Locked where the database can.
    """
    query = (
        select(
            inbox_items.c.id,
            inbox_items.c.push_id,
            outbox.c.id.label("outbox_id"),
            outbox.c.recipients,
            outbox.c.outcomes,
            outbox.c.caps,
            outbox.c.exempted,
        )
        .join(outbox, outbox.c.push_id == inbox_items.c.push_id)
        .where(
            inbox_items.c.surface_id == row.surface_id,
            inbox_items.c.token == token,
            inbox_items.c.handed_at.is_(None),
            inbox_items.c.recalled_at.is_(None),
            inbox_items.c.expires_at > now,
            inbox_items.c.push_id != row.push_id,
            outbox.c.provider_id == row.provider_id,
            outbox.c.surface_id == row.surface_id,
            outbox.c.bucket == row.bucket,
            outbox.c.state == "done",
            outbox.c.stop.is_(None),
            type_coerce(outbox.c.recipients, Text).contains(
                orjson.dumps(token).decode(), autoescape=True
            ),
        )
        .order_by(inbox_items.c.id)
        .limit(LOOKED_AT)
        .with_for_update(of=inbox_items, skip_locked=True)
    )
    for found in tx.execute(query).all():
        letters = dict(zip(found.recipients, found.outcomes, strict=True))
        windows = _only_windows(tx, found.outbox_id)
        if letters.get(token) != Outcome.ACCEPTED or found.exempted or windows is None:
            continue
        # A shadow may have been full, and then has nothing of it.
        binding = {cap["id"] for cap in found.caps if cap.get("mode") != Mode.SHADOW.value}
        counts_in = tuple(
            (cap_id, window) for cap_id, window, _ in caps_of(windows, token) if cap_id in binding
        )
        yield Unshown(found.id, found.push_id, found.outbox_id, counts_in)


def take_back(tx: Tx, popup: Unshown, token: str, now: datetime) -> None:
    """Take a popup out of the inbox for ever, and note in its row that it was replaced."""
    mark_recalled(tx, [popup.item_id], now)
    columns = select(outbox.c.recipients, outbox.c.outcomes)
    row = tx.execute(columns.where(outbox.c.id == popup.outbox_id)).one()
    at = row.recipients.index(token)
    outcomes = row.outcomes[:at] + Outcome.REPLACED.value + row.outcomes[at + 1 :]
    tx.execute(update(outbox).where(outbox.c.id == popup.outbox_id).values(outcomes=outcomes))


def _only_windows(tx: Tx, outbox_id: str) -> Windows | None:
    """Return the windows of a row's attempts, if a single one has taken slots."""
    query = select(attempts.c.windows).where(
        attempts.c.outbox_id == outbox_id, attempts.c.counts_until.is_not(None)
    )
    found = list(tx.execute(query.limit(2)).scalars())
    return found[0] if len(found) == 1 else None
