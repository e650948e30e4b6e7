"""Reading and writing releases and the outbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from app.db.session import Tx
from app.delivery.models import inbox_items, outbox, releases
from app.delivery.outcomes import Outcome, counts


@dataclass(frozen=True, slots=True)
class Release:
    """A push that may leave, with the signed bytes in which it leaves."""

    id: str
    push_id: str
    digest: str
    surface_id: str
    provider_id: str
    kind: str
    topic: str | None
    personalised: bool
    envelope: bytes
    released_at: datetime


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One batch of recipients of a released push, with everything that dispatch needs.

    `outcomes` has one letter a recipient (`outcomes.Outcome`); `caps` are rows of cap id and
    limit; `versions` are those of the decision that released it; `stop` says why nothing more
    may be sent (withdrawn, blocked, held), None while it may.
    """

    id: str
    release_id: str
    push_id: str
    digest: str
    ruling_id: str
    ruling_verdict: str
    ruling_reviewer: str
    ruling_standing: bool
    provider_id: str
    surface_id: str
    kind: str
    topic: str | None
    minors: str
    personalised: bool
    channel: str
    bucket: int
    recipients: tuple[str, ...]
    outcomes: str
    caps: tuple[dict[str, Any], ...]
    versions: dict[str, str]
    state: str
    stop: str | None
    created_at: datetime
    expires_at: datetime
    next_at: datetime
    lease_owner: str | None
    lease_until: datetime | None
    attempts: int
    last_error: str | None


_RELEASE = tuple(Release.__dataclass_fields__)
_ROW = tuple(OutboxRow.__dataclass_fields__)


def insert_release(tx: Tx, release: Release) -> None:
    """Store a release; a push has one at most."""
    tx.execute(releases.insert(), [{name: getattr(release, name) for name in _RELEASE}])


def release_by_id(tx: Tx, release_id: str) -> Release | None:
    """Return a release."""
    row = tx.execute(select(releases).where(releases.c.id == release_id)).one_or_none()
    return None if row is None else _release(row)


def release_of(tx: Tx, push_id: str) -> Release | None:
    """Return the release of a push, if it ever had one."""
    row = tx.execute(select(releases).where(releases.c.push_id == push_id)).one_or_none()
    return None if row is None else _release(row)


def insert_rows(tx: Tx, rows: Sequence[OutboxRow]) -> None:
    """Put rows in the outbox; the database refuses a row without a standing approval.

    Only `app.pushes.releaser` calls this: it is the one way to a channel.
    """
    if rows:
        tx.execute(
            outbox.insert(),
            [
                {name: getattr(row, name) for name in _ROW}
                | {"recipients": list(row.recipients), "caps": list(row.caps)}
                for row in rows
            ],
        )


def rows_of(tx: Tx, push_id: str) -> list[OutboxRow]:
    """Return every row of a push, locked where the database can."""
    query = select(outbox).where(outbox.c.push_id == push_id).order_by(outbox.c.id)
    return [outbox_row(row) for row in tx.execute(query.with_for_update())]


def outcomes_of(tx: Tx, push_id: str) -> list[tuple[str, str]]:
    """Return (state, outcomes) of every row of a push, without locks."""
    query = select(outbox.c.state, outbox.c.outcomes).where(outbox.c.push_id == push_id)
    return [(row.state, row.outcomes) for row in tx.execute(query)]


def outdated_pushes(tx: Tx, versions: dict[str, str], limit: int) -> list[str]:
    """Return pushes with rows still to send whose versions are not these."""
    query = (
        select(outbox.c.push_id)
        .distinct()
        .where(
            outbox.c.state.in_(["pending", "sending"]),
            outbox.c.stop.is_(None),
            outbox.c.versions != versions,
        )
        .limit(limit)
    )
    return list(tx.execute(query).scalars())


def set_versions(tx: Tx, push_id: str, versions: dict[str, str]) -> None:
    """Note on all rows still to send that the push was decided again under these versions."""
    tx.execute(
        outbox.update()
        .where(outbox.c.push_id == push_id, outbox.c.state.in_(["pending", "sending"]))
        .values(versions=versions)
    )


def stop_rows(tx: Tx, push_id: str, why: str, now: datetime) -> int:
    """Set the stop flag on every row still to send; return how many recipients that stops.

    A row that nobody is sending is finished at once; one that is being sent is finished by
    its dispatcher, which reads the flag before each hand-over.
    """
    stopped = 0
    for row in rows_of(tx, push_id):
        if row.state not in {"pending", "sending"}:
            continue
        stopped += row.outcomes.count(Outcome.WAITING)
        held = row.lease_until is not None and row.lease_until > now
        values: dict[str, object] = {"stop": why}
        if not held and Outcome.STARTED not in row.outcomes:
            values |= {
                "state": "done",
                "outcomes": row.outcomes.replace(Outcome.WAITING, Outcome.STOPPED),
            }
        tx.execute(outbox.update().where(outbox.c.id == row.id).values(**values))
    return stopped


def drop_unstarted(tx: Tx, push_id: str) -> int:
    """Take rows of which nothing was ever started out of the outbox; return how many."""
    return tx.execute(
        outbox.delete().where(
            outbox.c.push_id == push_id, outbox.c.state == "pending", outbox.c.attempts == 0
        )
    ).rowcount


def hangs_on(tx: Tx, ruling_id: str) -> bool:
    """Tell whether an outbox row hangs on a ruling, which then stands for ever."""
    query = select(outbox.c.id).where(
        (outbox.c.ruling_id == ruling_id) | (outbox.c.second_ruling_id == ruling_id)
    )
    return tx.execute(query.limit(1)).one_or_none() is not None


def outcome_counts(tx: Tx, push_id: str) -> dict[str, int]:
    """Return how many recipients of a push met each outcome."""
    return counts(outcomes for _, outcomes in outcomes_of(tx, push_id))


def outbox_row(row: Row[Any]) -> OutboxRow:
    """Return a row of the outbox as a value."""
    values = {name: getattr(row, name) for name in _ROW}
    return OutboxRow(**values | {"recipients": tuple(row.recipients), "caps": tuple(row.caps)})


def _release(row: Row[Any]) -> Release:
    return Release(**{name: getattr(row, name) for name in _RELEASE})


def recall_inbox(tx: Tx, push_id: str, now: datetime) -> int:
    """Take back what lies in inboxes and was not handed out yet; return how many."""
    return tx.execute(
        inbox_items.update()
        .where(
            inbox_items.c.push_id == push_id,
            inbox_items.c.handed_at.is_(None),
            inbox_items.c.recalled_at.is_(None),
        )
        .values(recalled_at=now)
    ).rowcount
