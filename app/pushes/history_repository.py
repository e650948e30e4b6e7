"""Reading and writing what later pushes are compared with."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from app.db.session import Tx
from app.db.together import insert_together
from app.domain.state import PushState
from app.domain.values import dataclass
from app.pushes.models import push_history

OPEN = "open"
RELEASED = "released"
GONE = "gone"
_insert = push_history.insert()
_BECOMES = {
    PushState.RELEASING: RELEASED,
    PushState.REFUSED: GONE,
    PushState.BLOCKED: GONE,
    PushState.EXPIRED: GONE,
    PushState.RETURNED: GONE,
    PushState.WITHDRAWN: GONE,
}


@dataclass(frozen=True, slots=True)
class PastPush:
    """A push as later ones see it; `state` is open, released or gone without being released."""

    push_id: str
    root_id: str
    surface_id: str
    kind: str
    topic: str | None
    title: str
    text: str
    submitted_at: datetime
    state: str
    changed_at: datetime


def becomes(state: PushState) -> str | None:
    """Return what a state means to later pushes, None where it changes nothing."""
    return _BECOMES.get(state)


def insert_past(tx: Tx, new: PastPush) -> None:
    """Note a push that was submitted, in the transaction that stores it."""
    insert_together(tx, _insert, [new])


def note_state(tx: Tx, push_id: str, state: PushState, at: datetime) -> None:
    """Note that a push went out or never will; what once went out stays so."""
    known = becomes(state)
    if known is not None:
        change = push_history.update().where(
            push_history.c.push_id == push_id, push_history.c.state == OPEN
        )
        tx.execute(change.values(state=known, changed_at=at))


def root_of(tx: Tx, push_id: str) -> str | None:
    """Return the first push of the chain that a push stands in, None if it is not noted."""
    query = select(push_history.c.root_id).where(push_history.c.push_id == push_id)
    root: str | None = tx.execute(query).scalar_one_or_none()
    return root


def changed_since(tx: Tx, since: datetime) -> Sequence[PastPush]:
    """Return what was noted or changed from an instant on, the oldest first."""
    query = (
        select(push_history)
        .where(push_history.c.changed_at >= since)
        .order_by(push_history.c.changed_at, push_history.c.push_id)
    )
    return [PastPush(**row._mapping) for row in tx.execute(query)]  # noqa: SLF001 - SQLAlchemy's name
