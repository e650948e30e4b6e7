"""Giving a ruling from the desk and taking an approval back, each refusal on a page of its own."""

from dataclasses import dataclass

from fastapi import Response

from app.console.desk.findings import known_clauses
from app.console.desk.lines import TicketLine, ticket_line
from app.console.desk.names import names_for
from app.console.desk.opened import asked
from app.console.desk.reviewer import reviewer_of
from app.console.desk.ticket import BLANK, ticket_view
from app.console.flash import Flash
from app.console.forms import Fault, typed
from app.console.pages.ticket import address, fencing_number, refused_status
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import redirect, render
from app.domain.decision import RulingVerdict
from app.errors import NotFound, Words
from app.ids import is_id
from app.pushes.ruling_request import LONGEST_REASON, RulingRequest
from app.review.states import Refusal, Reviewer, Ticket

pages = Pages()

_UNPROCESSABLE = 422
# What the reviewer can mend in the form itself; all else means that the world has moved on.
_MENDABLE = {Refusal.HOLDS_NOT_CLEARED: "clears", Refusal.NOT_CHECKED: "checked"}


@dataclass(frozen=True, slots=True)
class RefusedView:
    """Why a ruling was not taken, and everything that was typed."""

    code: str
    line: TicketLine | None
    ticket_id: str
    verdict: str
    clause: str
    reason: str
    checked: str


@pages.post("/console/tickets/{ticket_id}/ruling", Permission.TICKET_RULE)
async def rule(visit: Visit) -> Response:
    """Record a ruling on exactly the bytes that the page showed, and go on to the next if asked."""
    ticket, reviewer = await asked(visit, visit.path("ticket_id"))
    faults = _faults(visit)
    if faults:
        return await _again(visit, ticket, faults)
    verdict = RulingVerdict(visit.field("verdict"))
    given = await visit.services.rulings.rule(reviewer, _request(visit, ticket, verdict))
    if isinstance(given, Refusal):
        return await _refused(visit, ticket, reviewer, given)
    done = None if verdict is RulingVerdict.APPROVE else Flash(f"desk.done.{verdict.value}")
    if given.is_sealed:
        done = Flash("desk.pair.sealed_done")
    if visit.field("then") != "next":
        return redirect(visit, address(ticket.id), done)
    claimed = await visit.services.review.claim_next(reviewer)
    if isinstance(claimed, Refusal):
        return redirect(
            visit, address(ticket.id), Flash(f"desk.refused.{claimed.value}.title", "info")
        )
    return redirect(visit, address(claimed.id), done)


@pages.post("/console/rulings/{ruling_id}/undo", Permission.TICKET_RULE)
async def undo(visit: Visit) -> Response:
    """Take one's own approval back; the ticket is open again and claimed at once if it can be."""
    reviewer = await reviewer_of(visit)
    reopened = await visit.services.rulings.undo(reviewer, visit.path("ruling_id"))
    if isinstance(reopened, Refusal):
        ticket_id = visit.field("ticket") if is_id("tkt", visit.field("ticket")) else ""
        view = RefusedView(reopened.value, None, ticket_id, "", "", "", "")
        return await render(visit, "desk/undo_refused.html", view, status=refused_status(reopened))
    await visit.services.review.claim(reviewer, reopened.id)
    return redirect(visit, address(reopened.id), Flash("desk.undone"))


def _request(visit: Visit, ticket: Ticket, verdict: RulingVerdict) -> RulingRequest:
    approves = verdict is RulingVerdict.APPROVE
    return RulingRequest(
        ticket_id=ticket.id,
        fencing=fencing_number(visit),
        digest=visit.field("digest"),
        verdict=verdict,
        clause=None if approves else visit.field("clause"),
        reason=_plain(visit.field("reason")),
        clears=tuple(dict.fromkeys(visit.fields("clears"))) if approves else (),
        checked=_plain(visit.field("checked")) if approves else "",
    )


def _faults(visit: Visit) -> list[Fault]:
    """Return what is wrong with the form itself."""
    t, verdict, reason = visit.t, visit.field("verdict"), _plain(visit.field("reason"))
    faults = []
    if verdict not in set(RulingVerdict):
        return [Fault("verdict", t("desk.fault.verdict"))]
    if verdict != RulingVerdict.APPROVE and visit.field("clause") not in known_clauses():
        faults.append(Fault("clause", t("desk.fault.clause")))
    if not reason:
        faults.append(Fault("reason", t("desk.fault.reason")))
    elif BLANK in reason:
        faults.append(Fault("reason", t("desk.fault.blank", blank=BLANK)))
    elif len(reason) > LONGEST_REASON:
        faults.append(Fault("reason", t("desk.fault.long", limit=LONGEST_REASON)))
    if len(visit.field("checked")) > LONGEST_REASON:
        faults.append(Fault("checked", t("desk.fault.long", limit=LONGEST_REASON)))
    return faults


async def _again(visit: Visit, ticket: Ticket, faults: list[Fault]) -> Response:
    view = await ticket_view(visit, ticket.id, typed(visit, faults))
    return await render(visit, "desk/ticket.html", view, status=_UNPROCESSABLE)


async def _refused(visit: Visit, ticket: Ticket, reviewer: Reviewer, refusal: Refusal) -> Response:
    if refusal is Refusal.NOT_FOUND:
        raise NotFound(Words("没有这张工单", "There is no such ticket"))
    if refusal in _MENDABLE:
        fault = Fault(_MENDABLE[refusal], visit.t(f"desk.fault.{refusal.value}"))
        return await _again(visit, ticket, [fault])
    again = {Refusal.CLOSED, Refusal.RULED}
    if refusal in again and await _was_given(visit, ticket, reviewer):
        # The same form twice, by a second click or a reload: the ruling stands, once.
        return redirect(visit, address(ticket.id))
    names = await names_for(visit)
    now_open = await visit.services.review.ticket(ticket.id) or ticket
    view = RefusedView(
        code=refusal.value,
        line=ticket_line(now_open, names, reviewer, visit.now()),
        ticket_id=ticket.id,
        verdict=visit.field("verdict"),
        clause=visit.field("clause"),
        reason=visit.field("reason"),
        checked=visit.field("checked"),
    )
    return await render(visit, "desk/refused.html", view, status=refused_status(refusal))


async def _was_given(visit: Visit, ticket: Ticket, reviewer: Reviewer) -> bool:
    """Tell whether the reader's last ruling on the push is this very one."""
    dossier = await visit.services.views.dossier(ticket.push_id)
    every = (*dossier.rulings, *dossier.sealed)
    own = [one for one in every if one.ruling.reviewer == reviewer.person]
    if not own:
        return False
    last = own[-1]
    same = (last.ruling.verdict.value, last.ruling.digest)
    return (
        (last.standing or last.is_sealed)
        and same == (visit.field("verdict"), visit.field("digest"))
        and last.ruling.reason.startswith(_plain(visit.field("reason")))
    )


def _plain(text: str) -> str:
    """Return a typed text with the line ends of the ledger."""
    return text.replace("\r\n", "\n").strip()
