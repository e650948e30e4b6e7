"""The review queue: what waits, in the order of work, and taking the next one."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from typing import Final, TypeAlias

from fastapi import Response

from app.audit.events import AuditKind
from app.audit.record import record
from app.console.csv_file import csv_file
from app.console.desk.lines import TicketLine, ticket_line
from app.console.desk.lookers import with_lookers
from app.console.desk.names import Names, names_for
from app.console.desk.queue_filter import AGES, QUEUE, Filter, read_filter
from app.console.desk.reviewer import reviewer_of
from app.console.desk.risks import with_risks
from app.console.desk.rule_names import RuleNames, rule_names, topic_choices
from app.console.flash import Flash
from app.console.pages.saved_views import Shelf, shelf
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.times import machine
from app.console.views import redirect, render
from app.review.health import Health
from app.review.queue_repository import MOST_COUNTED
from app.review.states import MAX_CLAIMS, Refusal, Reviewer, Ticket

pages = Pages()

PAGE_SIZE: Final = 30
MOST_EXPORTED: Final = 10_000
_COLUMNS: Final = (
    "ticket", "push", "title", "kind", "provider", "sender", "surface", "emergency", "opened_at",
    "deadline", "expires_at", "held_by_rules", "claimed_by",
)  # fmt: skip

Pairs: TypeAlias = Mapping[str, tuple[str, ...]]
"""Why tickets need two persons, by id."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What a form of filters offers."""

    providers: tuple[tuple[str, str], ...]
    senders: tuple[tuple[str, str], ...]
    topics: tuple[tuple[str, str], ...]
    rules: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    ages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QueueView:
    """A page of the queue and one's own claims; `seen` tells whether anything changed since.

    `total` is one more than `most_counted` where more than so many match.
    """

    lines: tuple[TicketLine, ...]
    mine: tuple[TicketLine, ...]
    total: int
    most_counted: int
    last_page: int
    page_size: int
    filter: Filter
    choices: Choices
    shelf: Shelf
    health: Health
    most_claims: int
    seen: str


@dataclass(frozen=True, slots=True)
class HealthView:
    """How the queues are."""

    health: Health


@pages.get(QUEUE, Permission.QUEUE_READ)
async def queue(visit: Visit) -> Response:
    """Show the queue; htmx gets the changing part alone, and nothing if nothing changed."""
    view = await _view(visit, read_filter(visit.request.query_params))
    if not visit.is_htmx:
        return await render(visit, "desk/queue.html", view)
    if visit.query("seen") == view.seen:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return await render(visit, "desk/queue_part.html", view)


@pages.get(QUEUE + "/health", Permission.QUEUE_READ)
async def health(visit: Visit) -> Response:
    """Show how every queue is: how long waits are, and what will come too late."""
    view = HealthView(await visit.services.review.health.now())
    template = "desk/health_part.html" if visit.is_htmx else "desk/health.html"
    return await render(visit, template, view)


@pages.get(QUEUE + "/export", Permission.QUEUE_READ)
async def export(visit: Visit) -> Response:
    """Send what was chosen as a file, people by their ids; who took it is noted."""
    chosen = read_filter(visit.request.query_params)
    wanted = chosen.wanted(await rule_names(visit), visit.now(), visit.member.id)
    if chosen.mine:
        found = await visit.services.review.my_claims(visit.member.id)
    else:
        found, _ = await visit.services.review.queue(wanted, MOST_EXPORTED)
    noted = {"what": "queue", "query": chosen.query, "rows": len(found)}
    now = visit.now()
    await visit.services.db.write(
        lambda tx: record(tx, now, AuditKind.REVIEW_EXPORTED, visit.actor, "queue", **noted)
    )
    return csv_file("queue", _COLUMNS, (_cells(ticket, visit) for ticket in found))


@pages.post("/console/queue/next", Permission.TICKET_RULE)
async def take_next(visit: Visit) -> Response:
    """Claim the most urgent ticket and open it."""
    claimed = await visit.services.review.claim_next(await reviewer_of(visit))
    if isinstance(claimed, Refusal):
        tone = "info" if claimed is Refusal.NOTHING_WAITING else "warn"
        return redirect(visit, QUEUE, Flash(f"desk.refused.{claimed.value}.title", tone))
    return redirect(visit, f"/console/tickets/{claimed.id}")


async def _view(visit: Visit, chosen: Filter) -> QueueView:
    reviewer = await reviewer_of(visit)
    names, rules = await names_for(visit), await rule_names(visit)
    held = await visit.services.review.my_claims(visit.member.id)
    tickets, total = await _found(visit, chosen, rules, held)
    pairs = await visit.services.rulings.pair_reasons([*tickets, *held])
    plain = [_line(visit, one, names, reviewer, pairs) for one in tickets]
    lines = await with_lookers(visit, tickets, await with_risks(visit, tickets, plain), names)
    mine = tuple(_line(visit, one, names, reviewer, pairs) for one in held)
    return QueueView(
        lines=lines,
        mine=mine,
        total=total,
        most_counted=MOST_COUNTED,
        last_page=max(1, -(-total // PAGE_SIZE)),
        page_size=PAGE_SIZE,
        filter=chosen,
        choices=choices(visit, names, rules),
        shelf=await shelf(visit, "queue", chosen.query),
        health=await visit.services.review.health.now(),
        most_claims=MAX_CLAIMS,
        seen=sha256(repr((lines, mine, total, visit.t.language)).encode()).hexdigest()[:16],
    )


def choices(visit: Visit, names: Names, rules: RuleNames) -> Choices:
    """Return what filters offer in this reader's language."""
    return Choices(
        providers=names.provider_choices(),
        senders=names.sender_choices(),
        topics=topic_choices(visit.t, rules.topics.values()),
        rules=rules.by_topic(visit.t),
        ages=tuple(AGES),
    )


async def _found(
    visit: Visit, chosen: Filter, rules: RuleNames, held: list[Ticket]
) -> tuple[list[Ticket], int]:
    if chosen.mine:
        return held, len(held)
    wanted = chosen.wanted(rules, visit.now(), visit.member.id)
    return await visit.services.review.queue(wanted, PAGE_SIZE, (chosen.page - 1) * PAGE_SIZE)


def _line(
    visit: Visit, ticket: Ticket, names: Names, reviewer: Reviewer, pairs: Pairs
) -> TicketLine:
    return ticket_line(ticket, names, reviewer, visit.now(), pairs[ticket.id])


def _cells(ticket: Ticket, visit: Visit) -> tuple[str | int, ...]:
    return (
        ticket.id, ticket.push_id, ticket.title, ticket.kind, ticket.provider_id,
        ticket.sender_id, ticket.surface_id, int(ticket.rank == 0), machine(ticket.opened_at),
        machine(ticket.deadline), machine(ticket.expires_at), " ".join(ticket.holds),
        ticket.claimed_by or "" if ticket.is_held(visit.now()) else "",
    )  # fmt: skip
