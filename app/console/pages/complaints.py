"""Complaints: the list, and one beside the popup that it is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from fastapi import Response

from app.complaints.repository import Complaint, ComplaintFilter, ComplaintState, Reason
from app.complaints.service import read_number
from app.console.desk.dossier import PushCard, push_card
from app.console.desk.lines import PushLine, push_line
from app.console.desk.marks import Piece, pieces
from app.console.desk.names import names_for
from app.console.desk.pair import without_sealed
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import redirect, render
from app.errors import NotFound, Words

pages = Pages()

COMPLAINTS: Final = "/console/complaints"
PAGE_SIZE: Final = 50
_OTHERS: Final = 20


@dataclass(frozen=True, slots=True)
class ComplaintLine:
    """A complaint in a list, with the popup that it is about."""

    complaint: Complaint
    text: tuple[Piece, ...]
    push: PushLine


@dataclass(frozen=True, slots=True)
class ListView:
    """A page of complaints and what was chosen."""

    lines: tuple[ComplaintLine, ...]
    state: str
    reason: str
    number: str
    push: str
    is_empty: bool
    reasons: tuple[str, ...]
    states: tuple[str, ...]
    next_page: str
    is_first_page: bool


@dataclass(frozen=True, slots=True)
class ComplaintView:
    """One complaint; `others` are about the same popup."""

    complaint: Complaint
    text: tuple[Piece, ...]
    card: PushCard
    line: PushLine
    ticket_id: str
    others: tuple[Complaint, ...]


@pages.get(COMPLAINTS, Permission.COMPLAINT_READ)
async def complaints(visit: Visit) -> Response:
    """List complaints, the newest first; a whole number leads to its complaint at once."""
    typed = visit.query("number")
    number = read_number(typed) if typed else None
    if number is not None and await visit.services.complaints.by_number(number) is not None:
        return redirect(visit, f"{COMPLAINTS}/{number}")
    state, reason, push = visit.query("state"), visit.query("reason"), visit.query("push")
    wanted = ComplaintFilter(
        state=ComplaintState(state) if state in set(ComplaintState) else None,
        reason=Reason(reason) if reason in set(Reason) else None,
        push_id=push or None,
        number=(number or typed) if typed else None,
    )
    cursor = visit.query("cursor") or None
    found = await visit.services.complaints.find(wanted, cursor, PAGE_SIZE)
    view = ListView(
        lines=await _lines(visit, found.items),
        state="" if wanted.state is None else wanted.state.value,
        reason="" if wanted.reason is None else wanted.reason.value,
        number=typed,
        push=push,
        is_empty=wanted == ComplaintFilter(),
        reasons=tuple(one.value for one in Reason),
        states=tuple(one.value for one in ComplaintState),
        next_page=_address(wanted, found.next_cursor),
        is_first_page=cursor is None,
    )
    return await render(visit, "complaints/list.html", view)


@pages.get("/console/complaints/{number}", Permission.COMPLAINT_READ)
async def complaint(visit: Visit) -> Response:
    """Show one complaint with the popup as it was released."""
    found = await visit.services.complaints.by_number(visit.path("number"))
    if found is None:
        raise NotFound(Words("没有这个编号的投诉", "There is no complaint with this number"))
    names = await names_for(visit)
    dossier = await visit.services.views.dossier(found.push_id)
    dossier = await without_sealed(visit, dossier, names)
    same = await visit.services.complaints.find(
        ComplaintFilter(push_id=found.push_id), limit=_OTHERS
    )
    view = ComplaintView(
        complaint=found,
        text=pieces(found.text),
        card=push_card(dossier, names, visit.t),
        line=push_line(dossier.push, names),
        ticket_id=dossier.ticket_id or "",
        others=tuple(one for one in same.items if one.id != found.id),
    )
    return await render(visit, "complaints/complaint.html", view)


async def _lines(visit: Visit, found: Sequence[Complaint]) -> tuple[ComplaintLine, ...]:
    names = await names_for(visit)
    pushes = await visit.services.views.by_ids(one.push_id for one in found)
    return tuple(
        ComplaintLine(one, pieces(one.text), push_line(pushes[one.push_id], names))
        for one in found
        if one.push_id in pushes
    )


def _address(wanted: ComplaintFilter, cursor: str | None) -> str:
    if cursor is None:
        return ""
    chosen = {
        "state": wanted.state,
        "reason": wanted.reason,
        "push": wanted.push_id,
        "cursor": cursor,
    }
    return f"{COMPLAINTS}?{urlencode({name: value for name, value in chosen.items() if value})}"
