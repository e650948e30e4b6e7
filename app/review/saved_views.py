"""Choices of the queue and of what is past, kept by their people under a name."""

from dataclasses import replace
from typing import Final

from app.audit.events import Actor, ActorKind, AuditKind
from app.audit.record import record
from app.clock import Clock
from app.db.session import Database, Tx
from app.errors import FieldProblem, Invalid, NotFound, Words
from app.ids import new_id
from app.review import view_repository as repository
from app.review.view_repository import SavedView

MOST_VIEWS: Final = 50
LONGEST_NAME: Final = 40


class SavedViews:
    """Makes, renames, shares and deletes views; each is its maker's alone to change."""

    def __init__(self, db: Database, clock: Clock) -> None:
        """Hold nothing."""
        self._db = db
        self._clock = clock

    async def of(self, staff_id: str) -> list[SavedView]:
        """Return a person's own views and those that others share, by name."""
        return await self._db.read(lambda tx: repository.views_for(tx, staff_id))

    async def open(self, staff_id: str, view_id: str) -> SavedView:
        """Return one's own view or a shared one; NotFound for all others."""
        found = await self._db.read(lambda tx: repository.view_by_id(tx, view_id))
        if found is None or not (found.is_shared or found.staff_id == staff_id):
            raise _unknown()
        return found

    async def save(self, staff_id: str, page: str, name: str, query: str) -> SavedView:
        """Keep a choice; Invalid name, Conflict where it is taken, Invalid beyond `MOST_VIEWS`."""
        now = self._clock.now()
        view = SavedView(new_id("svw"), staff_id, page, _good(name), query, False, now)

        def work(tx: Tx) -> SavedView:
            if repository.count_views(tx, staff_id) >= MOST_VIEWS:
                raise _invalid(
                    "too_many", f"最多保存 {MOST_VIEWS} 个视图", f"At most {MOST_VIEWS} views"
                )
            repository.insert_view(tx, view)
            self._note(tx, view, "made")
            return view

        return await self._db.write(work)

    async def rename(self, staff_id: str, view_id: str, name: str) -> None:
        """Give one's own view another name; Invalid, Conflict, NotFound."""
        good = _good(name)

        def work(tx: Tx) -> None:
            view = self._own(tx, staff_id, view_id)
            repository.rename_view(tx, view_id, good)
            self._note(tx, replace(view, name=good), "renamed")

        await self._db.write(work)

    async def share(self, staff_id: str, view_id: str, *, is_shared: bool) -> None:
        """Let the team see one's own view, or no longer; NotFound."""

        def work(tx: Tx) -> None:
            view = self._own(tx, staff_id, view_id)
            repository.share_view(tx, view_id, is_shared=is_shared)
            self._note(tx, view, "shared" if is_shared else "unshared")

        await self._db.write(work)

    async def delete(self, staff_id: str, view_id: str) -> None:
        """Forget one's own view; NotFound."""

        def work(tx: Tx) -> None:
            view = self._own(tx, staff_id, view_id)
            repository.delete_view(tx, view_id)
            self._note(tx, view, "deleted")

        await self._db.write(work)

    def _own(self, tx: Tx, staff_id: str, view_id: str) -> SavedView:
        found = repository.view_by_id(tx, view_id)
        if found is None or found.staff_id != staff_id:
            raise _unknown()
        return found

    def _note(self, tx: Tx, view: SavedView, what: str) -> None:
        actor = Actor(ActorKind.STAFF, view.staff_id)
        noted = {"what": what, "page": view.page, "name": view.name, "query": view.query}
        record(tx, self._clock.now(), AuditKind.SAVED_VIEW_CHANGED, actor, view.id, **noted)


def _good(name: str) -> str:
    tidy = " ".join(name.split())
    if not tidy:
        raise _invalid("required", "请填写视图名称", "Give the view a name")
    if len(tidy) > LONGEST_NAME or not tidy.isprintable():
        raise _invalid(
            "bad_text",
            f"最多 {LONGEST_NAME} 个字，且不得含控制字符",
            f"At most {LONGEST_NAME} characters, no control characters",
        )
    return tidy


def _invalid(code: str, zh: str, en: str) -> Invalid:
    return Invalid(problems=(FieldProblem("/name", code, Words(zh, en)),))


def _unknown() -> NotFound:
    return NotFound(Words("没有这个视图", "There is no such view"))
