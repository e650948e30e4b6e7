"""Reading and writing releases and the outbox."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, or_, select

from app.db.session import Tx
from app.delivery.models import STILL_TO_SEND, TO_SETTLE, inbox_items, outbox, releases
from app.delivery.outcomes import Outcome, counts
from app.domain.exemptions import Noted, moved


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
    left_out_by: str | None = None


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One batch of recipients of a released push, with everything that dispatch needs.

    `outcomes` has one letter a recipient (`outcomes.Outcome`); `caps` are caps as JSON
    (`domain.cap_json`), `left_out` and `shadowed` numbers of recipients by cap, `exempted` places
    of recipients whom exemptions let through; `versions` are those of the decision that released
    it; `stop` says why nothing more may be sent (withdrawn, blocked, held), None while it may.
    `content_class` is empty for none, None where it was not kept.
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
    left_out: Mapping[str, int] = field(default_factory=dict)
    shadowed: Mapping[str, int] = field(default_factory=dict)
    exempted: Noted = field(default_factory=dict)
    second_ruling_id: str | None = None
    second_verdict: str | None = None
    second_reviewer: str | None = None
    second_standing: bool | None = None
    content_class: str | None = None


DEFERRED = "deferred"
"""How the reason begins for which a row waits whose recipients have no room under a cap yet."""

HELD = "held"
"""The stop flag of a push that went back to review while it was going out."""

_RELEASE = tuple(Release.__dataclass_fields__)
_ROW = tuple(OutboxRow.__dataclass_fields__)


def insert_release(tx: Tx, release: Release) -> None:
    """Store a release; a push has one at most. It is looked at once even if it has no rows."""
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

    Only `app.pushes.release` calls this: it is the one way to a channel.
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


def left_out_of(tx: Tx, push_id: str) -> tuple[dict[str, int], dict[str, int]]:
    """Return how many of a push each cap has left out, and how many each shadow cap would have."""
    query = select(outbox.c.left_out, outbox.c.shadowed).where(outbox.c.push_id == push_id)
    left_out: Counter[str] = Counter()
    shadowed: Counter[str] = Counter()
    for row in tx.execute(query):
        left_out.update(row.left_out)
        shadowed.update(row.shadowed)
    return dict(left_out), dict(shadowed)


def outdated_pushes(tx: Tx, versions: dict[str, str], limit: int) -> list[str]:
    """Return pushes with rows still to send whose versions are not these."""
    # Two ranges of an index; "not equal" would read every row that waits.
    query = (
        select(outbox.c.push_id)
        .distinct()
        .where(
            STILL_TO_SEND,
            outbox.c.stop.is_(None),
            or_(outbox.c.versions < versions, outbox.c.versions > versions),
        )
        .limit(limit)
    )
    return list(tx.execute(query).scalars())


def decided_again(
    tx: Tx,
    push_id: str,
    versions: Mapping[str, str],
    caps: Sequence[Mapping[str, object]],
    now: datetime,
) -> None:
    """Note on all rows still to send under which versions and caps the push may go now.

    Rows that waited for room under the caps of before ask again.
    """
    theirs = (outbox.c.push_id == push_id, STILL_TO_SEND)
    tx.execute(
        outbox.update()
        .where(*theirs)
        .values(versions=dict(versions), caps=[dict(cap) for cap in caps])
    )
    tx.execute(
        outbox.update()
        .where(*theirs, outbox.c.state == "pending", outbox.c.last_error.startswith(DEFERRED))
        .values(next_at=now, last_error=None)
    )


def pushes_to_settle(tx: Tx, limit: int) -> list[str]:
    """Return pushes of which rows have ended since they were last looked at."""
    query = select(releases.c.push_id).where(TO_SETTLE).order_by(releases.c.released_at)
    return list(tx.execute(query.limit(limit)).scalars())


def row_ended(tx: Tx, push_id: str) -> None:
    """Note that rows of a push have ended, so that somebody looks whether all have."""
    tx.execute(releases.update().where(releases.c.push_id == push_id).values(to_settle=True))


def looked_at(tx: Tx, push_id: str) -> None:
    """Note that the rows of a push are being looked at in this transaction."""
    tx.execute(releases.update().where(releases.c.push_id == push_id).values(to_settle=False))


def stop_rows(tx: Tx, push_id: str, why: str, now: datetime) -> int:
    """Set the stop flag on every row that may be sent; return how many recipients that stops.

    A row that nobody is sending is finished at once; one that is being sent is finished by
    its dispatcher, which reads the flag before each hand-over. A dead letter stays one, and
    can no longer be replayed.
    """
    stopped = 0
    for row in rows_of(tx, push_id):
        if row.state == "done":
            continue
        stopped += row.outcomes.count(Outcome.WAITING)
        held = row.lease_until is not None and row.lease_until > now
        values: dict[str, object] = {"stop": why}
        if row.state != "dead" and not held and Outcome.STARTED not in row.outcomes:
            values |= {
                "state": "done",
                "outcomes": row.outcomes.replace(Outcome.WAITING, Outcome.STOPPED),
            }
        tx.execute(outbox.update().where(outbox.c.id == row.id).values(**values))
    row_ended(tx, push_id)
    return stopped


def let_held_go(tx: Tx, push_id: str, versions: Mapping[str, str]) -> None:
    """Make room for the release of a push that had been held while it was going out.

    Recipients who were left out by the hold leave their rows, so that they can be released
    anew and count once; dead letters may be replayed again.
    """
    for row in rows_of(tx, push_id):
        if row.stop != HELD or row.state in {"pending", "sending"}:
            continue
        stay = [at for at, letter in enumerate(row.outcomes) if letter != Outcome.STOPPED]
        if not stay and row.attempts == 0:
            tx.execute(outbox.delete().where(outbox.c.id == row.id))
            continue
        values: dict[str, object] = {
            "recipients": [row.recipients[at] for at in stay],
            "outcomes": "".join(row.outcomes[at] for at in stay),
            "exempted": moved(row.exempted, stay),
        }
        if row.state == "dead":
            values |= {"stop": None, "versions": dict(versions)}
        tx.execute(outbox.update().where(outbox.c.id == row.id).values(**values))


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
