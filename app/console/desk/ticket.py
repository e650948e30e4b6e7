"""The desk for one ticket: who may do what with it now, and the decision form."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Final

from app.console.desk.dossier import PushCard, push_card
from app.console.desk.findings import Hold, clause_choices, holds
from app.console.desk.lines import PushLine, TicketLine, push_line, ticket_line
from app.console.desk.opened import Opened, opened
from app.console.desk.pair import PairDesk, Reader, UndoBar, paired
from app.console.desk.vendors import VendorOutlook, vendor_outlook
from app.console.forms import Form
from app.console.permissions import Permission
from app.console.session import Visit
from app.console.texts import Texts
from app.domain.decision import Verdict
from app.domain.state import PushState
from app.pushes.ruling_request import LONGEST_REASON
from app.pushes.views import Dossier
from app.review.presence import BEAT_SECONDS
from app.review.service import LONGEST_PASS_REASON
from app.review.states import Reviewer, Ticket, why_not_review

BLANK: Final = "＿＿"
"""What stands in a reason template where the reviewer has to write something."""


class Standing(StrEnum):
    """What the reader can do with the ticket at this moment."""

    MINE = "mine"
    FREE = "free"
    OTHERS = "others"
    NEVER = "never"
    CLOSED = "closed"
    LOOKING = "looking"


@dataclass(frozen=True, slots=True)
class Template:
    """A reason that is often given; blanks in it have to be filled."""

    verdict: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class PastPass:
    """Who passed the ticket on, how, why and when; the reason may be empty."""

    person: str
    way: str
    reason: str
    passed_at: datetime


@dataclass(frozen=True, slots=True)
class TicketView:
    """The page of a ticket.

    `clauses` are (value, words) of the findings' clauses and of all others; `blocked_by` says
    why an approval is impossible: `block`, `outage`, `altered` or nothing.
    """

    line: TicketLine
    card: PushCard
    standing: Standing
    fencing: int
    lease_until: datetime | None
    claim_seconds: int
    undo_seconds: int
    holds: tuple[Hold, ...]
    needs_check: bool
    blocked_by: str
    clauses: tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]
    templates: tuple[Template, ...]
    longest_reason: int
    undo: UndoBar | None
    history: tuple[PushLine, ...]
    form: Form
    is_late: bool
    passes: tuple[PastPass, ...]
    longest_pass_reason: int
    vendors: VendorOutlook
    beat_seconds: int
    pair: PairDesk


async def ticket_view(visit: Visit, ticket_id: str, form: Form) -> TicketView:
    """Return the page of a ticket for the reader; NotFound."""
    services, t = visit.services, visit.t
    read = await opened(visit, ticket_id)
    ticket, reviewer, names = read.ticket, read.reviewer, read.names
    dossier, pair = paired(visit, read.dossier, Reader(reviewer, names, ticket, read.reasons))
    card = push_card(dossier, names, t)
    standing = _standing(visit, ticket, reviewer)
    is_mine = standing is Standing.MINE
    return TicketView(
        line=ticket_line(ticket, names, reviewer, visit.now(), pair.reasons),
        card=card,
        standing=standing,
        fencing=ticket.fencing,
        lease_until=ticket.lease_until if is_mine else None,
        claim_seconds=services.settings.claim_seconds,
        undo_seconds=services.settings.undo_seconds,
        holds=holds(card.findings),
        needs_check=any(one.unverifiable == "unknowable" for one in card.findings),
        blocked_by=_blocked_by(card),
        clauses=clause_choices(card.findings, t),
        templates=templates(t),
        longest_reason=LONGEST_REASON,
        undo=pair.undo or undo_bar(dossier, reviewer, visit.now()) or _last_undo(read),
        pair=pair,
        history=tuple(push_line(push, names) for push in read.history),
        form=form,
        is_late=card.push.expires_at <= visit.now(),
        passes=tuple(
            PastPass(
                names.staff.get(one.staff_id, one.staff_id), one.way, one.reason, one.passed_at
            )
            for one in dossier.passes
        ),
        longest_pass_reason=LONGEST_PASS_REASON,
        vendors=await vendor_outlook(visit, dossier),
        beat_seconds=BEAT_SECONDS,
    )


def undo_bar(dossier: Dossier, reviewer: Reviewer, now: datetime) -> UndoBar | None:
    """Return the reader's own approval that can still be taken back."""
    if dossier.push.state is not PushState.APPROVED:
        return None
    for stored in reversed(dossier.rulings):
        mine = stored.ruling.reviewer == reviewer.person
        if mine and stored.standing and now < stored.undo_until:
            return UndoBar(stored.ruling.id, stored.undo_until, stored.ticket_id)
    return None


def _last_undo(read: Opened) -> UndoBar | None:
    """Return the reader's last ruling, given on another ticket, that can still be taken back."""
    if read.undoable is None:
        return None
    stored, title = read.undoable
    return UndoBar(stored.ruling.id, stored.undo_until, stored.ticket_id, title)


@cache
def templates(t: Texts) -> tuple[Template, ...]:
    """Return the reason templates of the catalogue, numbered from 1 under each verdict."""
    found = []
    for verdict in ("approve", "return", "refuse"):
        number = 1
        while t.has(f"desk.template.{verdict}.{number}.text"):
            key = f"desk.template.{verdict}.{number}"
            found.append(Template(verdict, t(f"{key}.title"), t(f"{key}.text")))
            number += 1
    return tuple(found)


def _standing(visit: Visit, ticket: Ticket, reviewer: Reviewer) -> Standing:
    if ticket.state != "open":
        return Standing.CLOSED
    if not visit.may(Permission.TICKET_RULE):
        return Standing.LOOKING
    if why_not_review(ticket, reviewer) is not None:
        return Standing.NEVER
    if not ticket.is_held(visit.now()):
        return Standing.FREE
    return Standing.MINE if ticket.claimed_by == reviewer.staff_id else Standing.OTHERS


def _blocked_by(card: PushCard) -> str:
    if not card.is_genuine:
        return "altered"
    if card.decision.verdict is Verdict.BLOCK:
        return "block"
    return "outage" if card.decision.waits_for_outage else ""
