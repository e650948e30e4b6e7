"""Reading and writing exemptions from caps."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from app.db.session import Tx
from app.domain.exemptions import Exempted, Exemption
from app.policy.models import cap_exemptions


@dataclass(frozen=True, slots=True)
class CapExemption:
    """An exemption with who asked for it and why; `state` is draft, active, ended or discarded.

    `basis` is the order or the clause that asks for it. A draft without `starts_at` starts when
    it is approved; `ended_at` is set if somebody ended it before its time.
    """

    id: str
    name: str
    caps: tuple[str, ...]
    pushes: Exempted
    reason: str
    basis: str
    starts_at: datetime | None
    ends_at: datetime
    state: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None
    ended_by: str | None = None
    ended_at: datetime | None = None
    end_reason: str | None = None

    def as_rule(self) -> Exemption:
        """Return what the dispatcher needs of an approved one; one that was ended is over."""
        starts = self.starts_at or self.approved_at or self.ends_at
        return Exemption(self.id, self.caps, self.pushes, starts, self.ended_at or self.ends_at)


_FIELDS = tuple(CapExemption.__dataclass_fields__)
_KEYS = tuple(Exempted.__dataclass_fields__)


def insert_exemption(tx: Tx, one: CapExemption) -> None:
    """Store an exemption."""
    values = {name: getattr(one, name) for name in _FIELDS}
    pushes = {key: list(getattr(one.pushes, key)) for key in _KEYS}
    tx.execute(cap_exemptions.insert(), [values | {"caps": list(one.caps), "pushes": pushes}])


def exemption_by_id(tx: Tx, exemption_id: str) -> CapExemption | None:
    """Return an exemption, locked where the database can."""
    query = select(cap_exemptions).where(cap_exemptions.c.id == exemption_id).with_for_update()
    row = tx.execute(query).one_or_none()
    return None if row is None else _exemption(row)


def all_exemptions(tx: Tx, limit: int = 200) -> list[CapExemption]:
    """Return the newest exemptions first."""
    query = select(cap_exemptions).order_by(
        cap_exemptions.c.proposed_at.desc(), cap_exemptions.c.id.desc()
    )
    return [_exemption(row) for row in tx.execute(query.limit(limit))]


def standing_exemptions(tx: Tx, now: datetime) -> list[CapExemption]:
    """Return those approved that are in force or still to come."""
    query = select(cap_exemptions).where(
        cap_exemptions.c.state == "active", cap_exemptions.c.ends_at > now
    )
    return [_exemption(row) for row in tx.execute(query.order_by(cap_exemptions.c.id))]


def exemptions_between(tx: Tx, since: datetime, until: datetime) -> list[CapExemption]:
    """Return those that were in force at some time from `since` to `until`."""
    query = select(cap_exemptions).where(
        cap_exemptions.c.state.in_(("active", "ended")),
        cap_exemptions.c.starts_at < until,
        func.coalesce(cap_exemptions.c.ended_at, cap_exemptions.c.ends_at) > since,
    )
    return [_exemption(row) for row in tx.execute(query.order_by(cap_exemptions.c.id))]


def change_exemption(tx: Tx, exemption_id: str, **values: object) -> None:
    """Change an exemption's state and who did it."""
    tx.execute(cap_exemptions.update().where(cap_exemptions.c.id == exemption_id).values(**values))


def _exemption(row: Row[Any]) -> CapExemption:
    values = {name: getattr(row, name) for name in _FIELDS}
    pushes = Exempted(**{key: tuple(row.pushes.get(key, ())) for key in _KEYS})
    return CapExemption(**values | {"caps": tuple(row.caps), "pushes": pushes})
