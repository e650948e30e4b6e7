"""Skipping, recusing and escalating: recorded, and never the same person's again."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from app.audit.models import audit_entries
from app.db.session import Tx
from app.errors import Invalid
from app.review.pass_repository import passed_by, passes_of
from app.review.queue_repository import QueueFilter
from app.review.ruling_repository import StoredRuling
from app.review.service import LONGEST_PASS_REASON, Passing
from app.review.states import PassWay, Refusal, Reviewer, Ticket
from app.staff.roles import Role
from app.staff.service import NewStaff
from tests.fixtures.clock import ManualClock
from tests.fixtures.gate import LIN, WANG, Gate, MakeGate
from tests.fixtures.registers import ADMIN

SKIP = Passing(PassWay.SKIP, "")
RECUSE = Passing(PassWay.RECUSE, " 与作者相识 ")
ESCALATE = Passing(PassWay.ESCALATE, "拿不准")


async def _staff(gate: Gate, name: str, *roles: Role) -> Reviewer:
    made = await gate.services.staff.add(ADMIN, NewStaff(name, name, frozenset(roles)))
    return Reviewer(made.staff_id, frozenset(), is_lead=Role.LEAD in roles)


async def _audited(gate: Gate, ticket_id: str) -> list[tuple[str, dict[str, Any]]]:
    query = select(audit_entries).where(audit_entries.c.subject == ticket_id)

    def read(tx: Tx) -> Iterable[Any]:
        return list(tx.execute(query.order_by(audit_entries.c.at)))

    return [(row.kind, json.loads(row.body)) for row in await gate.services.db.read(read)]


@pytest.mark.parametrize("passing", [SKIP, RECUSE])
async def test_a_passed_ticket_never_comes_back_to_the_same_person(
    make_gate: MakeGate, clock: ManualClock, passing: Passing
) -> None:
    async with make_gate(clock, undo_seconds=15) as gate:
        await _passes_and_is_kept_away(gate, passing)


async def _passes_and_is_kept_away(gate: Gate, passing: Passing) -> None:
    review = gate.services.review
    push_id = await gate.push()
    ticket = await gate.claim(push_id)
    assert await review.pass_on(LIN, ticket.id, ticket.fencing, passing) is None
    assert await review.claim_next(LIN) is Refusal.NOTHING_WAITING
    assert await review.claim(LIN, ticket.id) is Refusal.PASSED
    assert await gate.rule(ticket) is Refusal.NOT_CLAIMED
    assert await gate.services.db.read(lambda tx: passed_by(tx, LIN.staff_id)) == {ticket.id}
    assert await review.queue(QueueFilter(not_passed_by=LIN.staff_id)) == ([], 0)
    assert (await review.queue(QueueFilter(not_passed_by=WANG.staff_id)))[1] == 1
    # Ruled on and undone by another, it is open again and still not theirs.
    given = await gate.approve(push_id, WANG)
    assert await gate.services.db.read(lambda tx: passed_by(tx, LIN.staff_id)) == frozenset()
    assert isinstance(await gate.services.rulings.undo(WANG, given.ruling.id), Ticket)
    assert await review.claim_next(LIN) is Refusal.NOTHING_WAITING
    assert await review.claim(LIN, ticket.id) is Refusal.PASSED


async def test_passing_on_is_in_the_table_and_in_the_ledger(gate: Gate) -> None:
    ticket = await gate.claim(await gate.push())
    assert await gate.services.review.pass_on(LIN, ticket.id, ticket.fencing, RECUSE) is None
    (one,) = await gate.services.db.read(lambda tx: passes_of(tx, ticket.id))
    assert (one.staff_id, one.way, one.reason) == ("stf_lin", PassWay.RECUSE, "与作者相识")
    kind, body = (await _audited(gate, ticket.id))[-1]
    assert kind == "ticket_recused"
    assert body == {"push": ticket.push_id, "reason": "与作者相识", "fencing": ticket.fencing}


async def test_only_who_holds_the_claim_passes_it_on(gate: Gate) -> None:
    review = gate.services.review
    ticket = await gate.claim(await gate.push())
    assert await review.pass_on(WANG, ticket.id, ticket.fencing, SKIP) is Refusal.CLAIMED_BY_OTHER
    assert await review.pass_on(LIN, ticket.id, 99, SKIP) is Refusal.STALE_FENCING
    assert await review.pass_on(LIN, "tkt_none", 1, SKIP) is Refusal.NOT_FOUND
    assert await gate.services.db.read(lambda tx: passes_of(tx, ticket.id)) == []
    assert isinstance(await gate.rule(ticket), StoredRuling)


@pytest.mark.parametrize(
    "passing",
    [
        Passing(PassWay.RECUSE, "  "),
        Passing(PassWay.ESCALATE, ""),
        Passing(PassWay.SKIP, "长" * (LONGEST_PASS_REASON + 1)),
        Passing(PassWay.SKIP, "a\0b"),
    ],
)
async def test_a_reason_is_due_and_has_to_be_good(gate: Gate, passing: Passing) -> None:
    ticket = await gate.claim(await gate.push())
    with pytest.raises(Invalid):
        await gate.services.review.pass_on(LIN, ticket.id, ticket.fencing, passing)
    assert await gate.services.db.read(lambda tx: passes_of(tx, ticket.id)) == []


async def test_an_escalated_ticket_goes_to_a_lead_and_nobody_else(gate: Gate) -> None:
    review = gate.services.review
    chief = await _staff(gate, "zhao.lead", Role.LEAD)
    push_id = await gate.push()
    ticket = await gate.claim(push_id)
    assert await review.pass_on(LIN, ticket.id, ticket.fencing, ESCALATE) is None
    assert await review.claim_next(WANG) is Refusal.NOTHING_WAITING
    assert await review.claim(WANG, ticket.id) is Refusal.NEEDS_LEAD
    assert await review.claim(replace(LIN, is_lead=True), ticket.id) is Refusal.PASSED
    taken = await review.claim_next(chief)
    assert isinstance(taken, Ticket)
    # Somebody whose role was taken away meanwhile does not rule with the claim of before.
    assert await gate.rule(taken, replace(chief, is_lead=False)) is Refusal.NEEDS_LEAD
    assert isinstance(await gate.rule(taken, chief), StoredRuling)


async def test_nothing_is_escalated_to_nobody(gate: Gate) -> None:
    review, staff = gate.services.review, gate.services.staff
    ticket = await gate.claim(await gate.push())

    async def escalate() -> Refusal | None:
        return await review.pass_on(LIN, ticket.id, ticket.fencing, ESCALATE)

    await _staff(gate, "wu.reviewer", Role.REVIEWER)
    assert await escalate() is Refusal.NO_LEAD
    tied = await _staff(gate, "qian.lead", Role.LEAD)
    await staff.declare_tie(ADMIN, tied.staff_id, gate.provider_id, "持有股份")
    gone = await _staff(gate, "sun.lead", Role.LEAD)
    await staff.disable(ADMIN, gone.staff_id)
    assert await escalate() is Refusal.NO_LEAD
    assert isinstance(await review.heartbeat(LIN, ticket.id, ticket.fencing), Ticket)
    await _staff(gate, "li.lead", Role.LEAD)
    assert await escalate() is None
