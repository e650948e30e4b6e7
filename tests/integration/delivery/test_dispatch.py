"""From the outbox to the recipient: who is left out, what is tried again, what becomes of it."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import select, update

from app.db.session import Tx
from app.delivery.models import outbox, releases
from app.domain.push import AiGenerated, MinorsAudience, Personalisation
from app.domain.state import PushState
from app.errors import Conflict, NotFound
from app.recipients.repository import Minor, RefusalScope
from app.recipients.service import NewRefusal
from tests.fixtures.database import Ledger
from tests.fixtures.gate import Gate
from tests.fixtures.registers import ADMIN


@pytest.fixture
def gate(still_gate: Gate) -> Gate:
    """A clock that stands still: on a busy machine a hand-over may be put off for its slowness."""
    return still_gate


async def test_an_item_is_handed_to_one_of_many_fetches(gate: Gate) -> None:
    other = await gate.process()
    await gate.register("r_1")
    for _ in range(2):
        await gate.released()
    await gate.dispatch()
    fetched = await asyncio.gather(*(one.inbox() for _ in range(16) for one in (gate, other)))
    ids = [item.id for items in fetched for item in items]
    assert len(ids) == len(set(ids)) == 2
    again = await gate.process()
    assert await again.inbox() == []


async def test_who_refused_is_unknown_or_a_minor_is_left_out_and_counted(gate: Gate) -> None:
    secrets = await gate.register("r_yes", "r_no")
    await gate.register("r_child", minor=Minor.YES)
    await gate.register("r_unknown", minor=Minor.UNKNOWN)
    await gate.services.recipients.refuse(secrets["r_no"], NewRefusal(RefusalScope.ALL, None))
    push_id = await gate.released("r_yes", "r_no", "r_child", "r_unknown", "r_stranger")
    await gate.dispatch()
    await gate.release()
    view = await gate.services.views.get(gate.provider_id, push_id)
    assert view.state is PushState.RELEASED
    assert Counter("".join(view.outcomes or ())) == {"a": 2, "r": 1, "m": 1, "n": 1}
    assert await gate.inbox("r_no") == await gate.inbox("r_child") == []
    assert len(await gate.inbox("r_unknown")) == 1


async def test_minors_only_reach_minors(gate: Gate) -> None:
    await gate.register("r_adult")
    await gate.register("r_child", minor=Minor.YES)
    push_id = await gate.released("r_adult", "r_child", minors=MinorsAudience.ONLY)
    await gate.dispatch()
    assert Counter(await gate.outcomes(push_id)) == {"a": 1, "m": 1}
    assert len(await gate.inbox("r_child")) == 1


async def test_a_refusal_between_delivery_and_fetch_counts(gate: Gate) -> None:
    secrets = await gate.register("r_1")
    await gate.released()
    await gate.dispatch()
    await gate.services.recipients.refuse(secrets["r_1"], NewRefusal(RefusalScope.ALL, None))
    assert await gate.inbox() == []


async def test_what_expires_in_the_queue_is_not_sent(still_gate: Gate) -> None:
    gate = still_gate
    await gate.register("r_1")
    push_id = await gate.released(expires_at=gate.clock.now() + timedelta(minutes=10))
    gate.wait(601)
    await gate.dispatch()
    await gate.release()
    assert await gate.outcomes(push_id) == "e"
    assert await gate.state(push_id) is PushState.EXPIRED
    assert await gate.inbox() == []


async def test_what_expires_in_the_inbox_is_not_handed_out(still_gate: Gate) -> None:
    gate = still_gate
    await gate.register("r_1")
    await gate.released(expires_at=gate.clock.now() + timedelta(minutes=10))
    await gate.dispatch()
    gate.wait(601)
    assert await gate.inbox() == []


@pytest.mark.parametrize("stage", ["review", "approved", "releasing", "released"])
async def test_a_withdrawal_stops_at_every_stage(gate: Gate, stage: str) -> None:
    await gate.register("r_1")
    push_id = await gate.push()
    if stage != "review":
        await gate.approve(push_id)
    if stage in {"releasing", "released"}:
        await gate.release()
    if stage == "released":
        await gate.dispatch()
        await gate.release()
    answer = await gate.services.pushes.withdraw(gate.caller, push_id, "误发")
    assert (answer["stopped"], answer["recalled"]) == (
        int(stage == "releasing"), int(stage == "released")
    )  # fmt: skip
    await gate.release()
    await gate.dispatch()
    assert await gate.inbox() == []
    assert await gate.state(push_id) is (
        PushState.RELEASED if stage == "released" else PushState.WITHDRAWN
    )
    assert "withdrawal" in await Ledger(gate.services.db).kinds(push_id)
    ticket_id = (await gate.dossier(push_id)).ticket_id or ""
    ticket = await gate.services.review.ticket(ticket_id)
    assert ticket is not None
    assert ticket.state == "closed"


async def test_somebody_elses_push_cannot_be_withdrawn(gate: Gate) -> None:
    push_id = await gate.push()
    stranger = replace(gate.caller, provider_id="prv_other")
    with pytest.raises(NotFound):
        await gate.services.pushes.withdraw(stranger, push_id, "")


async def test_a_suspended_provider_waits_and_goes_on(still_gate: Gate) -> None:
    gate = still_gate
    await gate.register("r_1")
    push_id = await gate.released()
    await gate.services.enrolment.suspend_provider(ADMIN, gate.provider_id, "核查")
    await gate.dispatch()
    assert await gate.outcomes(push_id) == "w"
    await gate.services.enrolment.resume_provider(ADMIN, gate.provider_id, "核查完毕")
    gate.wait(2)
    await gate.dispatch()
    assert await gate.outcomes(push_id) == "a"


async def tries(gate: Gate, rounds: int) -> None:
    for _ in range(rounds):
        await gate.dispatch()
        gate.wait(700)


@pytest.mark.parametrize(("answer", "letter"), [("503", "f"), ("500", "u")])
async def test_after_six_tries_it_is_a_dead_letter_that_can_be_replayed(
    still_gate: Gate, answer: str, letter: str
) -> None:
    gate = still_gate
    gate.receiver.answers = [answer] * 6
    push_id = await gate.released(surface=gate.webhook_id)
    await tries(gate, 6)
    await gate.release()
    assert len(gate.receiver.calls) == 6
    row = (await gate.rows(push_id))[0]
    assert (row.state, row.outcomes) == ("dead", letter)
    assert "dead_letter" in await Ledger(gate.services.db).kinds(push_id)
    assert [one.id for one in await gate.services.dead_letters.newest()] == [row.id]

    await gate.services.dead_letters.replay(ADMIN, row.id)
    view = await gate.services.views.get(gate.provider_id, push_id)
    assert view.state is PushState.RELEASING
    await gate.dispatch()
    assert await gate.outcomes(push_id) == "a"
    view = await gate.services.views.get(gate.provider_id, push_id)
    assert view.state is PushState.RELEASED
    events = [call.headers["popgate-event-id"] for call in gate.receiver.calls]
    # Unknown goes out again under its event id; what was certainly refused is a new hand-over.
    assert (events[-1] == events[0]) == (letter == "u")
    with pytest.raises(Conflict):
        await gate.services.dead_letters.replay(ADMIN, row.id)
    with pytest.raises(NotFound):
        await gate.services.dead_letters.replay(ADMIN, "obx_none")


async def test_a_replayed_dead_letter_is_decided_again_first(still_gate: Gate) -> None:
    gate = still_gate
    gate.receiver.answers = ["400"]
    await gate.license_news()
    await gate.publish_sources()
    await gate.services.watch.refresh()
    answer = await gate.submit(gate.news(surface=gate.webhook_id))
    push_id = str(orjson.loads(answer.body)["id"])
    await gate.approve(push_id)
    await gate.release()
    await gate.dispatch()
    await gate.release()
    assert await gate.state(push_id) is PushState.FAILED
    await gate.publish_sources("name,domain\n人民日报,people.com.cn\n", "2025-07")
    row = (await gate.rows(push_id))[0]
    await gate.services.dead_letters.replay(ADMIN, row.id)
    for _ in range(3):
        await gate.dispatch()
        await gate.release()
        gate.wait(1)
    assert len(gate.receiver.calls) == 1
    assert (await gate.rows(push_id))[0].stop in {"held", "blocked"}
    assert await gate.state(push_id) is PushState.FAILED


@pytest.mark.parametrize("spoilt", ["row", "envelope"])
async def test_bytes_that_are_not_those_of_the_ruling_never_leave(gate: Gate, spoilt: str) -> None:
    await gate.register("r_1")
    push_id = await gate.released()
    other = await gate.released()

    def work(tx: Tx) -> None:
        if spoilt == "row":
            foreign = select(releases.c.id).where(releases.c.push_id == other).scalar_subquery()
            tx.execute(update(outbox).where(outbox.c.push_id == push_id).values(release_id=foreign))
        else:
            bad = update(releases).where(releases.c.push_id == push_id)
            tx.execute(bad.values(envelope=b'{"payload":"e30=","payloadType":"x","signatures":[]}'))

    await gate.services.db.write(work)
    for _ in range(2):
        await gate.dispatch()
    assert [item.push_id for item in await gate.inbox()] == [other]
    assert (await gate.rows(push_id))[0].state == "dead"


async def test_two_dispatchers_share_the_work_without_doubling_it(gate: Gate) -> None:
    other = await gate.process()
    tokens = tuple(f"r_{n}" for n in range(60))
    await gate.register(*tokens)
    push_id = await gate.released(*tokens)
    async with asyncio.timeout(30):
        while any(row.state != "done" for row in await gate.rows(push_id)):
            await asyncio.gather(gate.dispatch(), other.dispatch())
            gate.wait(1)
    assert await gate.outcomes(push_id) == "a" * 60
    for token in tokens:
        assert len(await gate.inbox(token)) == 1


@pytest.mark.parametrize(
    ("answer", "state"), [("200", PushState.RELEASED), ("400", PushState.FAILED)]
)
async def test_the_push_ends_as_its_rows_do(gate: Gate, answer: str, state: PushState) -> None:
    gate.receiver.answers = [answer]
    push_id = await gate.released(surface=gate.webhook_id)
    await gate.dispatch()
    await gate.release()
    assert await gate.state(push_id) is state
    assert await gate.release() == 0


async def test_senders_are_told_and_dead_events_are_replayed(still_gate: Gate) -> None:
    gate = still_gate
    url = f"{gate.receiver.url}/told"
    await gate.services.enrolment.set_outcome_webhook(ADMIN, gate.provider_id, url)
    push_id = await gate.approved()
    gate.receiver.answers = ["503", "400"]
    outcome = gate.services.outcome_webhooks
    assert await outcome.run_once() == 1
    gate.wait(10)
    assert await outcome.run_once() == 1
    assert await outcome.run_once() == 0
    dead = (await outcome.newest("dead"))[0]
    assert (dead.attempts, dead.last_status) == (2, 400)
    await outcome.replay(ADMIN, dead.event.id)
    assert await outcome.run_once() == 1
    with pytest.raises(Conflict):
        await outcome.replay(ADMIN, dead.event.id)
    told = [call for call in gate.receiver.calls if call.path == "/told"]
    assert len({(call.headers["popgate-event-id"], call.body) for call in told}) == 1
    body: dict[str, Any] = orjson.loads(told[0].body)
    assert (body["push"]["id"], body["push"]["state"]) == (push_id, "approved")


async def test_a_personalised_advertisement_is_kept_from_who_may_be_a_minor(gate: Gate) -> None:
    """Refusing personalisation takes a recipient out of personalised pushes alone."""
    secrets = await gate.register("r_1")
    refusal = NewRefusal(RefusalScope.PERSONALISATION, None)
    await gate.services.recipients.refuse(secrets["r_1"], refusal)
    model = Personalisation(True, "m-1", ("city",), ("地铁",), "consent-1")
    push_id = await gate.push(personalisation=model, ai_generated=AiGenerated.NO)
    if await gate.state(push_id) is PushState.IN_REVIEW:
        await gate.approve(push_id)
        await gate.release()
        await gate.dispatch()
        assert await gate.outcomes(push_id) == "r"
    plain = await gate.released()
    await gate.dispatch()
    assert await gate.outcomes(plain) == "a"
