"""Promise 2: a person can clear a hold that was seen, never a block, nor a hold to come."""

from dataclasses import replace
from datetime import timedelta

import orjson

from app.domain.decision import Verdict
from app.domain.policy import Cap
from app.domain.state import PushState
from app.policy.default import DEFAULT_CAPS
from app.review.states import Refusal, Ticket
from tests.fixtures.gate import LIN, SOURCES, WANG, Gate
from tests.fixtures.registers import ADMIN


async def ready_for_news(gate: Gate) -> str:
    licence = await gate.license_news()
    await gate.publish_sources()
    await gate.services.watch.refresh()
    return licence


async def news(gate: Gate) -> str:
    answer = await gate.submit(gate.news())
    return str(orjson.loads(answer.body)["id"])


async def test_a_blocked_push_has_no_ticket_and_no_way_out(gate: Gate) -> None:
    request = gate.request()
    close = replace(request.presentation.close, present=False)
    push_id = await gate.push(presentation=replace(request.presentation, close=close))
    assert await gate.state(push_id) is PushState.BLOCKED
    assert (await gate.dossier(push_id)).ticket_id is None
    assert await gate.services.review.claim_next(LIN) is Refusal.NOTHING_WAITING


async def test_a_source_taken_off_the_list_stops_an_approved_push(gate: Gate) -> None:
    await ready_for_news(gate)
    push_id = await news(gate)
    await gate.approve(push_id)
    await gate.publish_sources("name,domain,status\n人民日报,people.com.cn,found\n", "2025-07")
    await gate.release()
    assert await gate.state(push_id) in {PushState.IN_REVIEW, PushState.BLOCKED}
    assert await gate.rows() == []


async def test_a_licence_revoked_after_approval_stops_the_push(gate: Gate) -> None:
    licence = await ready_for_news(gate)
    push_id = await news(gate)
    await gate.approve(push_id)
    await gate.services.enrolment.revoke_licence(ADMIN, licence, "证照吊销")
    await gate.release()
    assert await gate.state(push_id) in {PushState.IN_REVIEW, PushState.BLOCKED}
    assert await gate.rows() == []


async def held_anew(gate: Gate) -> str:
    """Approve a push whose unit's domain then changes, so that a new hold comes up."""
    await ready_for_news(gate)
    push_id = await news(gate)
    assert (await gate.dossier(push_id)).decision.open_holds == ("human-review",)
    await gate.approve(push_id)
    await gate.publish_sources(SOURCES.replace("www.news.cn", ""), "2025-07")
    await gate.release()
    assert await gate.state(push_id) is PushState.IN_REVIEW
    return push_id


async def test_a_new_hold_goes_back_to_review_and_a_new_approval_clears_all(gate: Gate) -> None:
    push_id = await held_anew(gate)
    dossier = await gate.dossier(push_id)
    assert set(dossier.decision.open_holds) > {"human-review"}
    assert not any(ruling.standing for ruling in dossier.rulings)
    assert await gate.rows() == []
    await gate.approve(push_id, WANG)
    await gate.release()
    assert await gate.state(push_id) is PushState.RELEASING


async def test_what_a_reviewer_did_not_see_is_not_cleared_ahead(gate: Gate) -> None:
    await ready_for_news(gate)
    push_id = await news(gate)
    everything = ("human-review", "popup-05-03-approved-source", "popup-05-06-daily-cap")
    given = await gate.rule(await gate.claim(push_id), clears=everything)
    assert not isinstance(given, Refusal)
    assert given.ruling.clears == ("human-review",)
    await gate.publish_sources(SOURCES.replace("www.news.cn", ""), "2025-07")
    await gate.release()
    assert await gate.state(push_id) is PushState.IN_REVIEW


async def test_an_approval_names_every_open_hold(gate: Gate) -> None:
    push_id = await held_anew(gate)
    ticket = await gate.claim(push_id, WANG)
    assert await gate.rule(ticket, WANG, clears=("human-review",)) is Refusal.HOLDS_NOT_CLEARED


async def test_what_is_unknowable_is_cleared_only_with_what_was_checked(gate: Gate) -> None:
    push_id = await held_anew(gate)
    ticket = await gate.claim(push_id, WANG)
    findings = (await gate.dossier(push_id)).decision.findings
    assert any(finding.unverifiable == "unknowable" for finding in findings)
    assert await gate.rule(ticket, WANG, checked=" ") is Refusal.NOT_CHECKED


async def test_the_ticket_of_a_push_with_a_late_start_comes_up_again(still_gate: Gate) -> None:
    """Its deadline was `not_before`, which has passed: it is late, and must not be forgotten."""
    gate = still_gate
    await ready_for_news(gate)
    start = gate.clock.now() + timedelta(minutes=10)
    answer = await gate.submit(gate.news(not_before=start))
    push_id = str(orjson.loads(answer.body)["id"])
    await gate.approve(push_id)
    gate.wait(601)
    await gate.publish_sources(SOURCES.replace("www.news.cn", ""), "2025-07")
    await gate.release()
    assert await gate.state(push_id) is PushState.IN_REVIEW
    assert isinstance(await gate.services.review.claim_next(WANG), Ticket)


async def test_a_changed_policy_sends_rows_under_the_new_caps(gate: Gate) -> None:
    push_id = await gate.released()
    tighter = tuple(replace(cap, limit=1) if cap.id == "general-2" else cap for cap in DEFAULT_CAPS)
    draft = await gate.services.policies.propose("stf_a", tighter, "收紧")
    await gate.services.policies.approve(draft.id, "stf_b")
    await gate.release()
    row = (await gate.rows(push_id))[0]
    assert {"id": "general-2", "limit": 1} in row.caps
    assert row.versions["policy"].startswith("2@")


async def test_a_hold_while_releasing_takes_the_rows_back(gate: Gate) -> None:
    await ready_for_news(gate)
    await gate.register("r_1")
    push_id = await news(gate)
    await gate.approve(push_id)
    await gate.release()
    assert await gate.state(push_id) is PushState.RELEASING
    await gate.publish_sources(SOURCES.replace("www.news.cn", ""), "2025-07")
    await gate.release()
    assert await gate.state(push_id) is PushState.IN_REVIEW
    # Even if the list were put back: the push is in review.
    await gate.publish_sources(SOURCES, "2025-06")
    await gate.release()
    await gate.dispatch()
    assert await gate.inbox() == []
    await gate.approve(push_id, WANG)
    await gate.release()
    await gate.dispatch()
    assert len(await gate.inbox()) == 1
    assert await gate.outcomes(push_id) == "a"


def test_a_cap_cannot_name_a_customer() -> None:
    assert set(Cap.__dataclass_fields__) == {
        "id", "limit", "window", "covers", "per", "over", "mode", "source", "house",
        "effective_from", "counts", "percent", "broadcast",
    }  # fmt: skip


async def test_a_fact_that_comes_later_is_looked_for_again(still_gate: Gate) -> None:
    gate = still_gate
    await gate.license_news()
    push_id = await news(gate)
    dossier = await gate.dossier(push_id)
    assert dossier.decision.waits_for_outage
    ticket = await gate.claim(push_id)
    assert await gate.rule(ticket) is Refusal.OUTAGE
    await gate.publish_sources()
    gate.wait(6)
    await gate.release()
    dossier = await gate.dossier(push_id)
    assert dossier.decision.verdict is Verdict.HOLD
    assert not dossier.decision.waits_for_outage
    await gate.approve(push_id)
    await gate.release()
    assert await gate.state(push_id) is PushState.RELEASING
