"""What is written as a push is released: what it counts for, and a second approval of its rows."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, func, select

from app.db.session import Tx
from app.delivery.models import counted_pushes, outbox, releases

_LOCK: Final = 0x706F7067617465
"""One lock for all caps of pushes: several would have to be taken in one order."""


@dataclass(frozen=True, slots=True)
class CountedPush:
    """That a push counts for a cap and one of its subjects."""

    cap_id: str
    subject: str
    push_id: str
    released_at: datetime


def one_at_a_time(tx: Tx) -> None:
    """Wait until nobody else counts pushes; until the commit nobody does."""
    # On SQLite the transaction is the only writer.
    if tx.dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def note_counted(tx: Tx, counted: list[CountedPush]) -> None:
    """Count a push for caps that it is under."""
    if counted:
        names = CountedPush.__dataclass_fields__
        tx.execute(
            counted_pushes.insert(),
            [{name: getattr(one, name) for name in names} for one in counted],
        )


def counted_since(tx: Tx, cap_id: str, subject: str, since: datetime) -> int:
    """Return how many pushes have counted for a subject of a cap since then."""
    query = select(func.count()).select_from(counted_pushes)
    return int(tx.execute(query.where(_counts(cap_id, subject, since))).scalar_one())


def counted_at(tx: Tx, cap_id: str, subject: str, since: datetime, place: int) -> datetime:
    """Return when one of the pushes that have counted since then was released, 0 the oldest."""
    query = select(counted_pushes.c.released_at).where(_counts(cap_id, subject, since))
    ordered = query.order_by(counted_pushes.c.released_at).offset(place).limit(1)
    found: datetime = tx.execute(ordered).scalar_one()
    return found


def counted_among(
    tx: Tx, cap_id: str, subject: str, since: datetime, push_ids: Collection[str]
) -> frozenset[str]:
    """Return which of some pushes have counted for a subject of a cap since then."""
    if not push_ids:
        return frozenset()
    query = select(counted_pushes.c.push_id).where(
        _counts(cap_id, subject, since), counted_pushes.c.push_id.in_(push_ids)
    )
    return frozenset(tx.execute(query).scalars())


def _counts(cap_id: str, subject: str, since: datetime) -> ColumnElement[bool]:
    return and_(
        counted_pushes.c.cap_id == cap_id,
        counted_pushes.c.subject == subject,
        counted_pushes.c.released_at >= since,
    )


def released_since(tx: Tx, surface_id: str, provider_id: str | None, since: datetime) -> int:
    """Return how many pushes a surface, or one provider on it, has had since an instant.

    Those that a cap of pushes has left out reached nobody and are none.
    """
    query = select(func.count()).where(
        releases.c.surface_id == surface_id,
        releases.c.released_at >= since,
        releases.c.left_out_by.is_(None),
    )
    if provider_id is not None:
        query = query.where(releases.c.provider_id == provider_id)
    return int(tx.execute(query).scalar_one())


def add_second(tx: Tx, push_id: str, ruling_id: str, reviewer: str) -> None:
    """Let rows that hang on one approval, by somebody else, hang on this one too."""
    one = (outbox.c.push_id == push_id) & outbox.c.second_ruling_id.is_(None)
    tx.execute(
        outbox.update()
        .where(one, outbox.c.ruling_reviewer != reviewer)
        .values(
            second_ruling_id=ruling_id,
            second_verdict="approve",
            second_reviewer=reviewer,
            second_standing=True,
        )
    )
