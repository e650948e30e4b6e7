"""Reading and writing choices that were saved under a name."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError

from app.db.session import Tx
from app.errors import Conflict, Words
from app.review.models import saved_views


@dataclass(frozen=True, slots=True)
class SavedView:
    """One person's choice; `page` is `queue` or `past`, `query` that of its address."""

    id: str
    staff_id: str
    page: str
    name: str
    query: str
    is_shared: bool
    made_at: datetime


_FIELDS = tuple(SavedView.__dataclass_fields__)


def insert_view(tx: Tx, view: SavedView) -> None:
    """Store a view; Conflict `view_name_taken` if this person has one of that name."""
    try:
        tx.execute(saved_views.insert().values({name: getattr(view, name) for name in _FIELDS}))
    except IntegrityError as error:
        raise _taken() from error


def view_by_id(tx: Tx, view_id: str) -> SavedView | None:
    """Return a view, locked where the database can."""
    query = select(saved_views).where(saved_views.c.id == view_id).with_for_update()
    row = tx.execute(query).one_or_none()
    return None if row is None else SavedView(**row._mapping)  # noqa: SLF001 - SQLAlchemy's name


def views_for(tx: Tx, staff_id: str) -> list[SavedView]:
    """Return a person's own views and those that others share, by name."""
    mine = saved_views.c.staff_id == staff_id
    query = select(saved_views).where(or_(mine, saved_views.c.is_shared))
    rows = tx.execute(query.order_by(saved_views.c.name, saved_views.c.id))
    return [SavedView(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's name


def count_views(tx: Tx, staff_id: str) -> int:
    """Return how many views a person has."""
    query = select(func.count()).where(saved_views.c.staff_id == staff_id)
    return tx.execute(query.select_from(saved_views)).scalar_one()


def rename_view(tx: Tx, view_id: str, name: str) -> None:
    """Give a view another name; Conflict `view_name_taken`."""
    try:
        tx.execute(saved_views.update().where(saved_views.c.id == view_id).values(name=name))
    except IntegrityError as error:
        raise _taken() from error


def share_view(tx: Tx, view_id: str, *, is_shared: bool) -> None:
    """Let others see a view, or no longer."""
    tx.execute(saved_views.update().where(saved_views.c.id == view_id).values(is_shared=is_shared))


def delete_view(tx: Tx, view_id: str) -> None:
    """Forget a view."""
    tx.execute(saved_views.delete().where(saved_views.c.id == view_id))


def _taken() -> Conflict:
    words = Words("您已有同名的视图", "You have a view of that name already")
    return Conflict(words, code="view_name_taken")
