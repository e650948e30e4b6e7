"""Reading and writing recipients and their refusals."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, and_, or_, select, tuple_
from sqlalchemy.exc import IntegrityError

from app.db.session import Tx
from app.domain.push import ContentKind
from app.errors import Conflict, Words
from app.recipients.models import recipients, refusals


class Minor(StrEnum):
    """Whether a recipient is a minor; unknown counts as one for what the law restricts."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class RefusalScope(StrEnum):
    """What a recipient refuses: everything, one content kind, or personalised pushes."""

    ALL = "all"
    KIND = "kind"
    PERSONALISATION = "personalisation"


@dataclass(frozen=True, slots=True)
class Recipient:
    """A pseudonymous recipient of a surface; `time_zone` None means the surface's."""

    surface_id: str
    token: str
    time_zone: str | None
    minor: Minor
    created_at: datetime


@dataclass(frozen=True, slots=True)
class StandingRefusal:
    """A refusal that was not taken back; `kind` only with the scope KIND."""

    id: str
    surface_id: str
    token: str
    scope: RefusalScope
    kind: ContentKind | None
    created_at: datetime


def insert_recipient(tx: Tx, recipient: Recipient, hashed: str) -> None:
    """Store a recipient with the hash of its device secret; Conflict `recipient_taken`."""
    try:
        tx.execute(
            recipients.insert().values(
                surface_id=recipient.surface_id,
                token=recipient.token,
                secret_hash=hashed,
                time_zone=recipient.time_zone,
                minor=recipient.minor.value,
                created_at=recipient.created_at,
            )
        )
    except IntegrityError as error:
        raise taken() from error


def taken() -> Conflict:
    """Return the refusal of a token that belongs to another device secret."""
    words = Words(
        "该接收用户标识已被登记；请带上它的设备凭据，或换一个标识",
        "This recipient is registered; send its device secret, or choose another token",
    )
    return Conflict(words, code="recipient_taken")


def update_recipient(tx: Tx, recipient: Recipient) -> None:
    """Store a recipient's time zone and whether it is a minor."""
    tx.execute(
        recipients.update()
        .where(*_is(recipient.surface_id, recipient.token))
        .values(time_zone=recipient.time_zone, minor=recipient.minor.value)
    )


def recipient_with_hash(tx: Tx, surface_id: str, token: str) -> tuple[Recipient, str] | None:
    """Return a recipient, locked, and the hash of its device secret."""
    query = select(recipients).where(*_is(surface_id, token)).with_for_update()
    row = tx.execute(query).one_or_none()
    return None if row is None else (_recipient(row), row.secret_hash)


def recipient_by_hash(tx: Tx, hashed: str, *, lock: bool = False) -> Recipient | None:
    """Return whose device secret has that hash; `lock` keeps its refusals as they are read."""
    query = select(recipients).where(recipients.c.secret_hash == hashed)
    row = tx.execute(query.with_for_update() if lock else query).one_or_none()
    return None if row is None else _recipient(row)


def insert_refusal(tx: Tx, refusal: StandingRefusal) -> None:
    """Store a refusal."""
    tx.execute(
        refusals.insert().values(
            id=refusal.id,
            surface_id=refusal.surface_id,
            token=refusal.token,
            scope=refusal.scope.value,
            kind=None if refusal.kind is None else refusal.kind.value,
            created_at=refusal.created_at,
        )
    )


def refusals_of(tx: Tx, surface_id: str, token: str) -> list[StandingRefusal]:
    """Return a recipient's standing refusals, oldest first."""
    query = select(refusals).where(
        refusals.c.surface_id == surface_id,
        refusals.c.token == token,
        refusals.c.withdrawn_at.is_(None),
    )
    return [_refusal(row) for row in tx.execute(query.order_by(refusals.c.id))]


def refusal_owner(tx: Tx, refusal_id: str) -> tuple[str, str] | None:
    """Return surface and token of a refusal, standing or withdrawn."""
    query = select(refusals.c.surface_id, refusals.c.token).where(refusals.c.id == refusal_id)
    row = tx.execute(query).one_or_none()
    return None if row is None else (row.surface_id, row.token)


def withdraw_refusal(tx: Tx, refusal_id: str, at: datetime) -> bool:
    """Take a refusal back; False if that was done before."""
    condition = and_(refusals.c.id == refusal_id, refusals.c.withdrawn_at.is_(None))
    return tx.execute(refusals.update().where(condition).values(withdrawn_at=at)).rowcount > 0


def standing_refusals(
    tx: Tx, surface_id: str, tokens: Collection[str], kind: ContentKind, *, personalised: bool
) -> set[str]:
    """Return those of `tokens` (a batch, at most some hundreds) that refuse such a push."""
    bears = [
        refusals.c.scope == RefusalScope.ALL.value,
        and_(refusals.c.scope == RefusalScope.KIND.value, refusals.c.kind == kind.value),
    ]
    if personalised:
        bears.append(refusals.c.scope == RefusalScope.PERSONALISATION.value)
    query = select(refusals.c.token).where(
        refusals.c.surface_id == surface_id,
        refusals.c.token.in_(list(tokens)),
        refusals.c.withdrawn_at.is_(None),
        or_(*bears),
    )
    return set(tx.execute(query).scalars())


def time_zones(tx: Tx, surface_id: str, tokens: Collection[str]) -> dict[str, str]:
    """Return the time zones of those of `tokens` that chose one; the others use the surface's."""
    query = select(recipients.c.token, recipients.c.time_zone).where(
        recipients.c.surface_id == surface_id,
        recipients.c.token.in_(list(tokens)),
        recipients.c.time_zone.is_not(None),
    )
    return {row.token: row.time_zone for row in tx.execute(query)}


def chosen_zones(tx: Tx, after: tuple[str, str], limit: int) -> list[tuple[str, str, str]]:
    """Return surface, token and time zone of those who chose one, from the one `after` on."""
    place = (recipients.c.surface_id, recipients.c.token)
    query = (
        select(*place, recipients.c.time_zone)
        .where(recipients.c.time_zone.is_not(None), tuple_(*place) > after)
        .order_by(*place)
        .limit(limit)
    )
    return [(row.surface_id, row.token, row.time_zone) for row in tx.execute(query)]


def zones_differ(tx: Tx, surface_id: str) -> bool:
    """Tell whether anybody on a surface chose a time zone."""
    query = select(recipients.c.token).where(
        recipients.c.surface_id == surface_id, recipients.c.time_zone.is_not(None)
    )
    return tx.execute(query.limit(1)).one_or_none() is not None


def minors(tx: Tx, surface_id: str, tokens: Collection[str]) -> dict[str, Minor]:
    """Return what is known of those of `tokens` that registered; the others are UNKNOWN."""
    query = select(recipients.c.token, recipients.c.minor).where(
        recipients.c.surface_id == surface_id, recipients.c.token.in_(list(tokens))
    )
    return {row.token: Minor(row.minor) for row in tx.execute(query)}


def _is(surface_id: str, token: str) -> tuple[Any, Any]:
    return (recipients.c.surface_id == surface_id, recipients.c.token == token)


def _recipient(row: Row[Any]) -> Recipient:
    return Recipient(row.surface_id, row.token, row.time_zone, Minor(row.minor), row.created_at)


def _refusal(row: Row[Any]) -> StandingRefusal:
    return StandingRefusal(
        id=row.id,
        surface_id=row.surface_id,
        token=row.token,
        scope=RefusalScope(row.scope),
        kind=None if row.kind is None else ContentKind(row.kind),
        created_at=row.created_at,
    )
