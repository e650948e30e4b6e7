"""Claiming outbox rows with a lease, and writing what each attempt came to."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, not_, or_, select, update

from app.db.backlog import Backlog, backlog
from app.db.session import Tx
from app.delivery.block_slots import CountedBlock
from app.delivery.models import STILL_TO_SEND, attempts, counted_blocks, outbox
from app.delivery.repository import DEFERRED, OutboxRow, outbox_row, row_ended

_DECISION_LASTS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One hand-over that is about to begin, and the slots that it uses.

    `windows` and `counts_until` say what the slots count against (`recount.windows_of`), `blocks`
    what else it has taken; another try under the same slots counts against nothing more.
    """

    id: str
    reservation_id: str
    started_at: datetime
    windows: Sequence[Mapping[str, Any]] = ()
    counts_until: datetime | None = None
    blocks: Sequence[CountedBlock] = ()


def claim_rows(
    tx: Tx, owner: str, now: datetime, lease_until: datetime, limit: int, carried: Collection[str]
) -> list[OutboxRow]:
    """Lease due rows to one dispatcher, the longest due first, but for those that it carries.

    SKIP LOCKED on PostgreSQL; on SQLite the transaction is the only writer. Stopped and
    expired rows are claimed too, so that they are finished.
    """
    query = (
        select(outbox)
        .where(
            STILL_TO_SEND,
            outbox.c.next_at <= now,
            or_(outbox.c.lease_until.is_(None), outbox.c.lease_until <= now),
            outbox.c.id.not_in(carried),
        )
        .order_by(outbox.c.next_at, outbox.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = [outbox_row(row) for row in tx.execute(query)]
    if rows:
        tx.execute(
            update(outbox)
            .where(outbox.c.id.in_([row.id for row in rows]))
            .values(state="sending", lease_owner=owner, lease_until=lease_until)
        )
    return rows


def any_due(tx: Tx, now: datetime) -> bool:
    """Tell whether there is a row to claim, without a write lock."""
    query = select(outbox.c.id).where(
        STILL_TO_SEND,
        outbox.c.next_at <= now,
        or_(outbox.c.lease_until.is_(None), outbox.c.lease_until <= now),
    )
    return tx.execute(query.limit(1)).one_or_none() is not None


def outbox_backlog(tx: Tx) -> Backlog:
    """Return how many rows are still to send, and since when; not those that wait for room."""
    waits_for_room = func.coalesce(outbox.c.last_error, "").startswith(DEFERRED)
    return backlog(tx, outbox.c.created_at, and_(STILL_TO_SEND, not_(waits_for_room)))


def leased_row(tx: Tx, row: OutboxRow, owner: str, now: datetime) -> OutboxRow | None:
    """Return a row, locked, if it is as it was claimed and the lease of that claim still runs.

    A dispatcher that fell behind may have claimed the row a second time itself: what it knows
    from the first time counts no more, whoever has the lease.
    """
    query = select(outbox).where(
        outbox.c.id == row.id,
        outbox.c.lease_owner == owner,
        outbox.c.lease_until == row.lease_until,
        outbox.c.lease_until > now,
        outbox.c.state == "sending",
        outbox.c.outcomes == row.outcomes,
        outbox.c.attempts == row.attempts,
    )
    found = tx.execute(query.with_for_update()).one_or_none()
    return None if found is None else outbox_row(found)


def attempted_row(tx: Tx, row_id: str, owner: str, attempt: int) -> OutboxRow | None:
    """Return a row, locked, if the attempt of that number is the latest and still its owner's.

    A lease that ran out matters only once somebody else has taken the row.
    """
    query = select(outbox).where(
        outbox.c.id == row_id,
        outbox.c.lease_owner == owner,
        outbox.c.state == "sending",
        outbox.c.attempts == attempt,
    )
    row = tx.execute(query.with_for_update()).one_or_none()
    return None if row is None else outbox_row(row)


def put_off(tx: Tx, row_id: str, owner: str, next_at: datetime, why: str | None) -> None:
    """Give the lease back and look at the row again later."""
    tx.execute(
        update(outbox)
        .where(outbox.c.id == row_id, outbox.c.lease_owner == owner)
        .values(
            state="pending", lease_owner=None, lease_until=None, next_at=next_at, last_error=why
        )
    )


def defer(tx: Tx, row_id: str, owner: str, until: datetime, now: datetime) -> None:
    """Give the lease back and wait for room under a cap."""
    put_off(tx, row_id, owner, until, f"{DEFERRED} {now.isoformat()}")


def has_waited_long(row: OutboxRow, now: datetime) -> bool:
    """Tell whether a row has waited for room for so long that it has to be decided again."""
    why, _, since = (row.last_error or "").partition(" ")
    return why == DEFERRED and datetime.fromisoformat(since) + _DECISION_LASTS <= now


def ask_again(tx: Tx, row: OutboxRow, owner: str, next_at: datetime) -> None:
    """Give the lease back and keep the row until its push has been decided again."""
    put_off(tx, row.id, owner, next_at, "to_be_decided_again")
    asked = {**row.versions, "asked_at": next_at.isoformat()}
    tx.execute(update(outbox).where(outbox.c.id == row.id).values(versions=asked))


def save_outcomes(tx: Tx, row_id: str, outcomes: str) -> None:
    """Write the letters of a row that stays leased."""
    tx.execute(update(outbox).where(outbox.c.id == row_id).values(outcomes=outcomes))


def add_left_out(
    tx: Tx, row: OutboxRow, left_out: Mapping[str, int], shadowed: Mapping[str, int]
) -> None:
    """Add to how many of a locked row each cap has left out, or would have as a shadow."""
    if left_out or shadowed:
        tx.execute(
            update(outbox)
            .where(outbox.c.id == row.id)
            .values(
                left_out=_added(row.left_out, left_out), shadowed=_added(row.shadowed, shadowed)
            )
        )


def _added(before: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    return {name: before.get(name, 0) + more.get(name, 0) for name in {*before, *more}}


def finish_row(tx: Tx, row: OutboxRow, outcomes: str, state: str, why: str | None) -> None:
    """End a row: `done`, or `dead` for the dead letters."""
    tx.execute(
        update(outbox)
        .where(outbox.c.id == row.id)
        .values(outcomes=outcomes, state=state, lease_owner=None, lease_until=None, last_error=why)
    )
    row_ended(tx, row.push_id)


def start_attempt(tx: Tx, row: OutboxRow, attempt: Attempt, outcomes: str) -> None:
    """Commit an attempt as started, before the call."""
    number = row.attempts + 1
    tx.execute(
        attempts.insert().values(
            id=attempt.id,
            outbox_id=row.id,
            number=number,
            bucket=row.bucket,
            windows=list(attempt.windows),
            counts_until=attempt.counts_until,
            reservation_id=attempt.reservation_id,
            started_at=attempt.started_at,
        )
    )
    if attempt.blocks:
        tx.execute(
            counted_blocks.insert(),
            [
                {
                    "id": block.id,
                    "attempt_id": attempt.id,
                    "outbox_id": row.id,
                    "bucket": block.bucket,
                    "caps": [list(cap) for cap in block.caps],
                    "counts_until": block.counts_until,
                }
                for block in attempt.blocks
            ],
        )
    tx.execute(
        update(outbox).where(outbox.c.id == row.id).values(outcomes=outcomes, attempts=number)
    )


def last_reservation(tx: Tx, row_id: str) -> tuple[str, tuple[CountedBlock, ...]] | None:
    """Return the reservation of the row's latest attempt, and the blocks taken with it."""
    query = select(attempts.c.reservation_id).where(attempts.c.outbox_id == row_id)
    last = query.order_by(attempts.c.number.desc()).limit(1)
    reservation = tx.execute(last).scalar_one_or_none()
    if reservation is None:
        return None
    columns = counted_blocks.c
    taken = (
        select(columns.id, columns.bucket, columns.caps, columns.counts_until)
        .join(attempts, attempts.c.id == columns.attempt_id)
        .where(attempts.c.outbox_id == row_id, attempts.c.reservation_id == reservation)
        .order_by(columns.id)
    )
    return reservation, tuple(CountedBlock(*row) for row in tx.execute(taken))


def end_attempt(tx: Tx, attempt_id: str, now: datetime, result: str, detail: str) -> None:
    """Write the result of an attempt; one that never gets here is unknown."""
    tx.execute(
        update(attempts)
        .where(attempts.c.id == attempt_id)
        .values(finished_at=now, result=result, detail=detail)
    )


def revive(tx: Tx, row_id: str, outcomes: str, now: datetime) -> bool:
    """Put a dead letter back into the outbox; False if it is none."""
    return (
        tx.execute(
            update(outbox)
            .where(outbox.c.id == row_id, outbox.c.state == "dead")
            .values(state="pending", outcomes=outcomes, next_at=now, last_error=None)
        ).rowcount
        > 0
    )


def dead_rows(tx: Tx, limit: int) -> list[OutboxRow]:
    """Return the dead letters, the newest first."""
    query = select(outbox).where(outbox.c.state == "dead").order_by(outbox.c.id.desc())
    return [outbox_row(row) for row in tx.execute(query.limit(limit))]


def row_by_id(tx: Tx, row_id: str) -> OutboxRow | None:
    """Return a row, locked where the database can."""
    row = tx.execute(select(outbox).where(outbox.c.id == row_id).with_for_update()).one_or_none()
    return None if row is None else outbox_row(row)
