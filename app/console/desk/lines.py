"""Tickets and pushes as lines of a table."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.console.desk.findings import HUMAN_REVIEW
from app.console.desk.marks import Piece, pieces
from app.console.desk.names import Names
from app.pushes.records import StoredPush
from app.review.states import Reviewer, Ticket, why_not_review
from app.rules.catalogue import CATALOGUE

_TOPICS: Final = {rule.id: rule.topic.value for rule in CATALOGUE}
_SOON: Final = timedelta(minutes=30)
_VERY_SOON: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class TicketLine:
    """A ticket in the queue; `holder` is a name, empty if free; `never` why one may not rule.

    `risk` is `lost` if it will expire before its turn at the desk's pace, `late` if its deadline
    will be over by then, else empty.
    """

    id: str
    push_id: str
    title: tuple[Piece, ...]
    kind: str
    provider: str
    surface: str
    topics: tuple[str, ...]
    is_emergency: bool
    deadline: datetime
    urgency: str
    opened_at: datetime
    holder: str
    is_mine: bool
    never: str
    is_escalated: bool
    pair: tuple[str, ...]
    needs_arbiter: bool
    lookers: tuple[str, ...] = ()
    """Who else has its page open, the holder left out."""
    risk: str = ""


@dataclass(frozen=True, slots=True)
class PushLine:
    """A push in a list."""

    id: str
    external_id: str
    title: tuple[Piece, ...]
    kind: str
    state: str
    verdict: str
    provider: str
    surface: str
    is_emergency: bool
    submitted_at: datetime
    state_at: datetime


def ticket_line(
    ticket: Ticket, names: Names, reviewer: Reviewer, now: datetime, pair: tuple[str, ...] = ()
) -> TicketLine:
    """Return a ticket as a line; topics of its holds, each once, human review only if alone.

    `pair` is why two persons are needed. That it waits for an arbiter is told to leads who may
    be the one, and to nobody else.
    """
    held = ticket.is_held(now)
    topics = dict.fromkeys(_TOPICS.get(rule, rule) for rule in ticket.holds if rule != HUMAN_REVIEW)
    never = why_not_review(ticket, reviewer)
    return TicketLine(
        id=ticket.id,
        push_id=ticket.push_id,
        title=pieces(ticket.title),
        kind=ticket.kind,
        provider=names.provider(ticket.provider_id),
        surface=names.surface(ticket.surface_id),
        topics=tuple(topics),
        is_emergency=ticket.rank == 0,
        deadline=ticket.deadline,
        urgency=urgency(ticket.deadline, now),
        opened_at=ticket.opened_at,
        holder=names.staff.get(ticket.claimed_by or "", "") if held else "",
        is_mine=held and ticket.claimed_by == reviewer.staff_id,
        never="" if never is None else never.value,
        is_escalated=ticket.escalated_at is not None,
        pair=pair,
        needs_arbiter=ticket.needs_arbiter and never is None,
    )


def push_line(push: StoredPush, names: Names) -> PushLine:
    """Return a push as a line."""
    return PushLine(
        id=push.id,
        external_id=push.external_id or "",
        title=pieces(push.title),
        kind=push.kind,
        state=push.state.value,
        verdict=push.verdict.value,
        provider=names.provider(push.provider_id),
        surface=names.surface(push.surface_id),
        is_emergency=push.urgency == "emergency",
        submitted_at=push.submitted_at,
        state_at=push.state_at,
    )


def urgency(deadline: datetime, now: datetime) -> str:
    """Return how little time is left: `over`, `now`, `soon` or `later`."""
    left = deadline - now
    if left <= timedelta(0):
        return "over"
    if left <= _VERY_SOON:
        return "now"
    return "soon" if left <= _SOON else "later"
