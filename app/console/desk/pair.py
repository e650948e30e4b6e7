"""What the desk shows of a push that needs two persons, and what it keeps from whom."""

from dataclasses import dataclass, replace
from datetime import datetime

from app.console.desk.names import Names
from app.console.desk.past import PastRuling, past_rulings
from app.console.desk.reviewer import reviewer_in
from app.console.permissions import Permission
from app.console.session import Visit
from app.db.session import Tx
from app.domain.state import PushState
from app.pushes.views import Dossier
from app.review.repository import ticket_by_id
from app.review.ruling_repository import StoredRuling
from app.review.states import Reviewer, Ticket, why_not_review


@dataclass(frozen=True, slots=True)
class UndoBar:
    """One's own ruling that can still be taken back; `title` only of another ticket's push."""

    ruling_id: str
    until: datetime
    ticket_id: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class PairDesk:
    """Why two are needed (nothing if one is enough), and what the reader may know of the others.

    `mine` is the reader's own sealed ruling, `others` those that an arbiter weighs or that
    somebody reads who may not rule.
    """

    reasons: tuple[str, ...] = ()
    arbitrates: bool = False
    mine: PastRuling | None = None
    undo: UndoBar | None = None
    others: tuple[PastRuling, ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads about a push, and what the database says of it for them.

    `reasons` is why the push needs two persons, if it does.
    """

    reviewer: Reviewer
    names: Names
    ticket: Ticket | None
    reasons: tuple[str, ...]


def paired(visit: Visit, dossier: Dossier, reader: Reader) -> tuple[Dossier, PairDesk]:
    """Return what the reader may see of a push, and how it stands with two persons.

    While a push that needs two is in review, whoever may still rule on it sees no earlier ruling
    and no change of state but the first: neither that somebody has ruled nor how.
    """
    ticket, reviewer, names = reader.ticket, reader.reviewer, reader.names
    if ticket is None or dossier.push.state is not PushState.IN_REVIEW or not reader.reasons:
        return dossier, PairDesk()
    own = [one for one in dossier.sealed if one.ruling.reviewer == reviewer.person]
    arbitrates = is_arbiter(ticket, reviewer)
    desk = PairDesk(
        reasons=reader.reasons,
        arbitrates=arbitrates,
        mine=next(iter(past_rulings(tuple(own), names, visit.t)), None),
        undo=_undo(own, visit.now()),
    )
    if visit.may(Permission.TICKET_RULE):
        others = past_rulings(dossier.sealed, names, visit.t) if arbitrates else ()
        blind = replace(dossier, rulings=(), sealed=(), timeline=dossier.timeline[:1])
        return blind, replace(desk, others=others)
    return dossier, replace(desk, others=past_rulings(dossier.sealed, names, visit.t))


async def without_sealed(visit: Visit, dossier: Dossier, names: Names) -> Dossier:
    """Return what the reader may see of a push, away from its ticket."""
    ticket_id, services, member = dossier.ticket_id, visit.services, visit.member
    if ticket_id is None:
        return dossier
    register = await services.register.current()

    def work(tx: Tx) -> Reader:
        ticket = ticket_by_id(tx, ticket_id)
        found = [] if ticket is None else [ticket]
        reasons = services.rulings.pair_reasons_in(tx, found).get(ticket_id, ())
        return Reader(reviewer_in(tx, member, register), names, ticket, reasons)

    seen, _ = paired(visit, dossier, await services.db.read(work))
    return seen


def is_arbiter(ticket: Ticket, reviewer: Reviewer) -> bool:
    """Tell whether this person may have the last word on a push that two disagree on."""
    return ticket.needs_arbiter and why_not_review(ticket, reviewer) is None


def _undo(own: list[StoredRuling], now: datetime) -> UndoBar | None:
    for stored in own:
        if now < stored.undo_until:
            return UndoBar(stored.ruling.id, stored.undo_until, stored.ticket_id)
    return None
