"""Promise 1: no popup leaves without a ruling by somebody who neither wrote nor sent it."""

import ast
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, insert, select, update
from sqlalchemy.exc import DBAPIError

from app.audit.events import Actor, ActorKind
from app.db.session import Tx
from app.delivery.models import outbox
from app.delivery.repository import OutboxRow, insert_rows, rows_of
from app.domain.decision import Ruling, RulingVerdict, Verdict
from app.domain.state import PushState
from app.ids import new_id
from app.providers.keys import NewSender
from app.pushes.models import pushes
from app.pushes.release import Going, NotReleasable, release
from app.pushes.stored import facts_from
from app.review.models import rulings
from app.review.states import Refusal, Reviewer
from app.signing.dsse import Signature
from app.staff.service import NewStaff
from tests.fixtures.database import Ledger
from tests.fixtures.gate import WANG, Gate
from tests.fixtures.registers import ADMIN, EVERY_SCOPE

APP = Path(__file__).parents[2] / "app"


@cache
def calls() -> dict[str, set[str]]:
    """Return the files in which something is called, by its name."""
    found: dict[str, set[str]] = {}
    for path in APP.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                found.setdefault(name, set()).add(path.relative_to(APP).as_posix())
    return found


def callers(function: str) -> set[str]:
    """Return the files in which something of that name is called."""
    return calls().get(function, set())


def test_only_release_puts_rows_in_the_outbox() -> None:
    assert callers("insert_rows") == {"pushes/release.py"}
    assert callers("insert_release") == {"pushes/release.py"}
    users = {
        path.relative_to(APP).as_posix()
        for path in APP.rglob("*.py")
        if "from app.pushes.release import" in path.read_text("utf-8")
    }
    assert users == {"pushes/releaser.py"}
    writers = [
        path.relative_to(APP).as_posix()
        for path in APP.rglob("*.py")
        if "outbox.insert" in path.read_text("utf-8") or "insert(outbox" in path.read_text("utf-8")
    ]
    assert writers == ["delivery/repository.py"]


def test_only_the_dispatcher_hands_over_to_a_channel() -> None:
    # The web's own `send`, that of the client, which is a program of the sender's, and forms that
    # a proof sends to the console from outside.
    elsewhere = {"middleware.py", "client/client.py", "proof/driving.py"}
    assert callers("send") - elsewhere == {
        "delivery/dispatcher.py",
        # What both webhooks post with, and the outcome webhook itself.
        "delivery/channels/webhook.py",
        "webhooks/service.py",
    }
    # Rule packs have items too; theirs are words.
    assert callers("insert_items") - {"packs/authoring.py"} == {"delivery/channels/inbox.py"}


async def test_nothing_leaves_before_a_person_has_ruled(gate: Gate) -> None:
    await gate.register("r_1")
    push_id = await gate.push()
    for _ in range(3):
        await gate.release()
        await gate.dispatch()
    assert await gate.state(push_id) is PushState.IN_REVIEW
    assert await gate.rows() == []
    assert await gate.inbox() == []


@pytest.mark.parametrize("verdict", [RulingVerdict.REFUSE, RulingVerdict.RETURN])
async def test_a_refused_push_never_leaves(gate: Gate, verdict: RulingVerdict) -> None:
    await gate.register("r_1")
    push_id = await gate.push()
    await gate.rule(await gate.claim(push_id), verdict=verdict, clause="第五条第（三）项")
    await gate.release()
    await gate.dispatch()
    assert await gate.rows() == []
    assert await gate.inbox() == []


async def test_who_holds_the_key_of_a_push_cannot_rule_on_it(gate: Gate) -> None:
    member = await gate.services.staff.add(ADMIN, NewStaff("lin", "林", frozenset({"reviewer"})))
    holder = Reviewer(member.staff_id, frozenset())
    new = NewSender(gate.provider_id, "自持", "林", member.staff_id, EVERY_SCOPE)
    sender = await gate.services.sender_keys.add_sender(ADMIN, new)
    issued = await gate.services.sender_keys.issue(ADMIN, sender)
    await gate.services.watch.refresh()
    caller = await gate.services.register.authenticate(issued.raw)
    assert caller is not None
    assert caller.submitter == holder.person
    own = replace(gate, caller=caller)
    push_id = await own.push()
    ticket_id = (await gate.dossier(push_id)).ticket_id or ""
    assert await gate.services.review.claim(holder, ticket_id) is Refusal.OWN_PUSH
    assert await gate.services.review.claim_next(holder) is Refusal.NOTHING_WAITING
    ticket = await gate.claim(push_id, WANG)
    assert await gate.rule(ticket, holder) is Refusal.OWN_PUSH
    assert await gate.state(push_id) is PushState.IN_REVIEW


async def test_who_is_tied_to_the_provider_cannot_rule(gate: Gate) -> None:
    tied = Reviewer("stf_tied", frozenset({gate.provider_id}))
    push_id = await gate.push()
    ticket_id = (await gate.dossier(push_id)).ticket_id or ""
    assert await gate.services.review.claim(tied, ticket_id) is Refusal.TIED
    assert await gate.services.review.claim_next(tied) is Refusal.NOTHING_WAITING
    assert await gate.rule(await gate.claim(push_id), tied) is Refusal.TIED


@pytest.mark.parametrize("how", ["declares a tie", "is given a key"])
async def test_who_is_tied_between_the_page_and_the_ruling_cannot_rule(
    gate: Gate, how: str
) -> None:
    """The page was shown to somebody without a tie; the ruling looks again as it is written."""
    new = NewStaff("li.na", "李娜", frozenset({"reviewer"}))
    person = (await gate.services.staff.add(ADMIN, new)).staff_id
    reviewer = Reviewer(person, frozenset())
    push_id = await gate.push()
    ticket = await gate.claim(push_id, reviewer)
    if how == "declares a tie":
        actor = Actor(ActorKind.STAFF, person)
        await gate.services.staff.declare_tie(actor, person, gate.provider_id, "家人任职")
    else:
        sender = NewSender(gate.provider_id, "运营", "李娜", person, EVERY_SCOPE)
        await gate.services.sender_keys.add_sender(ADMIN, sender)
    assert await gate.rule(ticket, reviewer) is Refusal.TIED
    assert await gate.state(push_id) is PushState.IN_REVIEW
    assert "ruling_rejected" in await Ledger(gate.services.db).kinds(ticket.id)
    if how == "declares a tie":
        await gate.services.staff.end_tie(ADMIN, person, gate.provider_id)
        assert not isinstance(await gate.rule(ticket, reviewer), Refusal)


async def test_an_edit_voids_the_ruling(gate: Gate) -> None:
    await gate.register("r_1")
    push_id = await gate.approved()
    edited = await gate.push(replaces=push_id, title="改过的标题")
    await gate.release()
    await gate.dispatch()
    assert await gate.state(push_id) is PushState.WITHDRAWN
    assert await gate.state(edited) is PushState.IN_REVIEW
    assert await gate.inbox() == []


async def test_a_ruling_over_other_bytes_is_refused(gate: Gate) -> None:
    ticket = await gate.claim(await gate.push())
    assert await gate.rule(ticket, digest="sha256:" + "0" * 64) is Refusal.STALE_CONTENT


async def copied(gate: Gate, push_id: str) -> OutboxRow:
    """A row as release wrote it, to be put in once more."""
    row = (await gate.services.db.read(lambda tx: rows_of(tx, push_id)))[0]
    return replace(row, id=new_id("obx"))


async def refused(gate: Gate, table: Table, values: dict[str, Any]) -> None:
    def work(tx: Tx) -> None:
        tx.execute(insert(table).values(values))

    with pytest.raises(DBAPIError):
        await gate.services.db.write(work)


@pytest.mark.parametrize(
    "lie",
    [
        {"ruling_id": "rul_invented"},
        {"digest": "sha256:" + "0" * 64},
        {"ruling_reviewer": "staff:stf_somebody"},
        {"ruling_verdict": "refuse"},
        {"ruling_standing": False},
        {"push_id": "psh_other"},
        {"second_ruling_id": "rul_invented"},
        {"second_ruling_id": "rul_invented", "second_verdict": "approve", "second_standing": True},
        {"second_reviewer": "staff:stf_nobody"},
    ],
)
async def test_the_database_refuses_a_row_without_its_ruling(
    gate: Gate, lie: dict[str, Any]
) -> None:
    push_id = await gate.released()
    true_row = (await gate.rows(push_id))[0]._asdict()
    await refused(gate, outbox, true_row | {"id": new_id("obx")} | lie)

    # The same row without the lie goes in, so that it was the lie that was refused.
    row = await copied(gate, push_id)
    await gate.services.db.write(lambda tx: insert_rows(tx, [row]))


async def test_the_database_refuses_a_refusing_ruling_for_a_row(gate: Gate) -> None:
    released = await gate.released()
    refused_id = await gate.push()
    given = await gate.rule(
        await gate.claim(refused_id), verdict=RulingVerdict.REFUSE, clause="第五条第（三）项"
    )
    assert not isinstance(given, Refusal)
    row = (await gate.rows(released))[0]._asdict()
    claim = {
        "id": new_id("obx"), "push_id": refused_id, "digest": given.ruling.digest,
        "ruling_id": given.ruling.id, "ruling_reviewer": given.ruling.reviewer,
    }  # fmt: skip
    for verdict in ("approve", "refuse"):
        await refused(gate, outbox, row | claim | {"ruling_verdict": verdict})


@pytest.mark.parametrize("lie", ["submitter", "other_submitter", "digest"])
async def test_the_database_refuses_a_ruling_by_the_submitter(gate: Gate, lie: str) -> None:
    push_id = await gate.push()
    given = await gate.approve(await gate.push())
    push = await gate.stored(push_id)

    def read(tx: Tx) -> dict[str, Any]:
        query = select(rulings).where(rulings.c.id == given.ruling.id)
        return tx.execute(query).one()._asdict()

    row = await gate.services.db.read(read)
    row |= {"id": new_id("rul"), "push_id": push_id, "digest": push.digest}
    lies: dict[str, dict[str, Any]] = {
        "submitter": {"reviewer": push.submitter},
        "other_submitter": {"submitter": "sender:snd_x", "reviewer": push.submitter},
        "digest": {"digest": "sha256:" + "1" * 64},
    }
    await refused(gate, rulings, row | lies[lie])


async def test_an_undone_ruling_cannot_be_released_nor_a_used_one_undone(gate: Gate) -> None:
    push_id = await gate.released()
    ruling = (await gate.dossier(push_id)).rulings[0].ruling

    def undo(tx: Tx) -> None:
        tx.execute(update(rulings).where(rulings.c.id == ruling.id).values(standing=False))

    with pytest.raises(DBAPIError):
        await gate.services.db.write(undo)

    def other_bytes(tx: Tx) -> None:
        changed = update(pushes).where(pushes.c.id == push_id)
        tx.execute(changed.values(digest="sha256:" + "2" * 64))

    with pytest.raises(DBAPIError):
        await gate.services.db.write(other_bytes)


@pytest.mark.parametrize("lie", ["held", "no ruling", "other bytes", "another push", "submitter"])
async def test_the_one_function_refuses_too(gate: Gate, lie: str) -> None:
    push_id = await gate.released()
    dossier = await gate.dossier(push_id)
    facts = facts_from(dossier.decisions[-1].facts)
    ruling = facts.rulings[0]
    decision = replace(dossier.decision, verdict=Verdict.ALLOW)
    if lie == "held":
        decision = replace(decision, verdict=Verdict.HOLD)
    spoilt: dict[str, tuple[Ruling, ...]] = {
        "held": (ruling,),
        "no ruling": (),
        "other bytes": (replace(ruling, digest="sha256:" + "3" * 64),),
        "another push": (replace(ruling, push_id="psh_other"),),
        "submitter": (replace(ruling, reviewer=dossier.push.submitter),),
    }
    going = Going(dossier.push, replace(facts, rulings=spoilt[lie]), decision, {}, "inbox")

    def work(tx: Tx) -> None:
        release(tx, going, unsigned, "http://gate.test", gate.clock.now())

    with pytest.raises(NotReleasable):
        await gate.services.db.write(work)


def unsigned(_data: bytes) -> Signature:
    raise AssertionError("nothing may be signed")
