"""Reading and writing pushes, decisions, transitions and idempotency keys."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, func, select, tuple_

from app.db.session import Tx
from app.db.together import insert_together, write_collected
from app.domain.decision import Verdict
from app.domain.state import PushState
from app.pushes.models import (
    CAN_EXPIRE,
    DUE_SOME_TIME,
    KEPT,
    decisions,
    idempotency_keys,
    pushes,
    transitions,
)
from app.pushes.records import (
    Search,
    StoredAnswer,
    StoredDecision,
    StoredPush,
    Transition,
)

_insert_push = pushes.insert()
_insert_decision = decisions.insert()
_insert_transition = transitions.insert()
_insert_key = idempotency_keys.insert()


def insert_pushes(tx: Tx, new: Sequence[StoredPush]) -> None:
    """Store new pushes."""
    if new:
        insert_together(tx, _insert_push, new)


def insert_decisions(tx: Tx, new: Sequence[StoredDecision]) -> None:
    """Store decisions with their facts."""
    if new:
        insert_together(tx, _insert_decision, new)


def insert_transitions(tx: Tx, new: Sequence[Transition]) -> None:
    """Store changes of state."""
    if new:
        insert_together(tx, _insert_transition, new)


def push_by_id(tx: Tx, push_id: str) -> StoredPush | None:
    """Return a push."""
    row = tx.execute(select(pushes).where(pushes.c.id == push_id)).one_or_none()
    return None if row is None else _push(row)


def pushes_by_ids(tx: Tx, push_ids: Sequence[str]) -> dict[str, StoredPush]:
    """Return pushes by id; unknown ones are left out."""
    rows = tx.execute(select(pushes).where(pushes.c.id.in_(push_ids)))
    return {row.id: _push(row) for row in rows}


def lock_push(tx: Tx, push_id: str) -> StoredPush | None:
    """Return a push, locked until the end of the transaction where the database can."""
    row = tx.execute(select(pushes).where(pushes.c.id == push_id).with_for_update()).one_or_none()
    return None if row is None else _push(row)


def push_by_external_id(tx: Tx, provider_id: str, external_id: str) -> StoredPush | None:
    """Return the push that holds the sender's own id now, one stored in this group included."""
    write_collected(tx)
    query = select(pushes).where(
        pushes.c.provider_id == provider_id,
        pushes.c.external_id == external_id,
        pushes.c.superseded_by.is_(None),
    )
    row = tx.execute(query).one_or_none()
    return None if row is None else _push(row)


def supersede(tx: Tx, push_id: str, by: str) -> None:
    """Note which push replaces this one."""
    tx.execute(pushes.update().where(pushes.c.id == push_id).values(superseded_by=by))


def set_state(tx: Tx, push_id: str, state: PushState, at: datetime) -> None:
    """Change the state; when the releaser has to look at the push is set anew."""
    tx.execute(
        pushes.update()
        .where(pushes.c.id == push_id)
        .values(state=state.value, state_at=at, release_at=None)
    )


def set_release_at(tx: Tx, push_id: str, at: datetime | None) -> None:
    """Say when the releaser looks at a push, None for never."""
    tx.execute(pushes.update().where(pushes.c.id == push_id).values(release_at=at))


def set_verdict(tx: Tx, push_id: str, verdict: Verdict) -> None:
    """Note the verdict of the latest decision."""
    tx.execute(pushes.update().where(pushes.c.id == push_id).values(verdict=verdict.value))


def due_pushes(tx: Tx, now: datetime, limit: int) -> list[StoredPush]:
    """Return pushes that the releaser has to look at, the longest due first."""
    query = select(pushes).where(DUE_SOME_TIME, pushes.c.release_at <= now)
    return [_push(row) for row in tx.execute(query.order_by(pushes.c.release_at).limit(limit))]


def expired_pushes(tx: Tx, now: datetime, limit: int) -> list[StoredPush]:
    """Return pushes that are waiting for something and have expired."""
    query = select(pushes).where(CAN_EXPIRE, pushes.c.expires_at <= now)
    return [_push(row) for row in tx.execute(query.order_by(pushes.c.expires_at).limit(limit))]


def provider_pushes(
    tx: Tx, provider_id: str, external_id: str | None, before: str | None, limit: int
) -> list[StoredPush]:
    """Return a provider's pushes, of one of its own ids if given, the newest first."""
    where = pushes.c.provider_id == provider_id
    if external_id is not None:
        where &= pushes.c.external_id == external_id
    return _found(tx, where, before, limit)


def search_pushes(tx: Tx, wanted: Search, before: str | None, limit: int) -> list[StoredPush]:
    """Return what the console searches for, the newest first, older than the id `before`."""
    where: ColumnElement[bool] = pushes.c.id != ""
    if wanted.text:
        where &= (
            pushes.c.title.contains(wanted.text, autoescape=True)
            | (pushes.c.id == wanted.text)
            | (pushes.c.external_id == wanted.text)
        )
    filters = (
        (pushes.c.state, wanted.state),
        (pushes.c.kind, wanted.kind),
        (pushes.c.provider_id, wanted.provider_id),
        (pushes.c.surface_id, wanted.surface_id),
    )
    for column, value in filters:
        if value:
            where &= column == value
    return _found(tx, where, before, limit)


def _found(tx: Tx, where: ColumnElement[bool], before: str | None, limit: int) -> list[StoredPush]:
    query = select(pushes).where(where)
    if before is not None:
        query = query.where(pushes.c.id < before)
    return [_push(row) for row in tx.execute(query.order_by(pushes.c.id.desc()).limit(limit))]


def count_by_state(tx: Tx) -> dict[str, int]:
    """Return how many pushes are in each state."""
    query = select(pushes.c.state, func.count()).group_by(pushes.c.state)
    return {row[0]: row[1] for row in tx.execute(query)}


def latest_decision(tx: Tx, push_id: str) -> StoredDecision | None:
    """Return the decision with the highest number, one stored in this group included."""
    write_collected(tx)
    query = select(decisions).where(decisions.c.push_id == push_id)
    row = tx.execute(query.order_by(decisions.c.number.desc()).limit(1)).one_or_none()
    return None if row is None else _decision(row)


def first_decision(tx: Tx, push_id: str) -> StoredDecision | None:
    """Return the decision that was made at submission."""
    query = select(decisions).where(decisions.c.push_id == push_id, decisions.c.number == 1)
    row = tx.execute(query).one_or_none()
    return None if row is None else _decision(row)


def decisions_of(tx: Tx, push_id: str) -> list[StoredDecision]:
    """Return every decision on a push, the oldest first."""
    query = select(decisions).where(decisions.c.push_id == push_id)
    return [_decision(row) for row in tx.execute(query.order_by(decisions.c.number))]


def decisions_after(tx: Tx, last: tuple[str, int], limit: int) -> list[StoredDecision]:
    """Return decisions in the order of push id and number, after the given pair."""
    push_id, number = last
    after = (decisions.c.push_id > push_id) | (
        (decisions.c.push_id == push_id) & (decisions.c.number > number)
    )
    query = select(decisions).where(after).order_by(decisions.c.push_id, decisions.c.number)
    return [_decision(row) for row in tx.execute(query.limit(limit))]


def timeline(tx: Tx, push_id: str) -> list[Transition]:
    """Return every change of state, the oldest first."""
    query = select(transitions).where(transitions.c.push_id == push_id)
    return [_transition(row) for row in tx.execute(query.order_by(transitions.c.number))]


def next_transition(tx: Tx, push_id: str) -> int:
    """Return the number of the next change of state, after those made in this group."""
    write_collected(tx)
    query = select(func.max(transitions.c.number)).where(transitions.c.push_id == push_id)
    return (tx.execute(query).scalar_one() or 0) + 1


_USED_KEYS = select(
    idempotency_keys.c.key,
    idempotency_keys.c.body_hash,
    idempotency_keys.c.push_id,
    idempotency_keys.c.status,
    idempotency_keys.c.answer,
    idempotency_keys.c.created_at,
).where(
    # One provider at a time: SQLite looks pairs up by reading the whole table.
    idempotency_keys.c.provider_id == bindparam("provider_id"),
    idempotency_keys.c.key.in_(bindparam("keys", expanding=True)),
)


def used_key(tx: Tx, provider_id: str, key: str) -> StoredAnswer | None:
    """Return what an idempotency key stands for, if it was ever used."""
    return used_keys(tx, [(provider_id, key)]).get((provider_id, key))


def used_keys(tx: Tx, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], StoredAnswer]:
    """Return what those of some (provider id, idempotency key) stand for that were ever used."""
    of_provider: dict[str, list[str]] = {}
    for provider_id, key in keys:
        of_provider.setdefault(provider_id, []).append(key)
    return {
        (provider_id, key): StoredAnswer(*rest)
        for provider_id, own in of_provider.items()
        for key, *rest in tx.execute(_USED_KEYS, {"provider_id": provider_id, "keys": own})
    }


def insert_key(tx: Tx, provider_id: str, key: str, answer: StoredAnswer) -> None:
    """Use up an idempotency key for ever."""
    insert_together(
        tx,
        _insert_key,
        [
            {
                "provider_id": provider_id,
                "key": key,
                "body_hash": answer.body_hash,
                "push_id": answer.push_id,
                "status": answer.status,
                "answer": answer.answer,
                "created_at": answer.created_at,
            }
        ],
    )


def forget_answers(tx: Tx, before: datetime, limit: int) -> int:
    """Empty up to `limit` answers of keys used before an instant; the keys stay."""
    old = (
        select(idempotency_keys.c.provider_id, idempotency_keys.c.key)
        .where(KEPT, idempotency_keys.c.created_at < before)
        .order_by(idempotency_keys.c.created_at)
        .limit(limit)
    )
    chosen = tuple_(idempotency_keys.c.provider_id, idempotency_keys.c.key).in_(old)
    return tx.execute(idempotency_keys.update().where(chosen).values(answer=None)).rowcount


def _push(row: Row[Any]) -> StoredPush:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name
    values |= {"state": PushState(row.state), "verdict": Verdict(row.verdict)}
    reasons = row.pair_reasons
    return StoredPush(**values | {"pair_reasons": None if reasons is None else tuple(reasons)})


def _decision(row: Row[Any]) -> StoredDecision:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name
    return StoredDecision(**values | {"verdict": Verdict(row.verdict)})


def _transition(row: Row[Any]) -> Transition:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name
    came_from = None if row.from_state is None else PushState(row.from_state)
    return Transition(**values | {"from_state": came_from, "to_state": PushState(row.to_state)})
