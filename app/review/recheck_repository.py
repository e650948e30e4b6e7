"""Rows of rechecks: rulings that a second person judges afterwards, without knowing them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, exists, func, select

from app.db.session import Tx
from app.domain.decision import RulingVerdict
from app.review.agreement import Compared
from app.review.models import rechecks, rulings, tickets
from app.review.ruling_repository import StoredRuling, ruling_from
from app.review.states import Reviewer


@dataclass(frozen=True, slots=True)
class Recheck:
    """A ruling to be judged again; `cause` is sample, fast or streak.

    `by_person`, `verdict`, `reason` and `done_at` are there once somebody has.
    """

    id: str
    ruling_id: str
    ticket_id: str
    push_id: str
    reviewer: str
    cause: str
    opened_at: datetime
    by_person: str | None = None
    verdict: RulingVerdict | None = None
    reason: str | None = None
    done_at: datetime | None = None


_FIELDS = tuple(Recheck.__dataclass_fields__)


def insert_rechecks(tx: Tx, new: Iterable[Recheck]) -> None:
    """Store rechecks."""
    rows = [{name: getattr(one, name) for name in _FIELDS} for one in new]
    if rows:
        tx.execute(rechecks.insert(), rows)


def taken(tx: Tx, ruling_ids: Iterable[str]) -> frozenset[str]:
    """Return which of these rulings have been taken for a recheck already."""
    query = select(rechecks.c.ruling_id).where(rechecks.c.ruling_id.in_(list(ruling_ids)))
    return frozenset(tx.execute(query).scalars())


def recheck_by_id(tx: Tx, recheck_id: str) -> tuple[Recheck, StoredRuling] | None:
    """Return a recheck, locked where the database can, and the ruling that it is about."""
    query = select(rechecks).where(rechecks.c.id == recheck_id).with_for_update()
    row = tx.execute(query).one_or_none()
    if row is None:
        return None
    ruling = tx.execute(select(rulings).where(rulings.c.id == row.ruling_id)).one()
    return _recheck(row), ruling_from(ruling)


def next_recheck(tx: Tx, reviewer: Reviewer) -> Recheck | None:
    """Return the oldest recheck that this person may do."""
    query = (
        select(rechecks).where(_waits(), *_may(reviewer)).order_by(rechecks.c.opened_at).limit(1)
    )
    row = tx.execute(query).one_or_none()
    return None if row is None else _recheck(row)


def may_recheck(tx: Tx, recheck_id: str, reviewer: Reviewer) -> bool:
    """Tell whether this person may judge a ruling that waits for it."""
    query = select(rechecks.c.id).where(rechecks.c.id == recheck_id, _waits(), *_may(reviewer))
    return tx.execute(query).one_or_none() is not None


def count_waiting(tx: Tx, reviewer: Reviewer | None = None) -> int:
    """Return how many wait, for this person if one is given."""
    may = () if reviewer is None else _may(reviewer)
    query = select(func.count()).select_from(rechecks).where(_waits(), *may)
    return int(tx.execute(query).scalar_one())


def finish(
    tx: Tx, recheck_id: str, by: str, verdict: RulingVerdict, reason: str, now: datetime
) -> None:
    """Write what the second person says."""
    values = {"by_person": by, "verdict": verdict.value, "reason": reason, "done_at": now}
    tx.execute(rechecks.update().where(rechecks.c.id == recheck_id).values(**values))


def done_since(tx: Tx, since: datetime) -> list[tuple[Recheck, StoredRuling]]:
    """Return what was judged again since then with the rulings, the newest first."""
    query = select(rechecks).where(rechecks.c.done_at >= since).order_by(rechecks.c.done_at.desc())
    found = [_recheck(row) for row in tx.execute(query)]
    wanted = select(rulings).where(rulings.c.id.in_([one.ruling_id for one in found]))
    held = {row.id: ruling_from(row) for row in tx.execute(wanted)}
    return [(one, held[one.ruling_id]) for one in found]


def marked_since(tx: Tx, since: datetime) -> list[tuple[str, str, int]]:
    """Return (person, cause, how many) of all rulings taken for a recheck since then."""
    query = (
        select(rechecks.c.reviewer, rechecks.c.cause, func.count())
        .where(rechecks.c.opened_at >= since)
        .group_by(rechecks.c.reviewer, rechecks.c.cause)
    )
    return [(row[0], row[1], row[2]) for row in tx.execute(query)]


def given_since(tx: Tx, since: datetime) -> list[tuple[str, RulingVerdict, int]]:
    """Return (person, verdict, how many) of all rulings since then, undone ones left out."""
    query = (
        select(rulings.c.reviewer, rulings.c.verdict, func.count())
        .where(rulings.c.given_at >= since, _counts())
        .group_by(rulings.c.reviewer, rulings.c.verdict)
    )
    return [(row[0], RulingVerdict(row[1]), row[2]) for row in tx.execute(query)]


def pairs_since(tx: Tx, since: datetime) -> list[Compared]:
    """Return the first two rulings on each push that two persons have ruled on and that is done."""
    several = (
        select(rulings.c.ticket_id)
        .join(tickets, tickets.c.id == rulings.c.ticket_id)
        .where(rulings.c.given_at >= since, _counts(), tickets.c.state == "closed")
        .group_by(rulings.c.ticket_id)
        .having(func.count() > 1)
    )
    query = select(rulings).where(rulings.c.ticket_id.in_(several), _counts())
    by_ticket: dict[str, list[StoredRuling]] = {}
    for row in tx.execute(query.order_by(rulings.c.given_at, rulings.c.id)):
        by_ticket.setdefault(row.ticket_id, []).append(ruling_from(row))
    found = []
    for given in by_ticket.values():
        first, second = given[0].ruling, given[1].ruling
        if first.reviewer != second.reviewer:
            found.append(Compared(first.reviewer, first.verdict, second.reviewer, second.verdict))
    return found


def _counts() -> ColumnElement[bool]:
    """Return the condition that nobody has taken the ruling back."""
    return rulings.c.ended_at.is_(None) | rulings.c.overruled_by.is_not(None)


def _waits() -> ColumnElement[bool]:
    standing = exists().where(rulings.c.id == rechecks.c.ruling_id, rulings.c.standing)
    return rechecks.c.done_at.is_(None) & standing


def _may(reviewer: Reviewer) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that somebody has neither ruled on it, sent it, nor is tied to it."""
    own = exists().where(
        rulings.c.ticket_id == rechecks.c.ticket_id, rulings.c.reviewer == reviewer.person
    )
    free = exists().where(
        tickets.c.id == rechecks.c.ticket_id,
        tickets.c.submitter != reviewer.person,
        tickets.c.provider_id.not_in(reviewer.tied_to),
    )
    return (rechecks.c.reviewer != reviewer.person, ~own, free)


def _recheck(row: Row[Any]) -> Recheck:
    values = {name: getattr(row, name) for name in _FIELDS}
    verdict = None if row.verdict is None else RulingVerdict(row.verdict)
    return Recheck(**values | {"verdict": verdict})
