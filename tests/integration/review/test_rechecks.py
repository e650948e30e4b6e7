"""Rulings judged again, on each database: who may, once each, and what it adds up to."""

import pytest

from app.domain.decision import RulingVerdict
from app.domain.pairs import PairClasses
from app.domain.push import Urgency
from app.errors import Conflict, Forbidden, Invalid, NotFound
from app.review.agreement import Agreement, agreement
from app.review.ruling_repository import StoredRuling
from app.review.states import Reviewer
from tests.fixtures.gate import LIN, WANG, Gate

ZHAO = Reviewer("stf_zhao", frozenset(), is_lead=True)
APPROVE, REFUSE = RulingVerdict.APPROVE, RulingVerdict.REFUSE
NO = {"verdict": REFUSE, "clause": "第五条第（三）项"}


async def test_somebody_else_judges_a_ruling_once(still_gate: Gate) -> None:
    gate = still_gate
    rechecks = gate.services.review.rechecks
    push_id = await gate.push()
    await gate.approve(push_id)  # at the instant of the claim: faster than one can read
    tied = Reviewer("stf_tied", frozenset({gate.provider_id}))
    assert [await rechecks.waiting(one) for one in (LIN, tied, WANG)] == [0, 0, 1]
    assert await rechecks.next(LIN) is None
    one = await rechecks.next(WANG)
    assert one is not None
    assert (one.push_id, one.reviewer, one.cause) == (push_id, LIN.person, "fast")
    for stranger in (LIN, tied):
        with pytest.raises(Forbidden):
            await rechecks.judge(one.id, stranger, REFUSE, "不实")
    with pytest.raises(Invalid):
        await rechecks.judge(one.id, WANG, REFUSE, " ")
    with pytest.raises(NotFound):
        await rechecks.get("rck_nothing", WANG)
    await rechecks.judge(one.id, WANG, REFUSE, "不实")
    for late in (WANG, ZHAO):
        with pytest.raises(Conflict):
            await rechecks.judge(one.id, late, APPROVE, "属实")
    known = await rechecks.quality(7)
    [(done, ruling)] = known.done
    assert (done.by_person, done.verdict, ruling.ruling.verdict) == (WANG.person, REFUSE, APPROVE)
    assert known.given == ((LIN.person, APPROVE, 1),)
    assert known.sampled == []


async def test_pairs_count_once_they_are_done_and_the_arbiter_for_nobody(
    still_gate: Gate,
) -> None:
    gate = still_gate
    pairs = gate.services.rulings.pairs
    draft = await pairs.propose("stf_a", PairClasses(emergency=True, recheck_percent=100), "测试")
    await pairs.approve(draft.id, "stf_b")
    said = ((APPROVE, APPROVE), (REFUSE, APPROVE), (REFUSE, REFUSE))
    for verdicts in said:
        push_id = await gate.push(urgency=Urgency.EMERGENCY)
        for person, verdict in zip((LIN, WANG), verdicts, strict=True):
            changes = {} if verdict is APPROVE else NO
            given = await gate.rule(await gate.claim(push_id, person), person, **changes)
            assert isinstance(given, StoredRuling)
        if len(set(verdicts)) > 1:
            assert len((await gate.services.review.rechecks.quality(7)).pairs) == 1
            await gate.approve(push_id, ZHAO)
    known = await gate.services.review.rechecks.quality(7)
    assert {(one.one_verdict, one.other_verdict) for one in known.pairs} == set(said)
    assert agreement(known.sampled) == Agreement(3, 2, 40)
    assert {cause for _, cause, _ in known.marked} == {"fast"}
