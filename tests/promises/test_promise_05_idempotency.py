"""Promise 5: what was answered with 201 stays, and one idempotency key never makes two pushes."""

import asyncio
from datetime import timedelta

import orjson
import pytest
from sqlalchemy import func, select

from app.domain.state import PushState
from app.errors import Conflict, GatewayError, Invalid
from app.pushes.models import decisions, idempotency_keys, pushes, transitions
from app.pushes.parts import Answer, IdempotencyKey, PushParts
from tests.fixtures.gate import Gate


async def count(gate: Gate) -> tuple[int, ...]:
    """How many pushes, decisions, transitions and keys there are."""
    tables = (pushes, decisions, transitions, idempotency_keys)
    return tuple(
        [
            await gate.services.db.read(
                lambda tx, table=table: tx.execute(  # type: ignore[misc]
                    select(func.count()).select_from(table)
                ).scalar_one()
            )
            for table in tables
        ]
    )


async def test_sixty_four_at_once_make_one_push(gate: Gate) -> None:
    request = gate.request()
    answers = await asyncio.gather(*(gate.submit(request, key="k") for _ in range(64)))
    assert len(set(answers)) == 1
    assert await count(gate) == (1, 1, 1, 1)


async def test_sixty_four_at_once_in_two_processes_make_one_push(gate: Gate) -> None:
    other = await gate.process()
    request = gate.request()
    answers = await asyncio.gather(
        *(one.submit(request, key="k") for _ in range(32) for one in (gate, other))
    )
    assert len(set(answers)) == 1
    assert await count(gate) == (1, 1, 1, 1)


async def test_many_keys_in_two_processes_at_once_make_one_push_each(gate: Gate) -> None:
    """Each key comes four times, alone in its group or not; nobody sees an error."""
    other = await gate.process()
    keys = [f"key {n}" for n in range(25)]
    request = gate.request()
    answers = await asyncio.gather(
        *(one.submit(request, key=key) for key in keys for one in (gate, other, gate, other))
    )
    assert len({answer.body for answer in answers}) == len(keys)
    assert await count(gate) == (25, 25, 25, 25)


async def test_two_processes_with_one_external_id_make_one_push(gate: Gate) -> None:
    other = await gate.process()
    request = gate.request(external_id="mine-1")
    results = await asyncio.gather(
        *(one.submit(request) for _ in range(8) for one in (gate, other)), return_exceptions=True
    )
    assert sum(isinstance(result, Answer) for result in results) == 1
    refused = [result for result in results if not isinstance(result, Answer)]
    assert {getattr(error, "code", repr(error)) for error in refused} == {"external_id_used"}
    assert (await count(gate))[0] == 1


async def test_a_key_used_since_the_group_asked_gets_the_stored_answer(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another writer's commit between the question and the look at the external id."""
    request = gate.request(external_id="mine")
    first = await gate.submit(request, key="k")
    monkeypatch.setattr("app.pushes.service.answer_in", lambda *_: None)
    assert await gate.submit(request, key="k") == first
    for key, body_hash in (("another", "h"), ("k", "b")):
        with pytest.raises(Conflict):
            await gate.submit(request, key=key, body_hash=body_hash)
    assert await count(gate) == (1, 1, 1, 1)


async def test_another_body_under_the_same_key_is_a_conflict(gate: Gate) -> None:
    first = await gate.submit(gate.request(), key="k", body_hash="a")
    with pytest.raises(Conflict) as refused:
        await gate.submit(gate.request(), key="k", body_hash="b")
    assert refused.value.code == "idempotency_key_reused"
    assert refused.value.extra == {"push": orjson.loads(first.body)["id"]}
    assert (await count(gate))[0] == 1


async def test_two_bodies_at_once_under_one_key_make_one_push(gate: Gate) -> None:
    results = await asyncio.gather(
        *(gate.submit(gate.request(), key="k", body_hash=str(n)) for n in range(16)),
        return_exceptions=True,
    )
    assert sum(isinstance(result, Answer) for result in results) == 1
    assert (await count(gate))[0] == 1


@pytest.mark.parametrize("swept", [False, True])
async def test_after_72_hours_the_key_is_still_used(still_gate: Gate, *, swept: bool) -> None:
    gate = still_gate
    answer = await gate.submit(gate.request(), key="k")
    gate.wait(timedelta(hours=71, minutes=59).total_seconds())
    key = IdempotencyKey("k", "h")
    await gate.services.pushes.forget_old_answers()
    assert await gate.services.pushes.known(gate.caller, key) == answer
    gate.wait(61)
    if swept:
        assert await gate.services.pushes.forget_old_answers() == 1
        assert await gate.services.pushes.forget_old_answers() == 0
    for again in (
        gate.services.pushes.known(gate.caller, key),
        gate.submit(gate.request(), key="k"),
    ):
        with pytest.raises(Conflict) as refused:
            await again
        assert refused.value.code == "idempotency_key_expired"
        assert refused.value.extra == {"push": orjson.loads(answer.body)["id"]}
    assert (await count(gate))[0] == 1


def told(error: GatewayError) -> dict[str, object]:
    return {"code": error.code}


async def test_a_batch_is_one_key_and_one_transaction(gate: Gate) -> None:
    parts = PushParts((), ("r_1",))
    items: list[object] = [(gate.request(external_id=f"b-{n}"), parts) for n in range(30)]
    items[7] = Invalid()
    items[9] = (gate.request(external_id="b-3"), parts)
    items[11] = (gate.request(surface="srf_nobodys"), parts)
    key = IdempotencyKey("batch", "h")
    answers = await asyncio.gather(
        *(
            gate.services.pushes.submit_batch(gate.caller, items, key, told)  # type: ignore[arg-type]
            for _ in range(8)
        )
    )
    assert len(set(answers)) == 1
    results = orjson.loads(answers[0].body)["results"]
    assert [result["status"] for result in results] == [
        422 if n in {7, 11} else 409 if n == 9 else 201 for n in range(30)
    ]
    assert results[9]["problem"] == {"code": "external_id_used"}
    assert (await count(gate))[0] == 27
    ids = [result["push"]["id"] for result in results if result["status"] == 201]
    assert [await gate.state(push_id) for push_id in ids] == [PushState.IN_REVIEW] * 27


async def test_a_resubmission_retires_the_push_that_it_replaces(gate: Gate) -> None:
    first = await gate.push(external_id="mine")
    with pytest.raises(Conflict):
        await gate.push(external_id="mine")
    second = await gate.push(external_id="mine", replaces=first)
    assert await gate.state(first) is PushState.WITHDRAWN
    assert (await gate.stored(first)).superseded_by == second
    for wrong in (first, "psh_nobodys"):
        with pytest.raises(Conflict):
            await gate.push(external_id="mine", replaces=wrong)
    third = await gate.push(external_id="mine", replaces=second)
    assert (await gate.stored(third)).replaces == second


async def test_a_push_can_be_replaced_once_only_even_at_once(gate: Gate) -> None:
    other = await gate.process()
    first = await gate.push()
    results = await asyncio.gather(
        *(one.push(replaces=first) for _ in range(6) for one in (gate, other)),
        return_exceptions=True,
    )
    made = [result for result in results if isinstance(result, str)]
    assert len(made) == 1
    assert (await gate.stored(first)).superseded_by == made[0]
    codes = {getattr(error, "code", repr(error)) for error in results if error not in made}
    assert codes == {"already_replaced"}
