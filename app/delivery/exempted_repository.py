"""Whom exemptions from caps have let through: noted in the outbox, and added up from it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Text, select, text, type_coerce, update

from app.db.session import Tx
from app.delivery.models import outbox
from app.delivery.outcomes import USED
from app.delivery.repository import OutboxRow
from app.domain.exemptions import Noted, let_through

# Queries write it just so, or neither database would use the index.
_ANY = text("exempted <> '{}'")


@dataclass(frozen=True, slots=True)
class UseOfExemption:
    """How many recipients of a push an exemption has let through, and how many by each cap."""

    push_id: str
    recipients: int
    by_cap: Mapping[str, int]


def noted(row: OutboxRow, exempted: Mapping[str, Mapping[str, Iterable[str]]]) -> Noted:
    """Return what a row notes once more of its recipients were let through, by exemption and cap.

    A recipient is noted once, however often the hand-over is tried.
    """
    if not exempted:
        return row.exempted
    place = {token: at for at, token in enumerate(row.recipients)}
    found = {exemption: dict(by_cap) for exemption, by_cap in row.exempted.items()}
    for exemption, by_cap in exempted.items():
        kept = found.setdefault(exemption, {})
        for cap, tokens in by_cap.items():
            kept[cap] = sorted({*kept.get(cap, ()), *(place[token] for token in tokens)})
    return found


def save_noted(tx: Tx, row_id: str, exempted: Noted) -> None:
    """Write what a row notes."""
    tx.execute(update(outbox).where(outbox.c.id == row_id).values(exempted=exempted))


def exempted_of(tx: Tx, push_id: str) -> dict[str, int]:
    """Return how many recipients of a push each exemption has let through."""
    query = select(outbox.c.exempted, outbox.c.outcomes).where(outbox.c.push_id == push_id, _ANY)
    total: Counter[str] = Counter()
    for row in tx.execute(query):
        for exemption, got in let_through(row.exempted, row.outcomes, USED).items():
            total[exemption] += got[""]
    return dict(total)


def uses_of(tx: Tx, exemption_id: str) -> list[UseOfExemption]:
    """Return which pushes an exemption has let through, the newest first."""
    named = type_coerce(outbox.c.exempted, Text).contains(f'"{exemption_id}"', autoescape=True)
    query = select(outbox.c.push_id, outbox.c.exempted, outbox.c.outcomes).where(_ANY, named)
    found: dict[str, Counter[str]] = {}
    for row in tx.execute(query.order_by(outbox.c.push_id.desc())):
        got = let_through(row.exempted, row.outcomes, USED).get(exemption_id)
        if got is not None:
            found.setdefault(row.push_id, Counter()).update(got)
    return [UseOfExemption(push_id, got.pop(""), dict(got)) for push_id, got in found.items()]
