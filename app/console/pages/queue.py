"""The review queue: what waits, in the order of work, and taking the next one."""

from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode

from fastapi import Response

from app.console.desk.lines import TicketLine, ticket_line
from app.console.desk.names import Names, names_for
from app.console.desk.reviewer import reviewer_of
from app.console.flash import Flash
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import redirect, render
from app.domain.push import ContentKind
from app.review.repository import QueueFilter
from app.review.states import MAX_CLAIMS, Refusal, Reviewer, Ticket

pages = Pages()

QUEUE: Final = "/console/queue"
PAGE_SIZE: Final = 30
_LONGEST_WORDS: Final = 100
_LONGEST_NUMBER: Final = 5
_KINDS: Final = frozenset(ContentKind)


@dataclass(frozen=True, slots=True)
class Filter:
    """What the reader chose; `claimed` is "", "yes" or "no"."""

    words: str
    kind: str
    provider: str
    claimed: str
    mine: bool
    page: int

    @property
    def is_empty(self) -> bool:
        """Whether everything is shown."""
        return not (self.words or self.kind or self.provider or self.claimed or self.mine)

    def address(self, page: int) -> str:
        """Return the address of a page of the same choice."""
        chosen = {
            "words": self.words,
            "kind": self.kind,
            "provider": self.provider,
            "claimed": self.claimed,
            "mine": "1" if self.mine else "",
            "page": "" if page == 1 else str(page),
        }
        query = urlencode({name: value for name, value in chosen.items() if value})
        return f"{QUEUE}?{query}" if query else QUEUE


@dataclass(frozen=True, slots=True)
class QueueView:
    """A page of the queue and one's own claims; `seen` tells whether anything changed since."""

    lines: tuple[TicketLine, ...]
    mine: tuple[TicketLine, ...]
    total: int
    last_page: int
    filter: Filter
    providers: tuple[tuple[str, str], ...]
    most_claims: int
    seen: str


@pages.get(QUEUE, Permission.QUEUE_READ)
async def queue(visit: Visit) -> Response:
    """Show the queue; htmx gets the changing part alone, and nothing if nothing changed."""
    view = await _view(visit)
    if not visit.is_htmx:
        return await render(visit, "desk/queue.html", view)
    if visit.query("seen") == view.seen:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return await render(visit, "desk/queue_part.html", view)


@pages.post("/console/queue/next", Permission.TICKET_RULE)
async def take_next(visit: Visit) -> Response:
    """Claim the most urgent ticket and open it."""
    claimed = await visit.services.review.claim_next(await reviewer_of(visit))
    if isinstance(claimed, Refusal):
        tone = "info" if claimed is Refusal.NOTHING_WAITING else "warn"
        return redirect(visit, QUEUE, Flash(f"desk.refused.{claimed.value}.title", tone))
    return redirect(visit, f"/console/tickets/{claimed.id}")


async def _view(visit: Visit) -> QueueView:
    chosen = _filter(visit)
    reviewer = await reviewer_of(visit)
    names = await names_for(visit)
    held = await visit.services.review.my_claims(visit.member.id)
    tickets, total = await _found(visit, chosen, held)
    lines = tuple(_line(visit, one, names, reviewer) for one in tickets)
    mine = tuple(_line(visit, one, names, reviewer) for one in held)
    return QueueView(
        lines=lines,
        mine=mine,
        total=total,
        last_page=max(1, -(-total // PAGE_SIZE)),
        filter=chosen,
        providers=names.provider_choices(),
        most_claims=MAX_CLAIMS,
        seen=sha256(repr((lines, mine, total, visit.t.language)).encode()).hexdigest()[:16],
    )


async def _found(visit: Visit, chosen: Filter, held: list[Ticket]) -> tuple[list[Ticket], int]:
    if chosen.mine:
        return held, len(held)
    wanted = QueueFilter(
        kind=chosen.kind or None,
        provider_id=chosen.provider or None,
        claimed={"yes": True, "no": False}.get(chosen.claimed),
        text=chosen.words,
        not_passed_by=visit.member.id,
    )
    offset = (chosen.page - 1) * PAGE_SIZE
    return await visit.services.review.queue(wanted, PAGE_SIZE, offset)


def _line(visit: Visit, ticket: Ticket, names: Names, reviewer: Reviewer) -> TicketLine:
    return ticket_line(ticket, names, reviewer, visit.now())


def _filter(visit: Visit) -> Filter:
    kind, claimed = visit.query("kind"), visit.query("claimed")
    return Filter(
        words=visit.query("words")[:_LONGEST_WORDS],
        kind=kind if kind in _KINDS else "",
        provider=visit.query("provider"),
        claimed=claimed if claimed in {"yes", "no"} else "",
        mine=visit.query("mine") == "1",
        page=_page_number(visit.query("page")),
    )


def _page_number(text: str) -> int:
    """Return the page asked for, the first for anything that is no number of a page."""
    good = text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER
    return max(int(text), 1) if good else 1
