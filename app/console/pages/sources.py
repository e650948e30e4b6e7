"""The source list: importing an edition, what it would change, confirming, publishing."""

from dataclasses import dataclass
from typing import Final

from fastapi import Response
from starlette.datastructures import UploadFile  # noqa: TID251 - what forms really hold

from app.console.flash import Flash
from app.console.forms import Form, refused
from app.console.people import Names, names
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import redirect, render
from app.errors import Conflict, Invalid
from app.packs.importing import MAX_BYTES, EditionDiff
from app.packs.repository import Edition
from app.packs.sources import Unit

pages = Pages()

LIST: Final = "/console/sources"
STATUSES: Final = ("listed", "unconfirmed", "confirmed")

UPLOAD_LIMIT: Final = MAX_BYTES + 64 * 1024
"""Bytes of a request with an edition: the file and the fields around it."""

_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class SourcesView:
    """Every edition, the one in force, and who did what."""

    editions: tuple[Edition, ...]
    active: Edition | None
    names: Names


@dataclass(frozen=True, slots=True)
class ImportView:
    """The form for a file."""

    form: Form


@dataclass(frozen=True, slots=True)
class EditionView:
    """One edition, what publishing it would change, and the units that were looked for."""

    edition: Edition
    diff: EditionDiff
    is_mine: bool
    names: Names
    text: str
    status: str
    units: tuple[Unit, ...]
    found: int
    unconfirmed: int
    shown: int
    tab: str


@pages.get(LIST, Permission.SOURCES_READ)
async def sources(visit: Visit) -> Response:
    """List the editions."""
    editions = await visit.services.packs.editions()
    active = next((one for one in editions if one.state == "active"), None)
    view = SourcesView(tuple(editions), active, await names(visit))
    return await render(visit, "sources/list.html", view)


@pages.get("/console/sources/new", Permission.SOURCES_WRITE)
async def ask_import(visit: Visit) -> Response:
    """Show the form for a file."""
    return await render(visit, "sources/import.html", ImportView(Form()))


@pages.post("/console/sources/new", Permission.SOURCES_WRITE)
async def import_sources(visit: Visit) -> Response:
    """Keep a file as a draft and show what it would change."""
    upload = visit.form.get("file")
    data = await upload.read() if isinstance(upload, UploadFile) else b""
    label, note = visit.field("edition"), visit.field("note")
    try:
        draft = await visit.services.packs.import_sources(visit.member.id, label, data, note)
    except (Invalid, Conflict) as error:
        view = ImportView(refused(visit, error))
        return await render(visit, "sources/import.html", view, status=error.status_code)
    left_out = sum(draft.left_out.values())
    counts = {"units": draft.edition.unit_count, "left_out": left_out}
    return redirect(visit, f"{LIST}/{draft.edition.id}", Flash("sources.imported", "info", counts))


@pages.get("/console/sources/{edition_id}", Permission.SOURCES_READ)
async def edition(visit: Visit) -> Response:
    """Show an edition: its difference while it is a draft, its units always."""
    packs = visit.services.packs
    draft = await packs.draft(visit.path("edition_id"))
    text = visit.query("q")[:100]
    status = visit.query("status")
    status = status if status in STATUSES else ""
    tab = visit.query("tab")
    if tab not in {"diff", "units"}:
        tab = "diff" if draft.edition.state == "draft" and not (text or status) else "units"
    found, total = await packs.search_units(draft.edition.id, text, status or None, _SHOWN)
    _, unconfirmed = await packs.search_units(draft.edition.id, "", "unconfirmed", 1)
    view = EditionView(
        edition=draft.edition,
        diff=draft.diff,
        is_mine=draft.edition.imported_by == visit.member.id,
        names=await names(visit),
        text=text,
        status=status,
        units=tuple(found),
        found=total,
        unconfirmed=unconfirmed,
        shown=_SHOWN,
        tab=tab,
    )
    return await render(visit, "sources/edition.html", view)


@pages.post("/console/sources/{edition_id}/confirm", Permission.SOURCES_WRITE)
async def confirm(visit: Visit) -> Response:
    """Confirm the units that were ticked."""
    edition_id = visit.path("edition_id")
    wanted = visit.fields("unit")
    back = f"{LIST}/{edition_id}?tab=units&status=unconfirmed"
    if not wanted:
        return redirect(visit, back, Flash("sources.none_ticked", "warn"))
    changed = await visit.services.packs.confirm_units(edition_id, wanted, visit.member.id)
    return redirect(visit, back, Flash("sources.confirmed_done", "good", {"n": changed}))


@pages.post("/console/sources/{edition_id}/publish", Permission.SOURCES_PUBLISH)
async def publish(visit: Visit) -> Response:
    """Put a draft in force; whoever imported it is refused."""
    edition_id = visit.path("edition_id")
    await visit.services.packs.publish(edition_id, visit.member.id)
    return redirect(visit, f"{LIST}/{edition_id}", Flash("sources.published"))


@pages.post("/console/sources/{edition_id}/discard", Permission.SOURCES_WRITE)
async def discard(visit: Visit) -> Response:
    """Drop a draft."""
    await visit.services.packs.discard(visit.path("edition_id"), visit.member.id)
    return redirect(visit, LIST, Flash("sources.discarded_done", "info"))
