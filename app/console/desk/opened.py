"""What the page of a ticket needs of the database, read at once for one reader."""

from dataclasses import dataclass

from app.console.desk.names import Names
from app.console.desk.reviewer import reviewer_in
from app.console.session import Visit
from app.db.session import Tx
from app.errors import NotFound, Words
from app.pushes.records import Search, StoredPush
from app.pushes.repository import search_pushes
from app.pushes.views import Dossier, dossier_in
from app.review.repository import ticket_by_id
from app.review.ruling_repository import StoredRuling
from app.review.states import Reviewer, Ticket
from app.staff import repository as people

_HISTORY = 6


@dataclass(frozen=True, slots=True)
class Opened:
    """A ticket and everything about its push.

    `reasons` is why the push needs two persons, `undoable` the reader's last ruling with the
    title that it was given on, as long as it can be taken back, `history` what else the provider
    has sent, the newest first.
    """

    ticket: Ticket
    dossier: Dossier
    names: Names
    reviewer: Reviewer
    reasons: tuple[str, ...]
    undoable: tuple[StoredRuling, str] | None
    history: tuple[StoredPush, ...]


async def opened(visit: Visit, ticket_id: str) -> Opened:
    """Return a ticket for the reader, all of it as of one moment; NotFound."""
    services, member = visit.services, visit.member
    register = await services.register.current()

    def work(tx: Tx) -> Opened:
        ticket = ticket_in(tx, ticket_id)
        reviewer = reviewer_in(tx, member, register)
        wanted = Search(provider_id=ticket.provider_id)
        found = search_pushes(tx, wanted, None, _HISTORY + 1)
        return Opened(
            ticket=ticket,
            dossier=dossier_in(tx, ticket.push_id),
            names=Names(people.names(tx), register),
            reviewer=reviewer,
            reasons=services.rulings.pair_reasons_in(tx, [ticket])[ticket.id],
            undoable=services.rulings.last_undoable_in(tx, reviewer.person),
            history=tuple(push for push in found if push.id != ticket.push_id)[:_HISTORY],
        )

    return await services.db.read(work)


async def asked(visit: Visit, ticket_id: str) -> tuple[Ticket, Reviewer]:
    """Return a ticket and who asks for it, as of one moment; NotFound."""
    member, register = visit.member, await visit.services.register.current()
    return await visit.services.db.read(
        lambda tx: (ticket_in(tx, ticket_id), reviewer_in(tx, member, register))
    )


def ticket_in(tx: Tx, ticket_id: str) -> Ticket:
    """Return a ticket as the transaction sees it; NotFound."""
    ticket = ticket_by_id(tx, ticket_id)
    if ticket is None:
        raise NotFound(Words("没有这张工单", "There is no such ticket"))
    return ticket
