"""Reading and writing editions of the source list."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from app.db.session import Tx
from app.packs.models import source_editions, source_units
from app.packs.sources import Unit


@dataclass(frozen=True, slots=True)
class Edition:
    """One imported edition; `state` is draft, active, superseded or discarded."""

    id: str
    edition: str
    digest: str
    unit_count: int
    state: str
    note: str
    imported_by: str
    imported_at: datetime
    published_by: str | None
    published_at: datetime | None


def insert_edition(tx: Tx, edition: Edition, units: Iterable[Unit]) -> None:
    """Store an edition with its units."""
    tx.execute(source_editions.insert(), [{name: getattr(edition, name) for name in _COLUMNS}])
    tx.execute(
        source_units.insert(),
        [
            {
                "edition_id": edition.id,
                "name": unit.name,
                "category": unit.category,
                "region": unit.region,
                "entry_type": unit.entry_type,
                "domains": list(unit.domains),
                "status": unit.status,
            }
            for unit in units
        ],
    )


def edition_by_id(tx: Tx, edition_id: str) -> Edition | None:
    """Return an edition, locked where the database can."""
    row = tx.execute(
        select(source_editions).where(source_editions.c.id == edition_id).with_for_update()
    ).one_or_none()
    return None if row is None else _edition(row)


def active_edition(tx: Tx) -> Edition | None:
    """Return the edition in force."""
    row = tx.execute(
        select(source_editions).where(source_editions.c.state == "active")
    ).one_or_none()
    return None if row is None else _edition(row)


def editions(tx: Tx, limit: int = 100) -> list[Edition]:
    """Return the newest editions first."""
    query = select(source_editions).order_by(source_editions.c.imported_at.desc()).limit(limit)
    return [_edition(row) for row in tx.execute(query)]


def units_of(tx: Tx, edition_id: str) -> list[Unit]:
    """Return every unit of an edition, in the order of names."""
    query = (
        select(source_units)
        .where(source_units.c.edition_id == edition_id)
        .order_by(source_units.c.name)
    )
    return [_unit(row) for row in tx.execute(query)]


def search_units(
    tx: Tx, edition_id: str, text: str, status: str | None, limit: int
) -> tuple[list[Unit], int]:
    """Return up to `limit` units whose name contains `text`, and how many there are."""
    where = source_units.c.edition_id == edition_id
    where &= source_units.c.name.contains(text, autoescape=True)
    if status is not None:
        where &= source_units.c.status == status
    total = tx.execute(select(func.count()).select_from(source_units).where(where)).scalar_one()
    query = select(source_units).where(where).order_by(source_units.c.name).limit(limit)
    return [_unit(row) for row in tx.execute(query)], total


def set_edition_state(tx: Tx, edition_id: str, state: str) -> None:
    """Change only the state."""
    tx.execute(
        source_editions.update().where(source_editions.c.id == edition_id).values(state=state)
    )


def set_edition_digest(tx: Tx, edition_id: str, digest: str) -> None:
    """Note what a draft's list comes to after units were confirmed."""
    tx.execute(
        source_editions.update().where(source_editions.c.id == edition_id).values(digest=digest)
    )


def publish_edition(tx: Tx, edition_id: str, by: str, at: datetime) -> None:
    """Put an edition in force; the one before is superseded in the same transaction."""
    tx.execute(
        source_editions.update()
        .where(source_editions.c.state == "active")
        .values(state="superseded")
    )
    tx.execute(
        source_editions.update()
        .where(source_editions.c.id == edition_id)
        .values(state="active", published_by=by, published_at=at)
    )


def confirm_units(tx: Tx, edition_id: str, names: Iterable[str], by: str, at: datetime) -> int:
    """Mark unconfirmed units as confirmed; return how many changed."""
    changed = 0
    wanted = list(names)
    # A statement takes a limited number of values.
    for first in range(0, len(wanted), _NAMES_AT_ONCE):
        some = wanted[first : first + _NAMES_AT_ONCE]
        changed += tx.execute(
            source_units.update()
            .where(
                source_units.c.edition_id == edition_id,
                source_units.c.name.in_(some),
                source_units.c.status == "unconfirmed",
            )
            .values(status="confirmed", confirmed_by=by, confirmed_at=at)
        ).rowcount
    return changed


_NAMES_AT_ONCE = 500


def confirmers(tx: Tx, edition_id: str) -> set[str]:
    """Return everybody who confirmed a unit of an edition."""
    query = select(source_units.c.confirmed_by).distinct()
    found = tx.execute(query.where(source_units.c.edition_id == edition_id)).scalars()
    return {staff_id for staff_id in found if staff_id is not None}


_COLUMNS = tuple(Edition.__dataclass_fields__)


def _edition(row: Row[Any]) -> Edition:
    return Edition(**{name: getattr(row, name) for name in _COLUMNS})


def _unit(row: Row[Any]) -> Unit:
    return Unit(
        name=row.name,
        category=row.category,
        region=row.region,
        entry_type=row.entry_type,
        domains=tuple(row.domains),
        status=row.status,
    )
