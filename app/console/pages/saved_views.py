"""Saved views: choices of the queue and of what is past, under names; shared by their links."""

from dataclasses import dataclass
from typing import Final

from fastapi import Response

from app.console.desk import past_filter, queue_filter
from app.console.desk.names import names_for
from app.console.flash import Flash
from app.console.forms import Form, refused
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import redirect, render
from app.errors import Conflict, Invalid
from app.review.saved_views import LONGEST_NAME, SavedViews
from app.review.view_repository import SavedView

pages = Pages()

HERE: Final = "/console/views"
_PLACES: Final = {"queue": queue_filter.QUEUE, "past": past_filter.PAST}
_TIDY: Final = {"queue": queue_filter.tidy, "past": past_filter.tidy}


@dataclass(frozen=True, slots=True)
class ViewLine:
    """A saved view; `owner` is empty for one's own, `link` is its whole address to pass on."""

    id: str
    name: str
    page: str
    path: str
    owner: str
    is_shared: bool
    is_here: bool
    link: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """The views of one page; `query` is what the page shows now, `is_saved` if it has a name."""

    page: str
    lines: tuple[ViewLine, ...]
    query: str
    is_saved: bool
    longest_name: int


@dataclass(frozen=True, slots=True)
class ViewsView:
    """All of one's own views, those of others that are shared, and the one that went wrong."""

    mine: tuple[ViewLine, ...]
    others: tuple[ViewLine, ...]
    form: Form
    wrong: str
    longest_name: int


async def shelf(visit: Visit, page: str, query: str) -> Shelf:
    """Return the views that one may open on a page, the one that it shows marked."""
    lines = [one for one in await _lines(visit, query) if one.page == page]
    here = any(one.is_here and not one.owner for one in lines)
    return Shelf(page, tuple(lines), query, here, LONGEST_NAME)


@pages.get(HERE, Permission.QUEUE_READ)
async def views(visit: Visit) -> Response:
    """List one's own views and those that the team shares."""
    return await _show(visit, Form(), "")


@pages.post(HERE, Permission.QUEUE_READ)
async def save(visit: Visit) -> Response:
    """Keep what a page shows under a name, and go back to it."""
    page = "past" if visit.field("page") == "past" else "queue"
    query = _TIDY[page](visit.field("query"))
    try:
        view = await _service(visit).save(visit.member.id, page, visit.field("name"), query)
    except (Invalid, Conflict) as error:
        return await _show(visit, _refused(visit, error), "", error.status_code)
    path = _path(page, query)
    return redirect(visit, path, Flash("views.saved", "good", {"name": view.name}))


@pages.get(HERE + "/{view_id}", Permission.QUEUE_READ)
async def open_view(visit: Visit) -> Response:
    """Go to what a view shows; its link stays while its name changes."""
    view = await _service(visit).open(visit.member.id, visit.path("view_id"))
    return redirect(visit, _path(view.page, view.query))


@pages.post(HERE + "/{view_id}/rename", Permission.QUEUE_READ)
async def rename(visit: Visit) -> Response:
    """Give one's own view another name."""
    view_id = visit.path("view_id")
    try:
        await _service(visit).rename(visit.member.id, view_id, visit.field("name"))
    except (Invalid, Conflict) as error:
        return await _show(visit, _refused(visit, error), view_id, error.status_code)
    return redirect(visit, HERE, Flash("views.renamed"))


@pages.post(HERE + "/{view_id}/share", Permission.QUEUE_READ)
async def share(visit: Visit) -> Response:
    """Let the team see one's own view, or no longer."""
    is_shared = visit.field("shared") == "yes"
    await _service(visit).share(visit.member.id, visit.path("view_id"), is_shared=is_shared)
    return redirect(visit, HERE, Flash("views.shared" if is_shared else "views.unshared"))


@pages.post(HERE + "/{view_id}/delete", Permission.QUEUE_READ)
async def delete(visit: Visit) -> Response:
    """Forget one's own view."""
    await _service(visit).delete(visit.member.id, visit.path("view_id"))
    return redirect(visit, HERE, Flash("views.deleted"))


async def _show(visit: Visit, form: Form, wrong: str, status: int = 200) -> Response:
    lines = await _lines(visit, "")
    view = ViewsView(
        mine=tuple(one for one in lines if not one.owner),
        others=tuple(one for one in lines if one.owner),
        form=form,
        wrong=wrong,
        longest_name=LONGEST_NAME,
    )
    return await render(visit, "desk/views.html", view, status=status)


async def _lines(visit: Visit, query: str) -> list[ViewLine]:
    found = await _service(visit).of(visit.member.id)
    names = await names_for(visit)
    base = visit.services.settings.public_url.rstrip("/")
    return [
        ViewLine(
            id=one.id,
            name=one.name,
            page=one.page,
            path=_path(one.page, one.query),
            owner=_owner(visit, one, names.staff.get(one.staff_id, one.staff_id)),
            is_shared=one.is_shared,
            is_here=one.query == query,
            link=f"{base}{HERE}/{one.id}",
        )
        for one in found
    ]


def _owner(visit: Visit, view: SavedView, name: str) -> str:
    return "" if view.staff_id == visit.member.id else name


def _path(page: str, query: str) -> str:
    return f"{_PLACES[page]}?{query}" if query else _PLACES[page]


def _refused(visit: Visit, error: Invalid | Conflict) -> Form:
    form = refused(visit, error)
    if error.problems:
        return form
    # A name that is taken is about the name.
    return Form(form.values, tuple(type(one)("name", one.text) for one in form.faults))


def _service(visit: Visit) -> SavedViews:
    return SavedViews(visit.services.db, visit.services.clock)
