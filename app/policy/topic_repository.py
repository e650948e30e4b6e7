"""Reading and writing the register of topics."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.exc import IntegrityError

from app.db.session import Tx
from app.errors import FieldProblem, Invalid, Words
from app.policy.models import topics


@dataclass(frozen=True, slots=True)
class RegisteredTopic:
    """A topic that caps may name; `state` is draft, active, retired or discarded."""

    id: str
    name: str
    zh: str
    en: str
    reason: str
    state: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None
    retired_by: str | None = None
    retired_at: datetime | None = None
    retire_reason: str | None = None


_FIELDS = tuple(RegisteredTopic.__dataclass_fields__)


def insert_topic(tx: Tx, topic: RegisteredTopic) -> None:
    """Store a topic; Invalid for a name that is registered or proposed already."""
    try:
        tx.execute(topics.insert(), [{name: getattr(topic, name) for name in _FIELDS}])
    except IntegrityError as error:
        words = Words(
            "这个名称已登记，或正待批准", "The name is registered already, or waits for approval"
        )
        raise Invalid(problems=(FieldProblem("/name", "repeated", words),)) from error


def topic_by_id(tx: Tx, topic_id: str) -> RegisteredTopic | None:
    """Return a topic, locked where the database can."""
    query = select(topics).where(topics.c.id == topic_id).with_for_update()
    row = tx.execute(query).one_or_none()
    return None if row is None else _topic(row)


def all_topics(tx: Tx) -> list[RegisteredTopic]:
    """Return every topic there ever was, the newest first."""
    query = select(topics).order_by(topics.c.proposed_at.desc(), topics.c.id.desc())
    return [_topic(row) for row in tx.execute(query)]


def registered_names(tx: Tx) -> frozenset[str]:
    """Return the names that caps may use."""
    query = select(topics.c.name).where(topics.c.state == "active")
    return frozenset(tx.execute(query).scalars())


def change_topic(tx: Tx, topic_id: str, **values: object) -> None:
    """Change a topic's state and who did it."""
    tx.execute(topics.update().where(topics.c.id == topic_id).values(**values))


def _topic(row: Row[Any]) -> RegisteredTopic:
    return RegisteredTopic(**{name: getattr(row, name) for name in _FIELDS})
