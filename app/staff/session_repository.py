"""Reading and writing the sessions of staff members."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, select

from app.db.session import Tx
from app.staff.models import sessions, staff
from app.staff.repository import member_of
from app.staff.roles import Session

_WITH_PERSON: Final = select(
    staff,
    sessions.c.token_hash,
    sessions.c.csrf,
    sessions.c.created_at.label("session_created_at"),
    sessions.c.last_seen_at,
    sessions.c.expires_at,
    sessions.c.proven_at,
    sessions.c.address,
    sessions.c.agent,
).join(staff, staff.c.id == sessions.c.staff_id)


def insert_session(tx: Tx, session: Session) -> None:
    """Store a session."""
    tx.execute(
        sessions.insert().values(
            token_hash=session.token_hash,
            staff_id=session.staff.id,
            csrf=session.csrf,
            created_at=session.created_at,
            last_seen_at=session.last_seen_at,
            expires_at=session.expires_at,
            proven_at=session.proven_at,
            address=session.address,
            agent=session.agent,
        )
    )


def session_by_hash(tx: Tx, token_hash: str) -> Session | None:
    """Return a session with the person as they are now."""
    row = tx.execute(_WITH_PERSON.where(sessions.c.token_hash == token_hash)).one_or_none()
    return None if row is None else _session(row)


def sessions_of(tx: Tx, staff_id: str) -> list[Session]:
    """Return a person's sessions, the one used last first; some may have ended by time."""
    query = _WITH_PERSON.where(sessions.c.staff_id == staff_id)
    return [_session(row) for row in tx.execute(query.order_by(sessions.c.last_seen_at.desc()))]


def touch_session(tx: Tx, token_hash: str, at: datetime) -> None:
    """Note when a session was last used."""
    _set(tx, token_hash, last_seen_at=at)


def set_pending(tx: Tx, token_hash: str, sealed: str | None) -> None:
    """Keep the secret that a session is setting up, or forget it."""
    _set(tx, token_hash, factor_pending=sealed)


def set_proven(tx: Tx, token_hash: str, at: datetime) -> None:
    """Note that a session gave a code of the second factor."""
    _set(tx, token_hash, proven_at=at)


def pending(tx: Tx, token_hash: str) -> str | None:
    """Return the sealed secret that a session is setting up."""
    query: Select[Any] = select(sessions.c.factor_pending)
    found: str | None = tx.execute(query.where(sessions.c.token_hash == token_hash)).scalar()
    return found


def delete_session(tx: Tx, token_hash: str) -> bool:
    """End a session; False if it had ended before."""
    return tx.execute(sessions.delete().where(sessions.c.token_hash == token_hash)).rowcount > 0


def delete_sessions_of(tx: Tx, staff_id: str, *, keep: str | None = None) -> int:
    """End a person's sessions except the one with hash `keep`; return how many."""
    condition = sessions.c.staff_id == staff_id
    if keep is not None:
        condition &= sessions.c.token_hash != keep
    return tx.execute(sessions.delete().where(condition)).rowcount


def delete_expired_sessions(tx: Tx, now: datetime) -> None:
    """Remove the sessions whose time is over."""
    tx.execute(sessions.delete().where(sessions.c.expires_at <= now))


def _set(tx: Tx, token_hash: str, **values: object) -> None:
    tx.execute(sessions.update().where(sessions.c.token_hash == token_hash).values(**values))


def _session(row: Row[Any]) -> Session:
    return Session(
        token_hash=row.token_hash,
        csrf=row.csrf,
        staff=member_of(row),
        created_at=row.session_created_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
        proven_at=row.proven_at,
        address=row.address,
        agent=row.agent,
    )
