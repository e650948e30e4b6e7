"""Reading and writing policies and kill switches."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from app.db.session import Tx
from app.domain.cap_json import cap_from, cap_json
from app.domain.counting import InForce
from app.domain.policy import Cap
from app.policy.models import kill_switches, policies


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """One version of the caps.

    `state` is draft, scheduled, active, superseded, withdrawn or discarded. `effective_from` is
    when it has come into force or is to; None in a draft that does so once it is approved.
    `restores` names the version whose caps a rollback has put back in force.
    """

    id: str
    number: int
    caps: tuple[Cap, ...]
    state: str
    reason: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    restores: str | None = None
    effective_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class KillSwitch:
    """Stops whatever its scope and value name; `value` is empty for everything."""

    id: str
    scope: str
    value: str
    reason: str
    order_number: str
    engaged_by: str
    engaged_at: datetime
    lifted_by: str | None
    lifted_at: datetime | None
    lift_reason: str | None


def insert_policy(tx: Tx, version: PolicyVersion) -> None:
    """Store a version of the policy."""
    values = {name: getattr(version, name) for name in PolicyVersion.__dataclass_fields__}
    tx.execute(policies.insert(), [values | {"caps": [cap_json(cap) for cap in version.caps]}])


def next_number(tx: Tx) -> int:
    """Return the number of the next version."""
    return (tx.execute(select(func.max(policies.c.number))).scalar_one() or 0) + 1


def policy_by_id(tx: Tx, policy_id: str) -> PolicyVersion | None:
    """Return a version, locked where the database can."""
    row = tx.execute(
        select(policies).where(policies.c.id == policy_id).with_for_update()
    ).one_or_none()
    return None if row is None else _policy(row)


def active_policy(tx: Tx) -> PolicyVersion | None:
    """Return the version in force."""
    row = tx.execute(select(policies).where(policies.c.state == "active")).one_or_none()
    return None if row is None else _policy(row)


def replaced_policy(tx: Tx) -> PolicyVersion | None:
    """Return the version that was in force before the one that is."""
    query = select(policies).where(policies.c.state == "superseded")
    row = tx.execute(
        query.order_by(policies.c.effective_from.desc(), policies.c.number.desc()).limit(1)
    ).one_or_none()
    return None if row is None else _policy(row)


def supersede_active(tx: Tx) -> None:
    """Take the version in force out of it; the caller puts another in its place."""
    tx.execute(policies.update().where(policies.c.state == "active").values(state="superseded"))


def policy_versions(tx: Tx, limit: int = 50) -> list[PolicyVersion]:
    """Return the newest versions first."""
    query = select(policies).order_by(policies.c.number.desc()).limit(limit)
    return [_policy(row) for row in tx.execute(query)]


def set_policy_state(tx: Tx, policy_id: str, state: str) -> None:
    """Change only the state."""
    tx.execute(policies.update().where(policies.c.id == policy_id).values(state=state))


def approve_policy(tx: Tx, policy_id: str, by: str, at: datetime) -> None:
    """Note who has approved a version, which is scheduled until it is put in force."""
    tx.execute(
        policies.update()
        .where(policies.c.id == policy_id)
        .values(
            state="scheduled",
            approved_by=by,
            approved_at=at,
            effective_from=func.coalesce(policies.c.effective_from, at),
        )
    )


def put_in_force(tx: Tx, policy_id: str, at: datetime) -> None:
    """Put a version in force; the one before is superseded in the same transaction."""
    supersede_active(tx)
    tx.execute(
        policies.update()
        .where(policies.c.id == policy_id)
        .values(state="active", effective_from=at)
    )


def scheduled_policies(tx: Tx) -> list[PolicyVersion]:
    """Return the versions that are approved and still to come into force, the first one first."""
    query = select(policies).where(policies.c.state == "scheduled")
    found = tx.execute(query.order_by(policies.c.effective_from, policies.c.number))
    return [_policy(row) for row in found]


def policies_in_force(tx: Tx, limit: int = 50) -> list[InForce]:
    """Return what is and what was in force, the last first."""
    query = select(policies).where(policies.c.state.in_(("active", "superseded")))
    ordered = query.order_by(policies.c.effective_from.desc(), policies.c.number.desc())
    found = [_policy(row) for row in tx.execute(ordered.limit(limit))]
    return [InForce(one.number, one.effective_from or one.proposed_at, one.caps) for one in found]


def insert_switch(tx: Tx, switch: KillSwitch) -> None:
    """Store an engaged kill switch."""
    values = {name: getattr(switch, name) for name in KillSwitch.__dataclass_fields__}
    tx.execute(kill_switches.insert(), [values])


def switch_by_id(tx: Tx, switch_id: str) -> KillSwitch | None:
    """Return a switch, locked where the database can."""
    row = tx.execute(
        select(kill_switches).where(kill_switches.c.id == switch_id).with_for_update()
    ).one_or_none()
    return None if row is None else _switch(row)


def engaged_switches(tx: Tx) -> tuple[KillSwitch, ...]:
    """Return the switches that are on."""
    query = select(kill_switches).where(kill_switches.c.lifted_at.is_(None))
    return tuple(_switch(row) for row in tx.execute(query.order_by(kill_switches.c.engaged_at)))


def all_switches(tx: Tx, limit: int = 200) -> list[KillSwitch]:
    """Return the newest switches first, lifted ones too."""
    query = select(kill_switches).order_by(kill_switches.c.engaged_at.desc()).limit(limit)
    return [_switch(row) for row in tx.execute(query)]


def lift_switch(tx: Tx, switch_id: str, by: str, at: datetime, reason: str) -> None:
    """Mark a switch as lifted."""
    tx.execute(
        kill_switches.update()
        .where(kill_switches.c.id == switch_id)
        .values(lifted_by=by, lifted_at=at, lift_reason=reason)
    )


def _policy(row: Row[Any]) -> PolicyVersion:
    values = {name: getattr(row, name) for name in PolicyVersion.__dataclass_fields__}
    return PolicyVersion(**values | {"caps": tuple(cap_from(cap) for cap in row.caps)})


def _switch(row: Row[Any]) -> KillSwitch:
    return KillSwitch(**{name: getattr(row, name) for name in KillSwitch.__dataclass_fields__})
