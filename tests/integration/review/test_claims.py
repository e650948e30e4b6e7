"""Claiming, losing, ruling on and undoing, alone and at once."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.db.session import Tx
from app.domain.decision import RulingVerdict
from app.domain.push import Urgency
from app.domain.state import PushState
from app.errors import Invalid
from app.pushes.ruling_request import RulingRequest
from app.pushes.views import dossier_in
from app.review import repository
from app.review.queue_repository import QueueFilter
from app.review.ruling_repository import StoredRuling
from app.review.states import MAX_CLAIMS, Refusal, Reviewer, Ticket
from tests.fixtures.clock import ManualClock
from tests.fixtures.database import Ledger
from tests.fixtures.gate import LIN, WANG, Gate, MakeGate


@pytest.mark.parametrize("reviewers", [2, 12])
async def test_one_ticket_goes_to_one_reviewer(gate: Gate, reviewers: int) -> None:
    other = await gate.process()
    push_id = await gate.push()
    people = [Reviewer(f"stf_{n}", frozenset()) for n in range(reviewers)]
    ticket_id = (await gate.dossier(push_id)).ticket_id or ""
    results = await asyncio.gather(
        *(
            (gate, other)[n % 2].services.review.claim(person, ticket_id)
            for n, person in enumerate(people)
        )
    )
    assert sum(isinstance(result, Ticket) for result in results) == 1
    assert {result for result in results if not isinstance(result, Ticket)} == {
        Refusal.CLAIMED_BY_OTHER
    }


async def test_reviewers_at_once_get_different_tickets(gate: Gate) -> None:
    other = await gate.process()
    for _ in range(10):
        await gate.push()
    results = await asyncio.gather(
        *(
            (gate, other)[n % 2].services.review.claim_next(Reviewer(f"stf_{n}", frozenset()))
            for n in range(10)
        )
    )
    ids = [result.id for result in results if isinstance(result, Ticket)]
    # A ticket whose lock is taken is skipped; nobody gets one that another has.
    assert len(ids) == len(set(ids)) >= 5


async def test_looking_at_a_ticket_keeps_nobody_from_it(gate: Gate) -> None:
    """Claims of the next ticket skip what is locked: pages must lock nothing (PostgreSQL)."""
    push_id = await gate.push()
    ticket_id = (await gate.dossier(push_id)).ticket_id or ""

    def locked(tx: Tx, look: Callable[[Tx], object]) -> bool:
        look(tx)
        if tx.dialect.name == "sqlite":
            # It has one writer, whatever readers do.
            return False
        held = text(
            "SELECT 1 FROM pg_locks JOIN pg_class ON pg_class.oid = relation WHERE relname = "
            "'tickets' AND mode = 'RowShareLock' AND pid = pg_backend_pid()"
        )
        return tx.execute(held).first() is not None

    looks: tuple[Callable[[Tx], object], ...] = (
        lambda tx: repository.ticket_by_id(tx, ticket_id),
        lambda tx: dossier_in(tx, push_id),
    )
    for look in looks:
        assert not await gate.services.db.read(lambda tx, look=look: locked(tx, look))  # type: ignore[misc]
    locks = await gate.services.db.read(
        lambda tx: locked(tx, lambda tx: repository.lock_ticket(tx, ticket_id))
    )
    assert locks == (gate.services.db.dialect == "postgresql")


async def test_two_rulings_at_once_leave_one(gate: Gate) -> None:
    other = await gate.process()
    push_id = await gate.push()
    ticket = await gate.claim(push_id)
    refuse: dict[str, Any] = {"verdict": RulingVerdict.REFUSE, "clause": "第五条第（三）项"}
    results = await asyncio.gather(
        *(one.rule(ticket, **(refuse if n % 2 else {})) for n in range(6) for one in (gate, other))
    )
    assert sum(isinstance(result, StoredRuling) for result in results) == 1
    assert len((await gate.dossier(push_id)).rulings) == 1
    assert await gate.state(push_id) in {PushState.APPROVED, PushState.REFUSED}


async def test_a_lapsed_claim_cannot_rule_even_if_nobody_took_it(still_gate: Gate) -> None:
    gate = still_gate
    ticket = await gate.claim(await gate.push())
    gate.wait(121)
    assert await gate.rule(ticket) is Refusal.LAPSED
    assert await gate.services.review.heartbeat(LIN, ticket.id, ticket.fencing) is Refusal.LAPSED


async def test_a_heartbeat_keeps_the_claim(still_gate: Gate) -> None:
    gate = still_gate
    ticket = await gate.claim(await gate.push())
    for _ in range(4):
        gate.wait(100)
        beat = await gate.services.review.heartbeat(LIN, ticket.id, ticket.fencing)
        assert isinstance(beat, Ticket)
        assert beat.fencing == ticket.fencing
    assert isinstance(await gate.rule(ticket), StoredRuling)


async def test_an_overtaken_claim_is_fenced_off(still_gate: Gate) -> None:
    gate = still_gate
    push_id = await gate.push()
    old = await gate.claim(push_id)
    gate.wait(121)
    taken = await gate.claim(push_id, WANG)
    assert taken.fencing == old.fencing + 1
    assert await gate.rule(old) is Refusal.CLAIMED_BY_OTHER
    assert await gate.services.review.heartbeat(LIN, old.id, old.fencing) is (
        Refusal.CLAIMED_BY_OTHER
    )
    gate.wait(121)
    mine = await gate.claim(push_id)
    assert await gate.rule(old) is Refusal.STALE_FENCING
    assert isinstance(await gate.rule(mine), StoredRuling)


async def test_a_claim_that_is_handed_back_is_free_at_once(gate: Gate) -> None:
    push_id = await gate.push()
    ticket = await gate.claim(push_id)
    assert await gate.services.review.hand_back(WANG, ticket.id, ticket.fencing) is (
        Refusal.CLAIMED_BY_OTHER
    )
    assert await gate.services.review.hand_back(LIN, ticket.id, ticket.fencing) is None
    assert (await gate.claim(push_id, WANG)).claimed_by == WANG.staff_id


async def test_nobody_holds_more_than_three(gate: Gate) -> None:
    ids = [await gate.push() for _ in range(MAX_CLAIMS + 1)]
    for push_id in ids[:MAX_CLAIMS]:
        await gate.claim(push_id)
    assert await gate.services.review.claim_next(LIN) is Refusal.TOO_MANY_CLAIMS
    await gate.claim(ids[0])
    assert len(await gate.services.review.my_claims(LIN.staff_id)) == MAX_CLAIMS


async def test_emergencies_first_and_then_by_deadline(gate: Gate) -> None:
    now = gate.clock.now()
    late = await gate.push(expires_at=now + timedelta(hours=5))
    soon = await gate.push(expires_at=now + timedelta(hours=1))
    starts = await gate.push(not_before=now + timedelta(minutes=5))
    urgent = await gate.push(urgency=Urgency.EMERGENCY, expires_at=now + timedelta(hours=6))
    order = []
    for n in range(4):
        ticket = await gate.services.review.claim_next(Reviewer(f"stf_{n}", frozenset()))
        assert isinstance(ticket, Ticket)
        order.append(ticket.push_id)
    assert order == [urgent, starts, soon, late]
    fresh = (await gate.process()).services.review
    assert await fresh.waiting_ahead(1, now + timedelta(hours=1)) == 2
    page, total = await gate.services.review.queue(QueueFilter(claimed=True), 2)
    assert (len(page), total) == (2, 4)


async def test_an_expired_push_is_neither_offered_nor_ruled_on(still_gate: Gate) -> None:
    gate = still_gate
    push_id = await gate.push(expires_at=gate.clock.now() + timedelta(seconds=60))
    ticket = await gate.claim(push_id)
    gate.wait(61)
    assert await gate.rule(ticket) is Refusal.PUSH_EXPIRED
    assert await gate.services.review.claim(WANG, ticket.id) is Refusal.PUSH_EXPIRED
    assert await gate.services.review.claim_next(WANG) is Refusal.NOTHING_WAITING
    await gate.release()
    assert await gate.state(push_id) is PushState.EXPIRED
    assert await gate.rule(ticket) is Refusal.CLOSED


async def test_an_approval_can_be_undone_within_its_window_only(
    make_gate: MakeGate, clock: ManualClock
) -> None:
    async with make_gate(clock, undo_seconds=15) as gate:
        push_id = await gate.push()
        ruling = await gate.approve(push_id)
        gate.wait(14)
        await gate.release()
        assert await gate.state(push_id) is PushState.APPROVED
        undo = gate.services.rulings.undo
        assert await undo(WANG, ruling.ruling.id) is Refusal.NOT_YOURS
        ticket = await undo(LIN, ruling.ruling.id)
        assert isinstance(ticket, Ticket)
        assert await gate.state(push_id) is PushState.IN_REVIEW
        assert await undo(LIN, ruling.ruling.id) is Refusal.STATE_CHANGED
        gate.wait(20)
        await gate.release()
        assert await gate.rows() == []
        again = await gate.approve(push_id, WANG)
        gate.wait(15)
        assert await undo(WANG, again.ruling.id) is Refusal.UNDO_OVER
        await gate.release()
        assert await gate.state(push_id) is PushState.RELEASING
        assert await undo(WANG, again.ruling.id) is Refusal.STATE_CHANGED


async def test_undo_and_release_at_once_end_in_one_of_the_two(gate: Gate) -> None:
    other = await gate.process()
    undone = 0
    for _ in range(6):
        push_id = await gate.push()
        ticket = await gate.claim(push_id)
        gate.services.rulings._undo = timedelta(seconds=0.05)  # noqa: SLF001 - a window that ends now
        given = await gate.rule(ticket)
        assert isinstance(given, StoredRuling)
        await asyncio.sleep(0.04)
        result, *_ = await asyncio.gather(
            other.services.rulings.undo(LIN, given.ruling.id),
            *(gate.services.releaser.run_once() for _ in range(3)),
        )
        rows = await gate.rows(push_id)
        if isinstance(result, Ticket):
            undone += 1
            await gate.release()
            assert await gate.rows(push_id) == []
            assert await gate.state(push_id) is PushState.IN_REVIEW
        else:
            await gate.release()
            assert len(await gate.rows(push_id)) == 1 >= len(rows)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"reason": "  "}, "/reason"),
        ({"reason": "长" * 2001}, "/reason"),
        ({"reason": "a\0b"}, "/reason"),
        ({"reason": "\ud800"}, "/reason"),
        ({"verdict": RulingVerdict.REFUSE}, "/clause"),
        ({"verdict": RulingVerdict.RETURN, "clause": " "}, "/clause"),
        ({"clause": "条" * 201}, "/clause"),
        ({"checked": "x" * 2001}, "/checked"),
    ],
)
async def test_a_ruling_says_why(gate: Gate, changes: dict[str, Any], pointer: str) -> None:
    ticket = await gate.claim(await gate.push())
    with pytest.raises(Invalid) as refused:
        await gate.rule(ticket, **changes)
    assert [problem.pointer for problem in refused.value.problems] == [pointer]


async def test_refused_rulings_stand_in_the_ledger(gate: Gate) -> None:
    push_id = await gate.push()
    ticket = await gate.claim(push_id)
    assert await gate.rule(ticket, WANG) is Refusal.CLAIMED_BY_OTHER
    assert "ruling_rejected" in await Ledger(gate.services.db).kinds(ticket.id)
    nobody = RulingRequest("tkt_x", 1, "d", RulingVerdict.APPROVE, None, "r")
    assert await gate.services.rulings.rule(LIN, nobody) is Refusal.NOT_FOUND


async def test_one_submission_counts_the_queue_and_the_others_take_the_last_count(
    still_gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = still_gate
    now = gate.clock.now()
    await gate.push(expires_at=now + timedelta(hours=1))
    fresh = (await gate.process()).services.review
    counted = 0
    count = repository.open_deadlines

    def counting(tx: Tx) -> list[tuple[int, str, int]]:
        nonlocal counted
        counted += 1
        return count(tx)

    monkeypatch.setattr(repository, "open_deadlines", counting)

    async def ask_at_once() -> set[int]:
        asked = (fresh.waiting_ahead(1, now + timedelta(hours=2)) for _ in range(20))
        return set(await asyncio.gather(*asked))

    assert (await ask_at_once(), counted) == ({1}, 1)
    await gate.push(expires_at=now + timedelta(hours=1))
    gate.wait(3)
    # The one that counts sees the new one; nobody waits for it.
    assert (await ask_at_once(), counted) == ({1, 2}, 2)
    assert (await ask_at_once(), counted) == ({2}, 2)
