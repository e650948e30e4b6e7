"""Reading and writing staff members, their ties and attempts to sign in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.exc import IntegrityError

from app.db.session import Tx
from app.errors import Conflict, NotFound, Words
from app.staff.models import sign_in_attempts, staff, staff_ties
from app.staff.roles import Role, StaffMember, Tie


@dataclass(frozen=True, slots=True)
class Credentials:
    """A staff member with the hash of their password."""

    staff: StaffMember
    password_hash: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to sign in; `username` is a digest where nobody has that name."""

    id: str
    username: str
    address: str
    at: datetime
    succeeded: bool


def insert_staff(tx: Tx, credentials: Credentials) -> None:
    """Store a new person; Conflict `username_taken`."""
    member = credentials.staff
    try:
        tx.execute(
            staff.insert().values(
                id=member.id,
                username=member.username,
                name=member.name,
                roles=sorted(role.value for role in member.roles),
                password_hash=credentials.password_hash,
                password_is_one_time=member.must_change_password,
                language=member.language,
                created_at=member.created_at,
            )
        )
    except IntegrityError as error:
        words = Words("该登录名已被使用", "This sign-in name is taken")
        raise Conflict(words, code="username_taken") from error


def update_staff(tx: Tx, staff_id: str, values: Mapping[str, object]) -> None:
    """Set columns of a person."""
    tx.execute(staff.update().where(staff.c.id == staff_id).values(**values))


def lock_everybody(tx: Tx) -> dict[str, StaffMember]:
    """Return every person by id, all locked, so that "the last admin" stays true to the commit."""
    rows = tx.execute(select(staff).order_by(staff.c.id).with_for_update())
    return {row.id: member_of(row) for row in rows}


def all_staff(tx: Tx) -> list[StaffMember]:
    """Return every person, by sign-in name."""
    return [member_of(row) for row in tx.execute(select(staff).order_by(staff.c.username))]


def names(tx: Tx) -> dict[str, str]:
    """Return every person's name by id."""
    return {row.id: row.name for row in tx.execute(select(staff.c.id, staff.c.name))}


def credentials_by_name(tx: Tx, username: str) -> Credentials | None:
    """Return who has that sign-in name, locked."""
    return _credentials(tx, select(staff).where(staff.c.username == username))


def credentials_by_id(tx: Tx, staff_id: str) -> Credentials | None:
    """Return a person, locked."""
    return _credentials(tx, select(staff).where(staff.c.id == staff_id))


def has_unused_one_time_password(tx: Tx) -> bool:
    """Tell whether anybody who may sign in has not yet changed a one-time password."""
    query = select(staff.c.id).where(staff.c.password_is_one_time, staff.c.disabled_at.is_(None))
    return tx.execute(query.limit(1)).first() is not None


def ties(tx: Tx, staff_id: str) -> list[Tie]:
    """Return a person's ties, oldest first, ended ones included."""
    query = select(staff_ties).where(staff_ties.c.staff_id == staff_id)
    return [_tie(row) for row in tx.execute(query.order_by(staff_ties.c.declared_at))]


def put_tie(tx: Tx, tie: Tie) -> None:
    """Store a tie in the place of an earlier one with the same provider; NotFound without one."""
    key = (staff_ties.c.staff_id == tie.staff_id, staff_ties.c.provider_id == tie.provider_id)
    values = {"reason": tie.reason, "declared_at": tie.declared_at, "ended_at": tie.ended_at}
    if tx.execute(staff_ties.update().where(*key).values(**values)).rowcount:
        return
    try:
        tx.execute(
            staff_ties.insert().values(staff_id=tie.staff_id, provider_id=tie.provider_id, **values)
        )
    except IntegrityError as error:
        raise NotFound(Words("没有这个服务提供者", "No such provider")) from error


def has_tie(tx: Tx, staff_id: str, provider_id: str) -> bool:
    """Tell whether a tie stands between the two."""
    query = select(staff_ties.c.staff_id).where(
        staff_ties.c.staff_id == staff_id,
        staff_ties.c.provider_id == provider_id,
        staff_ties.c.ended_at.is_(None),
    )
    return tx.execute(query).first() is not None


def insert_attempt(tx: Tx, attempt: Attempt) -> None:
    """Store an attempt to sign in."""
    tx.execute(
        sign_in_attempts.insert().values(
            id=attempt.id,
            username=attempt.username,
            address=attempt.address,
            at=attempt.at,
            succeeded=attempt.succeeded,
        )
    )


def mark_succeeded(tx: Tx, attempt_id: str) -> None:
    """Note that an attempt succeeded."""
    tx.execute(
        sign_in_attempts.update().where(sign_in_attempts.c.id == attempt_id).values(succeeded=True)
    )


def attempts_by(tx: Tx, column: str, value: str, since: datetime, most: int) -> list[Attempt]:
    """Return the latest attempts, newest first; `column` is `username` or `address`."""
    query = (
        select(sign_in_attempts)
        .where(sign_in_attempts.c[column] == value, sign_in_attempts.c.at > since)
        .order_by(sign_in_attempts.c.at.desc())
        .limit(most)
    )
    return [
        Attempt(row.id, row.username, row.address, row.at, row.succeeded)
        for row in tx.execute(query)
    ]


def has_succeeded_from(tx: Tx, username: str, address: str, since: datetime) -> bool:
    """Tell whether the name was signed in from the address after `since`."""
    query = select(sign_in_attempts.c.id).where(
        sign_in_attempts.c.username == username,
        sign_in_attempts.c.at > since,
        sign_in_attempts.c.address == address,
        sign_in_attempts.c.succeeded,
    )
    return tx.execute(query.limit(1)).first() is not None


def _credentials(tx: Tx, query: Select[Any]) -> Credentials | None:
    row = tx.execute(query.with_for_update()).one_or_none()
    return None if row is None else Credentials(member_of(row), row.password_hash)


def member_of(row: Row[Any]) -> StaffMember:
    """Return the person of a row."""
    return StaffMember(
        id=row.id,
        username=row.username,
        name=row.name,
        roles=frozenset(Role(role) for role in row.roles),
        language=row.language,
        must_change_password=row.password_is_one_time,
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        factor_since=row.factor_since,
    )


def _tie(row: Row[Any]) -> Tie:
    return Tie(row.staff_id, row.provider_id, row.reason, row.declared_at, row.ended_at)
