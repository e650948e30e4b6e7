"""Reading and writing second factors and recovery codes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select

from app.db.session import Tx
from app.staff.models import recovery_codes, staff


@dataclass(frozen=True, slots=True)
class Factor:
    """A second factor in use; `step` is the one that its last code belonged to."""

    sealed: str = field(repr=False)
    since: datetime
    step: int


def factor_of(tx: Tx, staff_id: str) -> Factor | None:
    """Return a person's second factor, locked with the person, so that a code counts once."""
    query = select(staff.c.factor_sealed, staff.c.factor_since, staff.c.factor_step)
    row = tx.execute(query.where(staff.c.id == staff_id).with_for_update()).one_or_none()
    if row is None or row.factor_sealed is None:
        return None
    return Factor(row.factor_sealed, row.factor_since, row.factor_step)


def put_factor(tx: Tx, staff_id: str, factor: Factor | None) -> None:
    """Put a second factor in use in the place of an earlier one, or take it away."""
    values = (
        {"factor_sealed": None, "factor_since": None, "factor_step": None}
        if factor is None
        else {
            "factor_sealed": factor.sealed,
            "factor_since": factor.since,
            "factor_step": factor.step,
        }
    )
    tx.execute(staff.update().where(staff.c.id == staff_id).values(**values))


def remove_factor(tx: Tx, staff_id: str) -> None:
    """Take a person's second factor away, with what recovers it."""
    put_factor(tx, staff_id, None)
    replace_recovery_codes(tx, staff_id, ())


def note_step(tx: Tx, staff_id: str, step: int) -> None:
    """Note the step of the last code, so that neither it nor an older one is taken again."""
    tx.execute(staff.update().where(staff.c.id == staff_id).values(factor_step=step))


def replace_recovery_codes(tx: Tx, staff_id: str, hashes: Iterable[str]) -> None:
    """Store these recovery codes and forget all earlier ones."""
    tx.execute(recovery_codes.delete().where(recovery_codes.c.staff_id == staff_id))
    rows = [{"staff_id": staff_id, "code_hash": one} for one in hashes]
    if rows:
        tx.execute(recovery_codes.insert(), rows)


def recovery_code_was_used(tx: Tx, staff_id: str, code_hash: str) -> bool | None:
    """Tell whether a recovery code was used before; None if there is no such code."""
    query = select(recovery_codes.c.used_at).where(
        recovery_codes.c.staff_id == staff_id, recovery_codes.c.code_hash == code_hash
    )
    row = tx.execute(query).one_or_none()
    return None if row is None else row.used_at is not None


def use_recovery_code(tx: Tx, staff_id: str, code_hash: str, at: datetime) -> None:
    """Note that a recovery code is used up."""
    tx.execute(
        recovery_codes.update()
        .where(recovery_codes.c.staff_id == staff_id, recovery_codes.c.code_hash == code_hash)
        .values(used_at=at)
    )


def unused_recovery_codes(tx: Tx, staff_id: str) -> int:
    """Return how many recovery codes a person has left."""
    query = select(func.count()).where(
        recovery_codes.c.staff_id == staff_id, recovery_codes.c.used_at.is_(None)
    )
    return int(tx.execute(query).scalar_one())
