"""Looking through the tickets that are closed: by words, people, rule, verdict and time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from app.db.session import Tx
from app.review.models import IS_CLOSED, rulings, ticket_texts, tickets
from app.review.queue_repository import held_by, of_same
from app.review.repository import ticket_from
from app.review.ruling_repository import StoredRuling, ruling_from
from app.review.states import Ticket
from app.review.words import plain

MOST_WORDS: Final = 5
UNRULED: Final = "none"
"""The verdict of what was closed without one: expired, withdrawn, blocked."""


@dataclass(frozen=True, slots=True)
class PastFilter:
    """What is looked for among closed tickets; None and empty find all.

    `words` have all to stand in title or body. `verdict` is a ruling's or `UNRULED`; together with
    `reviewer` (`staff:…`) it asks for one ruling of both, undone ones too.
    """

    since: datetime
    until: datetime
    words: tuple[str, ...] = ()
    kind: str | None = None
    provider_id: str | None = None
    sender_id: str | None = None
    reviewer: str | None = None
    verdict: str | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class PastTicket:
    """A closed ticket with every ruling on it, the oldest first."""

    ticket: Ticket
    closed_at: datetime
    rulings: tuple[StoredRuling, ...]


def past(tx: Tx, wanted: PastFilter, limit: int, after: str | None = None) -> list[PastTicket]:
    """Return closed tickets, the last closed first, from behind the ticket `after` on."""
    where = _matching(tx, wanted)
    if after is not None:
        at = tx.execute(select(tickets.c.closed_at).where(tickets.c.id == after)).scalar()
        if at is None:
            return []
        where &= or_(
            tickets.c.closed_at < at, and_(tickets.c.closed_at == at, tickets.c.id < after)
        )
    last_first = (tickets.c.closed_at.desc(), tickets.c.id.desc())
    # What is looked for by is in the index; whole rows are read for one page alone.
    ids = list(
        tx.execute(select(tickets.c.id).where(where).order_by(*last_first).limit(limit)).scalars()
    )
    query = select(tickets).where(tickets.c.id.in_(ids)).order_by(*last_first)
    found = [ticket_from(row) for row in tx.execute(query)]
    given = _rulings_on(tx, [one.id for one in found])
    return [
        PastTicket(one, one.closed_at, given.get(one.id, ()))
        for one in found
        if one.closed_at is not None
    ]


def _rulings_on(tx: Tx, ticket_ids: Sequence[str]) -> dict[str, tuple[StoredRuling, ...]]:
    query = select(rulings).where(rulings.c.ticket_id.in_(ticket_ids))
    found: dict[str, tuple[StoredRuling, ...]] = {}
    for row in tx.execute(query.order_by(rulings.c.given_at, rulings.c.id)):
        found[row.ticket_id] = (*found.get(row.ticket_id, ()), ruling_from(row))
    return found


def _matching(tx: Tx, wanted: PastFilter) -> ColumnElement[bool]:
    where = and_(IS_CLOSED, tickets.c.closed_at >= wanted.since, tickets.c.closed_at < wanted.until)
    where = and_(where, *of_same(wanted.kind, wanted.provider_id, wanted.sender_id))
    if wanted.rule is not None:
        where &= held_by((wanted.rule,))
    if wanted.words:
        where &= tickets.c.id.in_(_saying(tx, wanted.words))
    return and_(where, *_ruled(wanted))


def _ruled(wanted: PastFilter) -> Iterable[ColumnElement[bool]]:
    on_it = rulings.c.ticket_id == tickets.c.id
    if wanted.verdict == UNRULED:
        yield ~exists().where(on_it)
        return
    verdict = () if wanted.verdict is None else (rulings.c.verdict == wanted.verdict,)
    if wanted.reviewer is not None:
        # One person's rulings are few, and an index has them.
        given = select(rulings.c.ticket_id).where(rulings.c.reviewer == wanted.reviewer, *verdict)
        yield tickets.c.id.in_(given)
    elif verdict:
        yield exists().where(on_it, *verdict)


def _saying(tx: Tx, words: Sequence[str]) -> Select[tuple[str]]:
    said = ticket_texts.c.text
    wanted = [plain(word) for word in words[:MOST_WORDS]]
    if tx.dialect.name == "sqlite":
        # Its LIKE would compare letter by letter, in either case.
        found = [func.instr(said, word) > 0 for word in wanted]
    else:
        found = [said.contains(word, autoescape=True) for word in wanted]
    return select(ticket_texts.c.ticket_id).where(*found)
