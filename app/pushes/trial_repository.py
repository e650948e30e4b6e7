"""Reading and writing trials of rule packs, and what they and shadows found."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from app.db.session import Tx
from app.db.together import insert_together, write_collected
from app.domain.screening import Hit
from app.pushes.comparing import Difference
from app.pushes.models import decisions, pack_differences, pack_trials, pushes


@dataclass(frozen=True, slots=True)
class Trial:
    """One back-test: how far it is, and its sum once it is done; `state` is TrialState's value."""

    id: str
    pack_id: str
    pack_revision: int
    over: str
    asked_by: str
    asked_at: datetime
    wanted: int
    total: int
    done: int
    state: str
    beat_at: datetime
    ended_at: datetime | None
    summary: Mapping[str, Any]
    fault: str


@dataclass(frozen=True, slots=True)
class PushDifference:
    """How two packs differ on one push; `origin` is a trial's id or a shadow's name."""

    origin: str
    push_id: str
    title: str
    at: datetime
    gained: tuple[Hit, ...]
    lost: tuple[Hit, ...]
    rules_gained: tuple[str, ...]
    rules_lost: tuple[str, ...]
    verdict_before: str
    verdict_after: str


def insert_trial(tx: Tx, trial: Trial) -> None:
    """Store a new trial."""
    tx.execute(pack_trials.insert().values(**_values(trial)))


def update_trial(tx: Tx, trial: Trial) -> None:
    """Store a trial as it now is."""
    tx.execute(pack_trials.update().where(pack_trials.c.id == trial.id).values(**_values(trial)))


def trial_by_id(tx: Tx, trial_id: str) -> Trial | None:
    """Return a trial, locked where the database can."""
    query = select(pack_trials).where(pack_trials.c.id == trial_id).with_for_update()
    row = tx.execute(query).one_or_none()
    return None if row is None else _trial(row)


def trials_of(tx: Tx, pack_id: str, limit: int = 20) -> list[Trial]:
    """Return the newest trials of a pack first."""
    query = select(pack_trials).where(pack_trials.c.pack_id == pack_id)
    query = query.order_by(pack_trials.c.id.desc()).limit(limit)
    return [_trial(row) for row in tx.execute(query)]


def running_trials(tx: Tx, since: datetime) -> list[Trial]:
    """Return the trials that have shown life since an instant and are not ended."""
    query = select(pack_trials).where(
        pack_trials.c.state == "running", pack_trials.c.beat_at >= since
    )
    return [_trial(row) for row in tx.execute(query)]


def newest_facts(tx: Tx, before: str | None, limit: int) -> list[tuple[str, bytes]]:
    """Return id and stored facts of the newest pushes below an id, the newest first."""
    query = select(decisions.c.push_id, decisions.c.facts).where(decisions.c.number == 1)
    if before is not None:
        query = query.where(decisions.c.push_id < before)
    query = query.order_by(decisions.c.push_id.desc()).limit(limit)
    return [(row.push_id, row.facts) for row in tx.execute(query)]


def count_pushes(tx: Tx, since: datetime | None = None, until: datetime | None = None) -> int:
    """Return how many pushes were submitted in a time."""
    query = select(func.count()).select_from(pushes)
    if since is not None:
        query = query.where(pushes.c.submitted_at >= since)
    if until is not None:
        query = query.where(pushes.c.submitted_at < until)
    return tx.execute(query).scalar_one()


def senders_of(tx: Tx, push_ids: Collection[str]) -> dict[str, tuple[str, bytes]]:
    """Return of each push its sender and its canonical bytes."""
    query = select(pushes.c.id, pushes.c.sender_id, pushes.c.canonical)
    found = tx.execute(query.where(pushes.c.id.in_(list(push_ids))))
    return {row.id: (row.sender_id, row.canonical) for row in found}


def endings_of(tx: Tx, push_ids: Collection[str]) -> dict[str, tuple[datetime, bytes]]:
    """Return of each push when it expires and its canonical bytes."""
    query = select(pushes.c.id, pushes.c.expires_at, pushes.c.canonical)
    found = tx.execute(query.where(pushes.c.id.in_(list(push_ids))))
    return {row.id: (row.expires_at, row.canonical) for row in found}


_insert_difference = pack_differences.insert()


def insert_differences(
    tx: Tx, origin: str, found: Iterable[tuple[str, Difference]], at: datetime
) -> None:
    """Store what was found on some pushes, by their ids."""
    rows = [
        {
            "origin": origin,
            "push_id": push_id,
            "at": at,
            "gained": [hit.to_json() for hit in difference.gained],
            "lost": [hit.to_json() for hit in difference.lost],
            "rules_gained": list(difference.rules_gained),
            "rules_lost": list(difference.rules_lost),
            "verdict_before": difference.verdict_before,
            "verdict_after": difference.verdict_after,
        }
        for push_id, difference in found
    ]
    if rows:
        insert_together(tx, _insert_difference, rows)


def insert_shadow(tx: Tx, push_id: str, found: tuple[str, Difference] | None, at: datetime) -> None:
    """Store what the staged pack finds otherwise in a push, if it does."""
    if found is not None:
        origin, difference = found
        insert_differences(tx, origin, [(push_id, difference)], at)


def differences(tx: Tx, origin: str, limit: int) -> list[PushDifference]:
    """Return the newest differences of a trial or a shadow first, those of this group included."""
    write_collected(tx)
    table = pack_differences
    query = (
        select(table, pushes.c.title)
        .join(pushes, pushes.c.id == table.c.push_id)
        .where(table.c.origin == origin)
        .order_by(table.c.push_id.desc())
        .limit(limit)
    )
    return [_difference(row) for row in tx.execute(query)]


def _difference(row: Row[Any]) -> PushDifference:
    return PushDifference(
        row.origin,
        row.push_id,
        row.title,
        row.at,
        tuple(map(Hit.from_json, row.gained)),
        tuple(map(Hit.from_json, row.lost)),
        tuple(row.rules_gained),
        tuple(row.rules_lost),
        row.verdict_before,
        row.verdict_after,
    )


def _values(trial: Trial) -> dict[str, Any]:
    return {name: getattr(trial, name) for name in Trial.__slots__} | {
        "summary": dict(trial.summary)
    }


def _trial(row: Row[Any]) -> Trial:
    return Trial(*(getattr(row, name) for name in Trial.__slots__))
