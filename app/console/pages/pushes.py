"""Pushes: finding them, one with everything about it, and stopping one."""

import json
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from fastapi import Response

from app.console.desk.caps import PushCaps, push_caps
from app.console.desk.dossier import PushCard, push_card
from app.console.desk.lines import PushLine, push_line
from app.console.desk.marks import Piece, pieces
from app.console.desk.names import names_for
from app.console.desk.pair import without_sealed
from app.console.desk.popup import payload_sent
from app.console.desk.vendors import VendorOutlook, vendor_outlook
from app.console.flash import Flash
from app.console.forms import Form, refused
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import redirect, render
from app.domain.push import ContentKind
from app.domain.state import PushState, may_become
from app.errors import Conflict, Invalid
from app.pushes.records import Search, StoredPush
from app.staff.roles import Role
from app.wire import check_cursor

pages = Pages()

PUSHES: Final = "/console/pushes"
PAGE_SIZE: Final = 50
_LONGEST_WORDS: Final = 200


@dataclass(frozen=True, slots=True)
class SearchView:
    """What was looked for and a page of what was found; `counts` are of all pushes, by state."""

    wanted: Search
    is_empty: bool
    lines: tuple[PushLine, ...]
    counts: dict[str, int]
    providers: tuple[tuple[str, str], ...]
    next_page: str
    is_first_page: bool


@dataclass(frozen=True, slots=True)
class PushView:
    """One push; `outcomes` are (outcome, how many recipients), those without any left out.

    `exempted` is (exemption, how many it has let through).
    `sent` is the payload that the envelope carries, as indented JSON; empty before release.
    """

    card: PushCard
    line: PushLine
    ticket_id: str
    release_id: str
    released_at: str
    outcomes: tuple[tuple[str, int], ...]
    caps: PushCaps
    exempted: tuple[tuple[str, int], ...]
    sent: tuple[Piece, ...]
    vendors: VendorOutlook
    can_withdraw: bool
    is_recall: bool
    form: Form


@pages.get(PUSHES, Permission.PUSH_READ)
async def search(visit: Visit) -> Response:
    """List pushes, the newest first."""
    wanted = _wanted(visit)
    cursor = check_cursor(visit.query("cursor") or None, "psh")
    listed = await visit.services.views.search(wanted, PAGE_SIZE, cursor)
    names = await names_for(visit)
    view = SearchView(
        wanted=wanted,
        is_empty=wanted == Search(),
        lines=tuple(push_line(push, names) for push in listed.pushes),
        counts=await visit.services.views.counts(),
        providers=names.provider_choices(),
        next_page=_address(wanted, listed.next_cursor),
        is_first_page=cursor is None,
    )
    return await render(visit, "pushes/list.html", view)


@pages.get("/console/pushes/{push_id}", Permission.PUSH_READ)
async def push(visit: Visit) -> Response:
    """Show everything about one push."""
    return await _show(visit, Form())


@pages.post("/console/pushes/{push_id}/withdraw", Permission.PUSH_WITHDRAW)
async def withdraw(visit: Visit) -> Response:
    """Stop what is not yet sent and recall what can be."""
    push_id = visit.path("push_id")
    role = Role.ADMIN if Role.ADMIN in visit.member.roles else Role.LEAD
    try:
        done = await visit.services.pushes.withdraw_by_staff(
            visit.actor, role.value, push_id, visit.field("reason")
        )
    except (Invalid, Conflict) as error:
        return await _show(visit, refused(visit, error), error.status_code)
    counts = {"stopped": int(done["stopped"]), "recalled": int(done["recalled"])}
    return redirect(visit, f"{PUSHES}/{push_id}", Flash("pushes.withdrawn", "good", counts))


async def _show(visit: Visit, form: Form, status: int = 200) -> Response:
    dossier = await visit.services.views.dossier(visit.path("push_id"))
    names = await names_for(visit)
    dossier = await without_sealed(visit, dossier, names)
    release = None
    if dossier.release_id is not None:
        release = await visit.services.views.release(dossier.release_id)
    counted = dossier.outcomes or {}
    state = dossier.push.state
    view = PushView(
        card=push_card(dossier, names, visit.t),
        line=push_line(dossier.push, names),
        ticket_id=dossier.ticket_id or "",
        release_id=dossier.release_id or "",
        released_at="" if release is None else str(payload_sent(release.envelope)["released_at"]),
        outcomes=tuple((name, count) for name, count in counted.items() if count),
        caps=await push_caps(visit, dossier),
        exempted=tuple(sorted(dossier.exempted.items())),
        sent=() if release is None else _indented(payload_sent(release.envelope)),
        vendors=await vendor_outlook(visit, dossier),
        can_withdraw=visit.may(Permission.PUSH_WITHDRAW) and can_withdraw(dossier.push),
        is_recall=not may_become(state, PushState.WITHDRAWN),
        form=form,
    )
    return await render(visit, "pushes/push.html", view, status=status)


def can_withdraw(push: StoredPush) -> bool:
    """Tell whether anything of a push can still be stopped or recalled."""
    sent = {PushState.RELEASED, PushState.PARTLY_RELEASED}
    return may_become(push.state, PushState.WITHDRAWN) or push.state in sent


def _indented(payload: dict[str, object]) -> tuple[Piece, ...]:
    return pieces(json.dumps(payload, ensure_ascii=False, indent=2))


def _wanted(visit: Visit) -> Search:
    state, kind = visit.query("state"), visit.query("kind")
    return Search(
        text=visit.query("words")[:_LONGEST_WORDS],
        state=state if state in set(PushState) else "",
        kind=kind if kind in set(ContentKind) else "",
        provider_id=visit.query("provider"),
        surface_id=visit.query("surface"),
    )


def _address(wanted: Search, cursor: str | None) -> str:
    if cursor is None:
        return ""
    chosen = {
        "words": wanted.text,
        "state": wanted.state,
        "kind": wanted.kind,
        "provider": wanted.provider_id,
        "surface": wanted.surface_id,
        "cursor": cursor,
    }
    query = urlencode({name: value for name, value in chosen.items() if value})
    return f"{PUSHES}?{query}"
