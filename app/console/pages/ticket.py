"""One ticket at the desk: looking, claiming, keeping the claim, handing it back or on."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final

from fastapi import Response

from app.console.desk.lookers import look
from app.console.desk.opened import asked
from app.console.desk.reviewer import reviewer_of
from app.console.desk.ticket import ticket_view
from app.console.flash import Flash
from app.console.forms import Fault, Form, refused, typed
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import redirect, render
from app.errors import Invalid, NotFound, Words
from app.review.service import Passing
from app.review.states import PassWay, Refusal, Ticket

pages = Pages()

_LONGEST_NUMBER: Final = 9
_NOT_FOR_YOU: Final = frozenset(
    {
        Refusal.OWN_PUSH,
        Refusal.TIED,
        Refusal.NOT_YOURS,
        Refusal.PASSED,
        Refusal.NEEDS_LEAD,
        Refusal.RULED,
        Refusal.NEEDS_ARBITER,
    }
)


@dataclass(frozen=True, slots=True)
class Lease:
    """What the open page is told about its claim; `lapsed` is why it is gone, or empty."""

    ticket_id: str
    fencing: int
    until: datetime | None
    claim_seconds: int
    lapsed: str


def address(ticket_id: str) -> str:
    """Return where a ticket's page stands."""
    return f"/console/tickets/{ticket_id}"


def fencing_number(visit: Visit) -> int:
    """Return the fencing number that the form carries; -1, which nobody holds, for none."""
    text = visit.field("fencing")
    good = text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER
    return int(text) if good else -1


@pages.get("/console/tickets/{ticket_id}", Permission.QUEUE_READ)
async def ticket(visit: Visit) -> Response:
    """Show a ticket; looking claims nothing."""
    view = await ticket_view(visit, visit.path("ticket_id"), Form())
    return await render(visit, "desk/ticket.html", view)


@pages.post("/console/tickets/{ticket_id}/claim", Permission.TICKET_RULE)
async def claim(visit: Visit) -> Response:
    """Claim this ticket, or renew one's own claim on it."""
    ticket_id = visit.path("ticket_id")
    claimed = await visit.services.review.claim(await reviewer_of(visit), ticket_id)
    if claimed is Refusal.NOT_FOUND:
        raise NotFound(Words("没有这张工单", "There is no such ticket"))
    if isinstance(claimed, Refusal):
        return redirect(
            visit, address(ticket_id), Flash(f"desk.refused.{claimed.value}.title", "warn")
        )
    return redirect(visit, address(ticket_id))


@pages.post("/console/tickets/{ticket_id}/heartbeat", Permission.TICKET_RULE, is_heartbeat=True)
async def heartbeat(visit: Visit) -> Response:
    """Keep the claim of an open page alive; the answer is the part of it that shows the claim."""
    fencing = fencing_number(visit)
    ticket_id = visit.path("ticket_id")
    held = await visit.services.review.heartbeat(await reviewer_of(visit), ticket_id, fencing)
    lapsed = held.value if isinstance(held, Refusal) else ""
    lease = Lease(
        ticket_id=ticket_id,
        fencing=fencing,
        until=None if isinstance(held, Refusal) else held.lease_until,
        claim_seconds=visit.services.settings.claim_seconds,
        lapsed=lapsed,
    )
    if visit.is_htmx:
        return await render(visit, "desk/lease.html", lease)
    if lapsed:
        return redirect(visit, address(ticket_id), Flash(f"desk.refused.{lapsed}.title", "warn"))
    return redirect(visit, address(ticket_id), Flash("desk.renewed"))


@pages.post("/console/tickets/{ticket_id}/looking", Permission.QUEUE_READ, is_heartbeat=True)
async def looking(visit: Visit) -> Response:
    """Take an open page's word that somebody looks; the answer is who else does."""
    others = await look(visit, visit.path("ticket_id"))
    if not visit.is_htmx:
        return redirect(visit, address(visit.path("ticket_id")))
    return await render(visit, "desk/lookers.html", others)


@pages.post("/console/tickets/{ticket_id}/hand-back", Permission.TICKET_RULE)
async def hand_back(visit: Visit) -> Response:
    """Give the claim up."""
    refusal = await visit.services.review.hand_back(
        await reviewer_of(visit), visit.path("ticket_id"), fencing_number(visit)
    )
    if refusal is Refusal.NOT_FOUND:
        raise NotFound(Words("没有这张工单", "There is no such ticket"))
    if refusal is not None:
        flash = Flash(f"desk.refused.{refusal.value}.title", "warn")
        return redirect(visit, address(visit.path("ticket_id")), flash)
    return redirect(visit, "/console/queue", Flash("desk.handed_back", "info"))


@pages.post("/console/tickets/{ticket_id}/pass", Permission.TICKET_RULE)
async def pass_on(visit: Visit) -> Response:
    """Skip, recuse or escalate; whichever, the ticket is somebody else's from now on."""
    found, reviewer = await asked(visit, visit.path("ticket_id"))
    way = visit.field("way")
    if way not in set(PassWay):
        return await _again(visit, found, typed(visit, [Fault("way", visit.t("desk.pass.blank"))]))
    passing = Passing(PassWay(way), visit.field("pass_reason").replace("\r\n", "\n"))
    try:
        refusal = await visit.services.review.pass_on(
            reviewer, found.id, fencing_number(visit), passing
        )
    except Invalid as error:
        return await _again(visit, found, refused(visit, error))
    if refusal is Refusal.NO_LEAD:
        fault = Fault("way", visit.t("desk.refused.no_lead_left.text"))
        return await _again(visit, found, typed(visit, [fault]))
    if refusal is not None:
        flash = Flash(f"desk.refused.{refusal.value}.title", "warn")
        return redirect(visit, address(found.id), flash)
    return redirect(visit, "/console/queue", Flash(f"desk.pass.done_{way}", "info"))


async def _again(visit: Visit, found: Ticket, form: Form) -> Response:
    view = await ticket_view(visit, found.id, form)
    return await render(visit, "desk/ticket.html", view, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def refused_status(refusal: Refusal) -> int:
    """Return the status of a page that says why something was refused."""
    if refusal is Refusal.NOT_FOUND:
        return HTTPStatus.NOT_FOUND
    if refusal is Refusal.UNDO_OVER:
        return HTTPStatus.GONE
    if refusal in _NOT_FOR_YOU:
        return HTTPStatus.FORBIDDEN
    return HTTPStatus.CONFLICT
