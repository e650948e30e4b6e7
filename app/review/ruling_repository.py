"""Reading and writing rulings, those that are sealed until a second person has ruled too."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from app.db.session import Tx
from app.domain.decision import Ruling, RulingVerdict
from app.review.models import IS_OPEN, rulings, tickets

_insert_ruling = rulings.insert()


@dataclass(frozen=True, slots=True)
class StoredRuling:
    """A ruling with what became of it; `standing` is False once undone or overtaken.

    `overruled_by` is the arbiter's ruling that has decided against it.
    """

    ruling: Ruling
    ticket_id: str
    undo_until: datetime
    standing: bool
    ended_at: datetime | None
    claimed_at: datetime | None = None
    overruled_by: str | None = None

    @property
    def is_sealed(self) -> bool:
        """Whether it is one of two and nobody is told of it yet: it has no effect of its own."""
        return not self.standing and self.ended_at is None


def insert_ruling(tx: Tx, stored: StoredRuling) -> None:
    """Store a ruling; the database refuses one by the submitter or over another digest."""
    ruling = stored.ruling
    tx.execute(
        _insert_ruling,
        [
            {
                "id": ruling.id,
                "push_id": ruling.push_id,
                "ticket_id": stored.ticket_id,
                "digest": ruling.digest,
                "verdict": ruling.verdict.value,
                "reviewer": ruling.reviewer,
                "submitter": ruling.submitter,
                "clause": ruling.clause,
                "reason": ruling.reason,
                "clears": list(ruling.clears),
                "claimed_at": stored.claimed_at,
                "given_at": ruling.given_at,
                "undo_until": stored.undo_until,
                "standing": stored.standing,
                "ended_at": stored.ended_at,
            }
        ],
    )


def ruling_by_id(tx: Tx, ruling_id: str) -> StoredRuling | None:
    """Return a ruling, locked where the database can."""
    row = tx.execute(
        select(rulings).where(rulings.c.id == ruling_id).with_for_update()
    ).one_or_none()
    return None if row is None else ruling_from(row)


def rulings_of(tx: Tx, push_id: str) -> list[StoredRuling]:
    """Return every ruling on a push, the oldest first."""
    query = select(rulings).where(rulings.c.push_id == push_id)
    return [
        ruling_from(row) for row in tx.execute(query.order_by(rulings.c.given_at, rulings.c.id))
    ]


def rulings_by(tx: Tx, person: str, limit: int) -> list[StoredRuling]:
    """Return a person's latest rulings, the newest first."""
    query = (
        select(rulings)
        .where(rulings.c.reviewer == person)
        .order_by(rulings.c.given_at.desc(), rulings.c.id.desc())
        .limit(limit)
    )
    return [ruling_from(row) for row in tx.execute(query)]


def standing_rulings(tx: Tx, push_ids: Iterable[str]) -> dict[str, tuple[Ruling, ...]]:
    """Return the standing rulings of each push that has one."""
    query = select(rulings).where(rulings.c.push_id.in_(list(push_ids)), rulings.c.standing)
    found: dict[str, tuple[Ruling, ...]] = {}
    for row in tx.execute(query.order_by(rulings.c.given_at, rulings.c.id)):
        found[row.push_id] = (*found.get(row.push_id, ()), ruling_from(row).ruling)
    return found


def under_seal(tx: Tx) -> frozenset[str]:
    """Return the pushes, and their tickets, on which sealed rulings wait for others."""
    query = (
        select(rulings.c.push_id, rulings.c.ticket_id)
        .join(tickets, tickets.c.id == rulings.c.ticket_id)
        .where(IS_OPEN, ~rulings.c.standing, rulings.c.ended_at.is_(None))
    )
    return frozenset(one for row in tx.execute(query) for one in row)


def end_ruling(tx: Tx, ruling_id: str, now: datetime) -> None:
    """End a ruling's standing; the database refuses it once an outbox row hangs on it."""
    tx.execute(
        rulings.update().where(rulings.c.id == ruling_id).values(standing=False, ended_at=now)
    )


def let_stand(tx: Tx, ruling_ids: Iterable[str]) -> None:
    """Let sealed rulings stand together."""
    tx.execute(rulings.update().where(rulings.c.id.in_(list(ruling_ids))).values(standing=True))


def overrule(tx: Tx, ruling_ids: Iterable[str], by: str, now: datetime) -> None:
    """End sealed rulings that the arbiter's ruling `by` has decided against."""
    values = {"standing": False, "ended_at": now, "overruled_by": by}
    tx.execute(rulings.update().where(rulings.c.id.in_(list(ruling_ids))).values(**values))


def seal_again(tx: Tx, ruling_ids: Iterable[str]) -> None:
    """Make rulings as if nobody else had ruled: the one that settled the push is undone."""
    values = {"standing": False, "ended_at": None, "overruled_by": None}
    tx.execute(rulings.update().where(rulings.c.id.in_(list(ruling_ids))).values(**values))


def ruling_from(row: Row[Any]) -> StoredRuling:
    """Return a row of the table as a ruling with what became of it."""
    ruling = Ruling(
        id=row.id,
        push_id=row.push_id,
        digest=row.digest,
        verdict=RulingVerdict(row.verdict),
        reviewer=row.reviewer,
        submitter=row.submitter,
        clause=row.clause,
        reason=row.reason,
        clears=tuple(row.clears),
        given_at=row.given_at,
    )
    return StoredRuling(
        ruling,
        row.ticket_id,
        row.undo_until,
        row.standing,
        row.ended_at,
        row.claimed_at,
        row.overruled_by,
    )
