"""Which tickets will have their turn too late, at the pace of the desk."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from app.console.desk.lines import TicketLine
from app.console.session import Visit
from app.review.states import Ticket


async def with_risks(
    visit: Visit, tickets: Sequence[Ticket], lines: Sequence[TicketLine]
) -> list[TicketLine]:
    """Return the lines of these tickets with what threatens each; nothing of what is held."""
    before: Counter[tuple[int, datetime]] = Counter()
    found = []
    for ticket, line in zip(tickets, lines, strict=True):
        place = (ticket.rank, ticket.deadline.replace(second=0, microsecond=0))
        found.append(await _with_risk(visit, ticket, line, before[place]))
        before[place] += 1
    return found


async def _with_risk(visit: Visit, ticket: Ticket, line: TicketLine, behind: int) -> TicketLine:
    wait = await visit.services.review.wait(ticket.rank, ticket.deadline, behind)
    if line.holder or wait.seconds is None:
        return line
    now = visit.now()
    turn = now + timedelta(seconds=wait.seconds)
    risks = ((ticket.expires_at, "lost"), (max(ticket.deadline, now), "late"))
    return replace(line, risk=next((risk for end, risk in risks if turn > end), ""))
