"""What was decided before: closed tickets by words, people, rule, verdict and day; as CSV too."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final

from fastapi import Response

from app.audit.events import AuditKind
from app.audit.record import record
from app.console.csv_file import csv_file
from app.console.desk.marks import Piece, pieces
from app.console.desk.names import Names, names_for
from app.console.desk.past_filter import (
    PAST,
    USUAL_DAYS,
    VERDICTS,
    PastChoice,
    read_choice,
    without_faults,
)
from app.console.desk.rule_names import RuleNames, rule_names
from app.console.forms import Fault, Form
from app.console.pages.queue import Choices, choices
from app.console.pages.saved_views import Shelf, shelf
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.times import machine
from app.console.views import render
from app.ids import is_id
from app.review.past_repository import PastFilter, PastTicket, past

pages = Pages()

PAGE_SIZE: Final = 30
MOST_EXPORTED: Final = 10_000
_COLUMNS: Final = (
    "ticket", "push", "title", "kind", "provider", "sender", "opened_at", "closed_at",
    "held_by_rules", "verdict", "reviewer", "given_at", "undone", "clause", "reason", "cleared",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RulingLine:
    """A ruling in a list; who gave it, what became of it."""

    verdict: str
    reviewer: str
    reason: tuple[Piece, ...]
    standing: bool


@dataclass(frozen=True, slots=True)
class PastLine:
    """A closed ticket in a list."""

    push_id: str
    title: tuple[Piece, ...]
    kind: str
    provider: str
    sender: str
    rules: tuple[str, ...]
    closed_at: datetime
    rulings: tuple[RulingLine, ...]


@dataclass(frozen=True, slots=True)
class PastView:
    """What was looked for and a page of what was found; `next_page` is empty at the end."""

    choice: PastChoice
    form: Form
    lines: tuple[PastLine, ...]
    choices: Choices
    reviewers: tuple[tuple[str, str], ...]
    verdicts: tuple[str, ...]
    usual_days: int
    shelf: Shelf
    next_page: str
    is_first_page: bool


@pages.get(PAST, Permission.QUEUE_READ)
async def search(visit: Visit) -> Response:
    """List closed tickets, the last closed first."""
    asked = read_choice(visit.request.query_params)
    chosen = without_faults(asked)
    after = visit.query("after")
    after = after if is_id("tkt", after) else ""
    found = await _found(visit, chosen.wanted(visit.now()), PAGE_SIZE + 1, after or None)
    names, rules = await names_for(visit), await rule_names(visit)
    shown = found[:PAGE_SIZE]
    view = PastView(
        choice=asked,
        form=Form(faults=tuple(Fault(one, visit.t("past.bad_day")) for one in asked.faults)),
        lines=tuple(_line(one, names, rules, visit) for one in shown),
        choices=choices(visit, names, rules),
        reviewers=tuple(sorted(names.staff.items(), key=lambda pair: pair[1])),
        verdicts=VERDICTS,
        usual_days=USUAL_DAYS,
        shelf=await shelf(visit, "past", chosen.query),
        next_page=_address(chosen, shown[-1].ticket.id) if len(found) > PAGE_SIZE else "",
        is_first_page=not after,
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if asked.faults else HTTPStatus.OK
    return await render(visit, "desk/past.html", view, status=status)


@pages.get(PAST + "/export", Permission.QUEUE_READ)
async def export(visit: Visit) -> Response:
    """Send what was found as a file, a row a ruling, people by their ids; who took it is noted."""
    chosen = without_faults(read_choice(visit.request.query_params))
    found = await _found(visit, chosen.wanted(visit.now()), MOST_EXPORTED, None)
    noted = {"what": "past", "query": chosen.query, "rows": len(found)}
    now = visit.now()
    await visit.services.db.write(
        lambda tx: record(tx, now, AuditKind.REVIEW_EXPORTED, visit.actor, "past", **noted)
    )
    return csv_file("past-tickets", _COLUMNS, (row for one in found for row in _rows(one)))


async def _found(
    visit: Visit, wanted: PastFilter, limit: int, after: str | None
) -> list[PastTicket]:
    return await visit.services.db.read(lambda tx: past(tx, wanted, limit, after))


def _address(chosen: PastChoice, after: str) -> str:
    return f"{PAST}?{chosen.query}{'&' if chosen.query else ''}after={after}"


def _line(one: PastTicket, names: Names, rules: RuleNames, visit: Visit) -> PastLine:
    ticket = one.ticket
    return PastLine(
        push_id=ticket.push_id,
        title=pieces(ticket.title),
        kind=ticket.kind,
        provider=names.provider(ticket.provider_id),
        sender=names.sender(ticket.sender_id),
        rules=tuple(rules.topics.get(rule, rule) for rule in ticket.holds),
        closed_at=one.closed_at,
        rulings=tuple(
            RulingLine(
                given.ruling.verdict.value,
                names.person(given.ruling.reviewer, visit.t),
                pieces(given.ruling.reason),
                given.standing,
            )
            for given in one.rulings
        ),
    )


def _rows(one: PastTicket) -> list[tuple[str | int, ...]]:
    ticket = one.ticket
    start = (
        ticket.id, ticket.push_id, ticket.title, ticket.kind, ticket.provider_id,
        ticket.sender_id, machine(ticket.opened_at), machine(one.closed_at),
        " ".join(ticket.holds),
    )  # fmt: skip
    if not one.rulings:
        return [(*start, "", "", "", "", "", "", "")]
    return [
        (
            *start, given.ruling.verdict.value, given.ruling.reviewer.removeprefix("staff:"),
            machine(given.ruling.given_at), int(not given.standing), given.ruling.clause or "",
            given.ruling.reason, " ".join(given.ruling.clears),
        )
        for given in one.rulings
    ]  # fmt: skip
