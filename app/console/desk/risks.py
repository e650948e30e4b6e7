"""Which tickets will have their turn too late, at the pace of the desk."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from app.console.desk.lines import TicketLine
from app.console.session import Visit
from app.review.states import Ticket


async def with_risks(
    visit: Visit, tickets: Sequence[Ticket], lines: Sequence[TicketLine]
) -> list[TicketLine]:
    """Return the lines of these tickets with what threatens each; nothing of what is held."""
    return [
        await _with_risk(visit, ticket, line) for ticket, line in zip(tickets, lines, strict=True)
    ]


async def _with_risk(visit: Visit, ticket: Ticket, line: TicketLine) -> TicketLine:
    wait = await visit.services.review.wait(ticket.rank, ticket.deadline)
    if line.holder or wait.seconds is None:
        return line
    now = visit.now()
    turn = now + timedelta(seconds=wait.seconds)
    risks = ((ticket.expires_at, "lost"), (max(ticket.deadline, now), "late"))
    return replace(line, risk=next((risk for end, risk in risks if turn > end), ""))
