"""Reading and writing the versions of which pushes need two persons."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from app.db.session import Tx
from app.domain.pairs import PairClasses
from app.policy.models import pair_policies


@dataclass(frozen=True, slots=True)
class PairPolicy:
    """A version; `state` is draft, active, superseded or discarded."""

    id: str
    number: int
    classes: PairClasses
    reason: str
    state: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None


_FIELDS = tuple(PairPolicy.__dataclass_fields__)


def insert_pair_policy(tx: Tx, version: PairPolicy) -> None:
    """Store a version."""
    row = {name: getattr(version, name) for name in _FIELDS}
    tx.execute(pair_policies.insert(), [row | {"classes": classes_json(version.classes)}])


def pair_policy_by_id(tx: Tx, policy_id: str) -> PairPolicy | None:
    """Return a version, locked where the database can."""
    query = select(pair_policies).where(pair_policies.c.id == policy_id).with_for_update()
    row = tx.execute(query).one_or_none()
    return None if row is None else _version(row)


def pair_policy_versions(tx: Tx) -> list[PairPolicy]:
    """Return every version, the newest first."""
    query = select(pair_policies).order_by(pair_policies.c.number.desc())
    return [_version(row) for row in tx.execute(query)]


def next_pair_number(tx: Tx) -> int:
    """Return the number of the next version."""
    highest = tx.execute(select(func.max(pair_policies.c.number))).scalar_one()
    return 1 if highest is None else highest + 1


def change_pair_policy(tx: Tx, policy_id: str, **values: object) -> None:
    """Change a version's state and who did it."""
    tx.execute(pair_policies.update().where(pair_policies.c.id == policy_id).values(**values))


def supersede_active(tx: Tx) -> None:
    """End the version in force, if there is one."""
    active = pair_policies.c.state == "active"
    tx.execute(pair_policies.update().where(active).values(state="superseded"))


def active_classes(tx: Tx) -> PairClasses:
    """Return which pushes need two, as it stands in the transaction; none where nobody said."""
    query = select(pair_policies.c.classes).where(pair_policies.c.state == "active")
    held = tx.execute(query).scalar_one_or_none()
    return PairClasses() if held is None else _classes(held)


def classes_json(classes: PairClasses) -> dict[str, object]:
    """Return the classes as JSON."""
    said = asdict(classes)
    return said | {"topics": list(classes.topics), "rules": list(classes.rules)}


def _classes(held: Mapping[str, Any]) -> PairClasses:
    return PairClasses(**{**held, "topics": tuple(held["topics"]), "rules": tuple(held["rules"])})


def _version(row: Row[Any]) -> PairPolicy:
    values = {name: getattr(row, name) for name in _FIELDS}
    return PairPolicy(**values | {"classes": _classes(row.classes)})
