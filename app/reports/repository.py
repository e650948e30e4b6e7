"""Reading and writing replays of policies."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from app.db.session import Tx
from app.reports.models import policy_replays as replays


@dataclass(frozen=True, slots=True)
class PolicyReplay:
    """One replay of a policy on what was sent from `since` to `until`.

    `state` is running, done, cancelled or failed; `done` is in thousandths; `result` is that of
    `sums.Sums.result`, empty until it is done; `fault` names what a failed one died of.
    """

    id: str
    policy_id: str
    asked_by: str
    asked_at: datetime
    since: datetime
    until: datetime
    state: str
    done: int
    beat_at: datetime
    ended_at: datetime | None
    result: Mapping[str, Any]
    fault: str


def insert_replay(tx: Tx, replay: PolicyReplay) -> None:
    """Store a new replay."""
    tx.execute(replays.insert().values(**_values(replay)))


def update_replay(tx: Tx, replay: PolicyReplay) -> None:
    """Store a replay as it now is."""
    tx.execute(replays.update().where(replays.c.id == replay.id).values(**_values(replay)))


def replay_by_id(tx: Tx, replay_id: str) -> PolicyReplay | None:
    """Return a replay, locked where the database can."""
    query = select(replays).where(replays.c.id == replay_id).with_for_update()
    row = tx.execute(query).one_or_none()
    return None if row is None else _replay(row)


def replays_of(tx: Tx, policy_id: str, limit: int = 20) -> list[PolicyReplay]:
    """Return the newest replays of a policy first."""
    query = select(replays).where(replays.c.policy_id == policy_id)
    query = query.order_by(replays.c.asked_at.desc(), replays.c.id.desc()).limit(limit)
    return [_replay(row) for row in tx.execute(query)]


def last_done(tx: Tx, policy_ids: Collection[str]) -> dict[str, PolicyReplay]:
    """Return the newest replay that is done of each of these policies."""
    newest = (
        select(replays.c.policy_id, func.max(replays.c.ended_at).label("ended_at"))
        .where(replays.c.policy_id.in_(list(policy_ids)), replays.c.state == "done")
        .group_by(replays.c.policy_id)
        .subquery()
    )
    query = select(replays).join(
        newest,
        (replays.c.policy_id == newest.c.policy_id) & (replays.c.ended_at == newest.c.ended_at),
    )
    return {row.policy_id: _replay(row) for row in tx.execute(query)}


def is_any_running(tx: Tx, since: datetime) -> bool:
    """Tell whether a replay that is not ended has shown life since an instant."""
    query = select(replays.c.id).where(replays.c.state == "running", replays.c.beat_at >= since)
    return tx.execute(query.limit(1)).one_or_none() is not None


def _values(replay: PolicyReplay) -> dict[str, Any]:
    return {name: getattr(replay, name) for name in PolicyReplay.__slots__} | {
        "result": dict(replay.result)
    }


def _replay(row: Row[Any]) -> PolicyReplay:
    return PolicyReplay(*(getattr(row, name) for name in PolicyReplay.__slots__))
