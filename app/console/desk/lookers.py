"""Who else has a ticket open, by name."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.console.desk.lines import TicketLine
from app.console.desk.names import Names, names_for
from app.console.session import Visit
from app.review.states import Ticket


@dataclass(frozen=True, slots=True)
class Lookers:
    """The names of the others who have a ticket open."""

    names: tuple[str, ...]


async def look(visit: Visit, ticket_id: str) -> Lookers:
    """Note that the reader has a ticket open, and return who else has; NotFound."""
    others = await visit.services.review.presence.look(ticket_id, visit.member.id)
    people = (await names_for(visit)).staff
    return Lookers(tuple(people[one] for one in others if one in people))


async def with_lookers(
    visit: Visit, tickets: Sequence[Ticket], lines: Sequence[TicketLine], names: Names
) -> tuple[TicketLine, ...]:
    """Return the lines with who else looks; who holds a ticket stands in its own column."""
    seen = await visit.services.review.presence.lookers(one.id for one in tickets)
    found = []
    for ticket, line in zip(tickets, lines, strict=True):
        shown_already = {visit.member.id, ticket.claimed_by}
        others = (one for one in seen.get(ticket.id, ()) if one not in shown_already)
        here = tuple(names.staff[one] for one in others if one in names.staff)
        found.append(replace(line, lookers=here))
    return tuple(found)
