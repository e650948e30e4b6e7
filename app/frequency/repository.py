"""Handing out a bucket's numbers, and noting when a bucket is counted again."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import Update, func, select
from sqlalchemy.dialects import postgresql, sqlite

from app.db.session import Tx
from app.db.versions import are_current
from app.frequency.caps_in_force import CapsInForce
from app.frequency.keys import BLOCK_BUCKETS, BUCKETS
from app.frequency.models import counter_buckets as buckets
from app.ids import new_id

CALLS_A_BATCH = 2
"""How many numbers a batch takes: one for `reserve`, one for `start`."""


@dataclass(frozen=True, slots=True)
class Place:
    """A batch's place in its bucket: the last number before it, and its own last one.

    With `lacks` no number was handed out: the bucket has not counted all that it has to.
    """

    bucket: int
    ledger: str
    previous: int
    number: int
    lacks: bool = False


class Outdated(Enum):
    """The caller counts by a policy that is not in force any more, or not yet."""

    OUTDATED = "outdated"


def take(
    tx: Tx, bucket: int, now: datetime, counting: CapsInForce | None = None
) -> Place | Outdated | None:
    """Hand out the next numbers of a bucket; None while somebody else is at it or rebuilds it.

    Whoever waits for a row lock here would hold up the group of writes that it is in.
    """
    query = select(buckets).where(buckets.c.bucket == bucket).with_for_update(skip_locked=True)
    found = tx.execute(query).one_or_none()
    if found is None:
        _make_buckets(tx)
        found = tx.execute(query).one_or_none()
    if found is None or _is_being_rebuilt(found.rebuilt, found.opened, found.rebuild_until, now):
        return None
    if counting is not None and found.mark != counting.mark(bucket):
        # One that lags behind would have others count again what it takes for gone.
        if not are_current(tx, counting.seen):
            return Outdated.OUTDATED
        if not {one.name for one in counting.lacking(bucket)} <= set(found.built):
            return Place(bucket, found.ledger, found.number, found.number, lacks=True)
        tx.execute(_of(bucket).values(**_built(bucket, counting)))
    number = found.number + CALLS_A_BATCH
    tx.execute(_of(bucket).values(number=number))
    return Place(bucket, found.ledger, found.number, number)


def _of(bucket: int) -> Update:
    return buckets.update().where(buckets.c.bucket == bucket)


def _built(bucket: int, counting: CapsInForce | None) -> dict[str, Any]:
    """Return what a bucket has counted from now on; without a policy nobody can tell."""
    if counting is None:
        return {"built": [], "mark": ""}
    return {"built": counting.names(bucket), "mark": counting.mark(bucket)}


def begin_rebuild(tx: Tx, place: Place, found: int, now: datetime, until: datetime) -> Place | None:
    """Close a bucket to every number handed out so far; return the rebuild's own.

    None if somebody has rebuilt it since the batch took its place, or is at it before `until`.
    `found` is the number that the counters carry: a database put back from an old copy
    goes on after it.
    """
    query = select(buckets).where(buckets.c.bucket == place.bucket).with_for_update()
    row = tx.execute(query).one()
    if row.rebuilt > place.number:
        return None
    if _is_being_rebuilt(row.rebuilt, row.opened, row.rebuild_until, now):
        return None
    number = max(row.number, found) + CALLS_A_BATCH
    tx.execute(
        buckets.update()
        .where(buckets.c.bucket == place.bucket)
        .values(
            number=number,
            rebuilt=number,
            closed_at=now if row.closed_at is None else row.closed_at,
            rebuild_until=until,
        )
    )
    return Place(place.bucket, row.ledger, row.number, number)


def end_rebuild(tx: Tx, rebuilt: Place, counting: CapsInForce | None) -> None:
    """Note that a bucket is open again and what it counts, unless another rebuild has begun."""
    tx.execute(
        _of(rebuilt.bucket)
        .where(buckets.c.rebuilt == rebuilt.number)
        .values(
            opened=rebuilt.number,
            closed_at=None,
            rebuild_until=None,
            **_built(rebuilt.bucket, counting),
        )
    )


def give_up_rebuild(tx: Tx, rebuilt: Place) -> None:
    """Leave a bucket closed for whoever comes next, who need not wait."""
    tx.execute(
        buckets.update()
        .where(buckets.c.bucket == rebuilt.bucket, buckets.c.rebuilt == rebuilt.number)
        .values(rebuild_until=None)
    )


def still_counts(tx: Tx, bucket: int, number: int) -> bool:
    """Tell whether what was granted under a number is in the counters for certain.

    Once a rebuild has begun it is not. The caller holds its outbox row locked, for which the
    rebuild waits: so it either sees the rebuild here or is seen by it.
    """
    query = select(buckets.c.rebuilt).where(buckets.c.bucket == bucket)
    rebuilt = tx.execute(query).scalar_one_or_none()
    return rebuilt is not None and rebuilt < number


def closed_buckets(tx: Tx) -> tuple[int, datetime | None]:
    """Return how many buckets are closed until they are rebuilt, and since when."""
    query = select(func.count(), func.min(buckets.c.closed_at)).where(
        buckets.c.closed_at.is_not(None)
    )
    number, since = tx.execute(query).one()
    return number, since


def _is_being_rebuilt(rebuilt: int, opened: int, until: datetime | None, now: datetime) -> bool:
    return rebuilt > opened and until is not None and until > now


def _make_buckets(tx: Tx) -> None:
    """Make the rows of all buckets, of one ledger; whoever comes second changes nothing."""
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    new = {"ledger": new_id("led"), "number": 0, "rebuilt": 0, "opened": 0}
    # In one order, so that two who make them wait for one another and never in a circle.
    tx.execute(
        insert(buckets).on_conflict_do_nothing(),
        [{"bucket": bucket, **new} for bucket in range(BUCKETS + BLOCK_BUCKETS)],
    )
