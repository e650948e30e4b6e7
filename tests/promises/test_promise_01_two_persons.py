"""Promise 1 where a push needs two: no path releases it on one person's word."""

# ruff: noqa: ANN401 - what changes may be any field of a ruling

from dataclasses import replace
from typing import Any

import orjson
import pytest
from sqlalchemy import Executable, insert, select, update
from sqlalchemy.exc import DBAPIError

from app.audit.events import Actor, ActorKind
from app.db.session import Tx
from app.delivery.models import outbox
from app.domain.decision import RulingVerdict
from app.domain.pairs import PairClasses
from app.domain.push import MinorsAudience, Urgency
from app.domain.state import PushState
from app.errors import Forbidden
from app.ids import new_id
from app.pushes.answers import push_json
from app.pushes.models import pushes
from app.review.models import rulings, tickets
from app.review.ruling_repository import StoredRuling
from app.review.states import Refusal, Reviewer, Ticket
from app.staff.service import NewStaff
from tests.fixtures.database import Ledger
from tests.fixtures.gate import LIN, WANG, Gate, MakeGate
from tests.fixtures.registers import ADMIN

ZHAO = Reviewer("stf_zhao", frozenset(), is_lead=True)
REFUSED = {"verdict": RulingVerdict.REFUSE, "clause": "第五条第（三）项"}
EMERGENCY = {"urgency": Urgency.EMERGENCY}


async def need_two(gate: Gate, classes: PairClasses) -> None:
    """Put classes in force, proposed by one admin and approved by another."""
    pairs = gate.services.rulings.pairs
    draft = await pairs.propose("stf_a", classes, "重大影响")
    with pytest.raises(Forbidden):
        await pairs.approve(draft.id, "stf_a")
    await pairs.approve(draft.id, "stf_b")


@pytest.fixture
async def pair_gate(gate: Gate) -> Gate:
    """A gate where emergencies need two persons, with one recipient."""
    await need_two(gate, PairClasses(emergency=True))
    await gate.register("r_1")
    return gate


async def give(gate: Gate, push_id: str, by: Reviewer, **changes: Any) -> StoredRuling:
    """Claim and rule; the ruling is taken."""
    given = await gate.rule(await gate.claim(push_id, by), by, **changes)
    assert isinstance(given, StoredRuling), given
    return given


async def nothing_leaves(gate: Gate, push_id: str) -> None:
    """Let releaser and dispatcher run: the push is where it was, and nobody got anything."""
    before = await gate.state(push_id)
    await gate.release()
    await gate.dispatch()
    assert await gate.state(push_id) is before
    assert await gate.rows(push_id) == []
    assert await gate.inbox() == []


async def seen_by_sender(gate: Gate, push_id: str) -> dict[str, Any]:
    return push_json(await gate.services.views.get(gate.provider_id, push_id))


async def test_one_approval_releases_nothing_and_a_second_person_does(pair_gate: Gate) -> None:
    gate = pair_gate
    push_id = await gate.push(**EMERGENCY)
    first = await give(gate, push_id, LIN)
    assert first.is_sealed
    assert await gate.state(push_id) is PushState.IN_REVIEW
    await nothing_leaves(gate, push_id)
    assert (await seen_by_sender(gate, push_id))["ruling"] is None
    ticket_id = (await gate.dossier(push_id)).ticket_id or ""
    assert await gate.services.review.claim(LIN, ticket_id) is Refusal.RULED
    assert await gate.services.review.claim_next(LIN) is Refusal.NOTHING_WAITING

    # Nothing that the desk of the second person is drawn from tells of the first.
    dossier = await gate.dossier(push_id)
    assert dossier.rulings == ()
    assert [one.to_state for one in dossier.timeline] == [PushState.IN_REVIEW]

    second = await give(gate, push_id, WANG)
    assert second.standing
    assert await gate.state(push_id) is PushState.APPROVED
    assert (await seen_by_sender(gate, push_id))["ruling"]["verdict"] == "approve"
    await gate.release()
    [row] = await gate.rows(push_id)
    assert {row.ruling_reviewer, row.second_reviewer} == {LIN.person, WANG.person}
    await gate.dispatch()
    assert [item.push_id for item in await gate.inbox()] == [push_id]
    kinds = await Ledger(gate.services.db).kinds(push_id)
    assert [one for one in kinds if "ruling" in one] == ["ruling_sealed", "ruling_given"]


@pytest.mark.parametrize("arbiter_approves", [True, False])
async def test_who_disagree_wait_for_a_lead_who_is_neither(
    pair_gate: Gate, arbiter_approves: bool
) -> None:
    gate = pair_gate
    push_id = await gate.push(**EMERGENCY)
    lead = replace(LIN, is_lead=True)
    await give(gate, push_id, lead, **REFUSED)
    await give(gate, push_id, WANG)
    await nothing_leaves(gate, push_id)
    ticket_id = (await gate.dossier(push_id)).ticket_id or ""
    other = Reviewer("stf_other", frozenset())
    assert await gate.services.review.claim(other, ticket_id) is Refusal.NEEDS_ARBITER
    assert await gate.services.review.claim_next(other) is Refusal.NOTHING_WAITING
    assert await gate.services.review.claim(lead, ticket_id) is Refusal.RULED
    changes = {} if arbiter_approves else REFUSED
    await give(gate, push_id, ZHAO, **changes)
    wanted = PushState.APPROVED if arbiter_approves else PushState.REFUSED
    assert await gate.state(push_id) is wanted
    await gate.release()
    persons = {(row.ruling_reviewer, row.second_reviewer) for row in await gate.rows(push_id)}
    assert persons == ({(ZHAO.person, WANG.person)} if arbiter_approves else set())
    over = [one.overruled_by for one in (await gate.dossier(push_id)).rulings]
    assert sum(one is not None for one in over) == 1


@pytest.mark.parametrize("second", ["refuse", "return"])
async def test_two_that_do_not_approve_need_no_arbiter(pair_gate: Gate, second: str) -> None:
    gate = pair_gate
    push_id = await gate.push(**EMERGENCY)
    await give(gate, push_id, LIN, **REFUSED, reason="第一个理由")
    await give(gate, push_id, WANG, **(REFUSED | {"verdict": RulingVerdict(second)}))
    assert await gate.state(push_id) is PushState.REFUSED
    assert (await seen_by_sender(gate, push_id))["ruling"]["verdict"] == "refuse"


async def test_a_word_can_be_taken_back_and_the_others_stay_sealed(make_gate: MakeGate) -> None:
    async with make_gate(undo_seconds=60) as gate:
        await need_two(gate, PairClasses(emergency=True))
        undo = gate.services.rulings.undo
        push_id = await gate.push(**EMERGENCY)
        first = await give(gate, push_id, LIN)
        assert await undo(WANG, first.ruling.id) is Refusal.NOT_YOURS
        assert isinstance(await undo(LIN, first.ruling.id), Ticket)
        assert await undo(LIN, first.ruling.id) is Refusal.STATE_CHANGED
        await give(gate, push_id, LIN)

        second = await give(gate, push_id, WANG)
        reopened = await undo(WANG, second.ruling.id)
        assert isinstance(reopened, Ticket)
        assert (reopened.first_by, reopened.second_by) == (LIN.staff_id, None)
        assert [one.ruling.reviewer for one in (await gate.dossier(push_id)).sealed] == [LIN.person]
        await nothing_leaves(gate, push_id)

        refused_it = await give(gate, push_id, WANG, **REFUSED)
        assert await undo(WANG, refused_it.ruling.id) is Refusal.UNDO_OVER
        last = await give(gate, push_id, ZHAO)
        assert await gate.state(push_id) is PushState.APPROVED
        reopened = await undo(ZHAO, last.ruling.id)
        assert isinstance(reopened, Ticket)
        assert (reopened.first_by, reopened.second_by) == (LIN.staff_id, WANG.staff_id)
        await nothing_leaves(gate, push_id)
        await give(gate, push_id, ZHAO, **REFUSED)
        assert await gate.state(push_id) is PushState.REFUSED


@pytest.mark.parametrize(
    ("classes", "changes"),
    [
        (PairClasses(audience_over=0), {}),
        (PairClasses(minors=True), {"minors": MinorsAudience.INCLUDED}),
        (PairClasses(rules=("popup-05-09-contact",)), {"body": "加微信 abc12345 领取"}),
    ],
)
async def test_every_class_is_asked(
    gate: Gate, classes: PairClasses, changes: dict[str, Any]
) -> None:
    await need_two(gate, classes)
    push_id = await gate.push(**changes)
    await give(gate, push_id, LIN)
    await nothing_leaves(gate, push_id)


async def test_a_sender_of_low_credit_needs_two(gate: Gate) -> None:
    await need_two(gate, PairClasses(most_refused=1, refused_days=7))
    for _ in range(2):
        refused = await gate.push()
        await give(gate, refused, LIN, **REFUSED)
        assert await gate.state(refused) is PushState.REFUSED
    push_id = await gate.push()
    await give(gate, push_id, LIN)
    await nothing_leaves(gate, push_id)


async def test_classes_that_come_later_bear_on_what_is_approved(gate: Gate) -> None:
    await gate.register("r_1")
    push_id = await gate.approved(**EMERGENCY)
    await need_two(gate, PairClasses(emergency=True))
    await gate.release()
    assert await gate.state(push_id) is PushState.IN_REVIEW
    await give(gate, push_id, LIN)
    # A later version that asks for less lets nothing go that was found to need two.
    await need_two(gate, PairClasses())
    await nothing_leaves(gate, push_id)
    await give(gate, push_id, WANG)
    await gate.release()
    assert await gate.state(push_id) is PushState.RELEASING


async def test_a_resubmission_needs_two_again(pair_gate: Gate) -> None:
    gate = pair_gate
    push_id = await gate.push(**EMERGENCY)
    await give(gate, push_id, LIN)
    again = await gate.push(replaces=push_id, **EMERGENCY)
    await give(gate, again, WANG)
    await nothing_leaves(gate, again)


async def test_who_became_tied_since_does_not_count(pair_gate: Gate) -> None:
    gate = pair_gate
    new = NewStaff("li.na", "李娜", frozenset({"reviewer"}))
    person = (await gate.services.staff.add(ADMIN, new)).staff_id
    li = Reviewer(person, frozenset())
    push_id = await gate.push(**EMERGENCY)
    await give(gate, push_id, li)
    actor = Actor(ActorKind.STAFF, person)
    await gate.services.staff.declare_tie(actor, person, gate.provider_id, "家人任职")
    assert (await give(gate, push_id, WANG)).is_sealed
    await nothing_leaves(gate, push_id)
    await give(gate, push_id, LIN)
    assert await gate.state(push_id) is PushState.APPROVED


async def done(gate: Gate, statement: Executable) -> None:
    """Write behind the gateway's back."""

    def run(tx: Tx) -> None:
        tx.execute(statement)

    await gate.services.db.write(run)


async def refused(gate: Gate, statement: Executable) -> None:
    """See the database refuse a statement."""
    with pytest.raises(DBAPIError):
        await done(gate, statement)


async def test_the_database_refuses_what_one_person_let_go(pair_gate: Gate) -> None:
    gate = pair_gate
    two = await gate.push(**EMERGENCY)
    await give(gate, two, LIN)
    await give(gate, two, WANG)
    await gate.release()
    row = (await gate.rows(two))[0]._asdict() | {"id": new_id("obx")}
    second = {name: None for name in row if name.startswith("second_")}
    await refused(gate, insert(outbox).values(row | second))
    await done(gate, insert(outbox).values(row))
    held = update(outbox).where(outbox.c.id == row["id"])
    await refused(gate, held.values(second))
    await refused(gate, update(pushes).where(pushes.c.id == two).values(pair_reasons=None))

    one = await gate.push(**EMERGENCY)
    given = await give(gate, one, LIN)
    # Even if its ruling were let stand behind everybody's back.
    alone = update(rulings).where(rulings.c.id == given.ruling.id)
    await done(gate, alone.values(standing=True))
    for state in ("approved", "releasing", "released", "partly_released"):
        await refused(gate, update(pushes).where(pushes.c.id == one).values(state=state))
    same = update(tickets).where(tickets.c.push_id == one)
    await refused(gate, same.values(second_by=LIN.staff_id))


async def test_emergency_goes_first_and_is_no_less_reviewed(pair_gate: Gate) -> None:
    gate = pair_gate
    await gate.push()
    push_id = await gate.push(**EMERGENCY)
    for person in (LIN, WANG):
        ticket = await gate.services.review.claim_next(person)
        assert not isinstance(ticket, Refusal)
        assert ticket.push_id == push_id
        await gate.rule(ticket, person)
    assert await gate.state(push_id) is PushState.APPROVED


async def test_the_answer_at_submission_tells_nothing_of_it(pair_gate: Gate) -> None:
    gate = pair_gate
    urgent = await gate.submit(gate.request(**EMERGENCY))
    plain = await gate.submit(gate.request())
    assert orjson.loads(urgent.body).keys() == orjson.loads(plain.body).keys()

    def noted(tx: Tx) -> list[Any]:
        return list(tx.execute(select(pushes.c.pair_reasons)).scalars())

    assert await gate.services.db.read(noted) == [None, None]


async def test_who_did_not_know_a_hold_does_not_count(pair_gate: Gate) -> None:
    """A hold that is found between the two rulings was seen by the second person alone."""
    gate = pair_gate
    push_id = await gate.push(body="加微信 abc12345 领取", **EMERGENCY)
    known = (await gate.dossier(push_id)).decision.open_holds
    assert len(known) > 1
    first = await give(gate, push_id, LIN)
    blind = update(rulings).where(rulings.c.id == first.ruling.id).values(clears=list(known[1:]))
    await done(gate, blind)
    assert (await give(gate, push_id, WANG)).is_sealed
    await nothing_leaves(gate, push_id)
    assert "ruling_voided" in await Ledger(gate.services.db).kinds(push_id)
    await give(gate, push_id, LIN)
    assert await gate.state(push_id) is PushState.APPROVED

    # Nor at the release, where one of them had cleared less.
    await done(
        gate,
        update(rulings)
        .where(rulings.c.push_id == push_id, rulings.c.standing)
        .values(clears=list(known[1:])),
    )
    await gate.release()
    assert await gate.state(push_id) is PushState.IN_REVIEW
    assert await gate.rows(push_id) == []
