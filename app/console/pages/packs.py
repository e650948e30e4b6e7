"""Rule packs: what is in force, the one being worked on, its way to the second admin and out."""

from dataclasses import dataclass
from typing import Final

from fastapi import Response

from app.console.flash import Flash
from app.console.forms import Form, refused
from app.console.people import Names, names
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import redirect, render
from app.errors import Conflict, Forbidden, Invalid, Words
from app.packs.differences import PackDiff, difference
from app.packs.moves import PackView
from app.packs.publishing import Overview

pages = Pages()

LIST: Final = "/console/packs"
_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class PacksView:
    """All packs, who has loaded what, and the form that begins another."""

    overview: Overview
    names: Names
    numbers: dict[str, int]
    form: Form


@dataclass(frozen=True, slots=True)
class OnePackView:
    """One pack, what it changes against what is in force, and what may be done with it."""

    overview: Overview
    pack: PackView
    diff: PackDiff
    names: Names
    list_titles: dict[str, tuple[str, str]]
    is_author: bool
    shown: int
    form: Form


@pages.get(LIST, Permission.WORDS_READ)
async def packs(visit: Visit) -> Response:
    """Show what is in force and everything before."""
    return await _list(visit, Form())


@pages.post("/console/packs/new", Permission.WORDS_WRITE)
async def begin(visit: Visit) -> Response:
    """Open a draft over what is in force."""
    title, note = visit.field("title").strip(), visit.field("note").strip()
    try:
        pack = await visit.services.authoring.begin(visit.member.id, title, note)
    except (Invalid, Conflict) as error:
        return await _list(visit, refused(visit, error), error.status_code)
    values = {"number": pack.number}
    return redirect(visit, f"{LIST}/{pack.id}", Flash("packs.begun", "info", values))


@pages.post("/console/packs/roll-back", Permission.PACKS_PUBLISH)
async def roll_back(visit: Visit) -> Response:
    """Undo the last publishing."""
    reason = visit.field("reason").strip()
    pack = await visit.services.publishing.roll_back(visit.member.id, reason)
    if pack is None:
        return redirect(visit, LIST, Flash("packs.rolled_back_shipped"))
    values = {"number": pack.number}
    return redirect(visit, LIST, Flash("packs.rolled_back_done", "good", values))


@pages.get("/console/packs/{pack_id}", Permission.WORDS_READ)
async def pack(visit: Visit) -> Response:
    """Show one pack and what it changes."""
    return await _one(visit, Form())


@pages.post("/console/packs/{pack_id}/propose", Permission.WORDS_WRITE)
async def propose(visit: Visit) -> Response:
    """Ask for the second approval; examples that fail are shown."""
    pack_id, note = visit.path("pack_id"), visit.field("reason").strip()
    try:
        await visit.services.authoring.propose(pack_id, visit.member.id, note)
    except (Invalid, Conflict) as error:
        return await _one(visit, refused(visit, error), error.status_code)
    return _moved(visit, "packs.proposed_done")


@pages.post("/console/packs/{pack_id}/approve", Permission.PACKS_PUBLISH)
async def approve(visit: Visit) -> Response:
    """Give the second approval to the revision that was looked at."""
    revision = visit.field("revision")
    if not revision.isdecimal():
        words = Words("缺少所查看的修订号", "It is not said which revision was looked at")
        raise Conflict(words, code="changed_meanwhile")
    publishing = visit.services.publishing
    await publishing.approve(visit.path("pack_id"), visit.member.id, int(revision))
    return _moved(visit, "packs.approved_done")


@pages.post("/console/packs/{pack_id}/return", Permission.PACKS_PUBLISH)
async def send_back(visit: Visit) -> Response:
    """Make a draft of it again."""
    reason = visit.field("reason").strip()
    await visit.services.publishing.send_back(visit.path("pack_id"), visit.member.id, reason)
    return _moved(visit, "packs.returned_done", "info")


@pages.post("/console/packs/{pack_id}/discard", Permission.WORDS_WRITE)
async def discard(visit: Visit) -> Response:
    """Drop it."""
    reason = visit.field("reason").strip()
    await visit.services.publishing.discard(visit.path("pack_id"), visit.member.id, reason)
    return redirect(visit, LIST, Flash("packs.discarded_done", "info"))


@pages.post("/console/packs/{pack_id}/publish", Permission.PACKS_PUBLISH)
async def publish(visit: Visit) -> Response:
    """Put it in force everywhere."""
    pack_id, reason = visit.path("pack_id"), visit.field("reason").strip()
    force = visit.field("force") == "yes"
    try:
        await visit.services.publishing.publish(pack_id, visit.member.id, reason, force=force)
    except (Invalid, Conflict, Forbidden) as error:
        return await _one(visit, refused(visit, error), error.status_code)
    return _moved(visit, "packs.published_done")


def _moved(visit: Visit, key: str, tone: str = "good") -> Response:
    return redirect(visit, f"{LIST}/{visit.path('pack_id')}", Flash(key, tone))


async def _list(visit: Visit, form: Form, status: int = 200) -> Response:
    overview = await visit.services.publishing.overview()
    numbers = {one.id: one.number for one in overview.packs}
    view = PacksView(overview, await names(visit), numbers, form)
    return await render(visit, "packs/list.html", view, status=status)


async def _one(visit: Visit, form: Form, status: int = 200) -> Response:
    services = visit.services
    found = await services.authoring.view(visit.path("pack_id"))
    loader = services.packs.loader
    lists = loader.base.lexicon.lists
    view = OnePackView(
        overview=await services.publishing.overview(),
        pack=found,
        diff=difference(loader.ships, found.active_content, found.content),
        names=await names(visit),
        list_titles={one.list_id: (one.title_zh, one.title_en) for one in lists},
        is_author=visit.member.id in found.authors,
        shown=_SHOWN,
        form=form,
    )
    return await render(visit, "packs/pack.html", view, status=status)
