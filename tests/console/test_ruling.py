"""Ruling from the desk: what is enforced, what is kept, what a second click or a late one does."""

import pytest

from app.providers.keys import NewSender
from app.staff.roles import Role
from tests.fixtures.api import ADMIN
from tests.fixtures.clock import ManualClock
from tests.fixtures.console import Console, Person, text_of
from tests.fixtures.desk import (
    Waiting,
    allow_news,
    asked_holds,
    claim,
    hidden,
    news,
    open_tickets,
    rule,
    submit,
)

CLAUSE = "互联网弹窗信息推送服务管理规定 第五条第（八）项"


async def state_of(console: Console, waiting: Waiting) -> str:
    return (await console.services.views.dossier(waiting.push_id)).push.state.value


async def reviewer_with_ticket(console: Console, **changes: object) -> tuple[Person, Waiting]:
    reviewer = await console.person(Role.REVIEWER)
    waiting = await submit(console, **changes)
    return reviewer, waiting


async def test_an_approval_can_be_undone_from_the_page_and_given_again(console: Console) -> None:
    reviewer, waiting = await reviewer_with_ticket(console)
    page = await claim(reviewer, waiting)
    given = await rule(reviewer, waiting, page, "approve")
    assert given.status_code == 303, text_of(given.text)
    after = await reviewer.follow()
    assert "/undo" in after.text
    assert await state_of(console, waiting) == "approved"
    ruling = (await console.services.views.dossier(waiting.push_id)).rulings[-1].ruling
    await reviewer.post(f"/console/rulings/{ruling.id}/undo", ticket=waiting.ticket_id)
    again = await reviewer.follow()
    assert "通过已撤销" in text_of(again.text)
    assert await state_of(console, waiting) == "in_review"
    assert (await rule(reviewer, waiting, again, "approve")).status_code == 303
    assert await state_of(console, waiting) == "approved"


async def test_a_ruling_leads_on_to_the_next_ticket_and_is_undone_from_there(
    console: Console,
) -> None:
    reviewer, first = await reviewer_with_ticket(console)
    second = await submit(console)
    page = await claim(reviewer, first)
    await rule(reviewer, first, page, "approve", then="next")
    onward = await reviewer.follow()
    assert str(onward.url).endswith(second.ticket_id)
    assert "刚才的裁定" in text_of(onward.text)
    assert f'name="ticket" value="{first.ticket_id}"' in onward.text
    ruling = (await console.services.views.dossier(first.push_id)).rulings[-1].ruling
    await reviewer.post(f"/console/rulings/{ruling.id}/undo", ticket=first.ticket_id)
    again = await reviewer.follow()
    assert str(again.url).endswith(first.ticket_id)
    assert "刚才的裁定" not in text_of(again.text)
    assert await state_of(console, first) == "in_review"


async def test_a_ruling_on_the_last_ticket_stays_there_and_says_that_nothing_waits(
    console: Console,
) -> None:
    reviewer, waiting = await reviewer_with_ticket(console)
    page = await claim(reviewer, waiting)
    await rule(reviewer, waiting, page, "refuse", clause=CLAUSE, reason="标题不符。", then="next")
    after = await reviewer.follow()
    assert str(after.url).endswith(waiting.ticket_id)
    assert "没有可以领取的工单" in text_of(after.text)
    assert await state_of(console, waiting) == "refused"


@pytest.mark.parametrize(("verdict", "state"), [("refuse", "refused"), ("return", "returned")])
async def test_refusing_and_returning_name_clause_and_reason(
    console: Console, verdict: str, state: str
) -> None:
    reviewer, waiting = await reviewer_with_ticket(console)
    page = await claim(reviewer, waiting)
    without = await rule(reviewer, waiting, page, verdict, clause="", reason="只写了理由")
    assert without.status_code == 422
    assert "请选择依据的条款" in text_of(without.text)
    assert "只写了理由" in without.text
    made_up = await rule(reviewer, waiting, page, verdict, clause="第九百九十九条")
    assert made_up.status_code == 422
    given = await rule(reviewer, waiting, page, verdict, clause=CLAUSE, reason="标题与原文不符。")
    assert given.status_code == 303
    assert await state_of(console, waiting) == state
    after = text_of((await reviewer.follow()).text)
    assert CLAUSE in after
    assert "标题与原文不符。" in after


async def test_an_approval_without_every_hold_is_sent_back_with_what_was_typed(
    console: Console,
) -> None:
    reviewer, waiting = await reviewer_with_ticket(console)
    page = await claim(reviewer, waiting)
    answer = await rule(reviewer, waiting, page, "approve", clears=[], reason="我写的理由")
    assert answer.status_code == 422
    assert "请逐项勾选" in text_of(answer.text)
    assert "我写的理由" in answer.text
    assert 'value="approve" data-key="a" checked' in answer.text
    assert await state_of(console, waiting) == "in_review"


async def test_an_unknowable_fact_needs_what_was_checked(console: Console) -> None:
    await allow_news(console)
    reviewer, waiting = await reviewer_with_ticket(console, **news(console, unit="海屿晚报社"))
    page = await claim(reviewer, waiting)
    assert "须人工核实" in text_of(page.text)
    answer = await rule(reviewer, waiting, page, "approve")
    assert answer.status_code == 422
    assert "请写明人工核实了什么" in text_of(answer.text)
    given = await rule(reviewer, waiting, page, "approve", checked="查验营业执照原件")
    assert given.status_code == 303
    assert "查验营业执照原件" in text_of((await reviewer.follow()).text)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"verdict": ""}, "请选择通过、退回修改或驳回"),
        ({"verdict": "nonsense"}, "请选择通过、退回修改或驳回"),
        ({"verdict": "approve", "reason": "  "}, "请填写理由"),
        ({"verdict": "approve", "reason": "已核验（＿＿）"}, "补充完整"),
        ({"verdict": "approve", "reason": "字" * 2001}, "最多 2000 个字"),
    ],
)
async def test_a_form_with_faults_decides_nothing(
    console: Console, fields: dict[str, str], expected: str
) -> None:
    reviewer, waiting = await reviewer_with_ticket(console)
    page = await claim(reviewer, waiting)
    answer = await rule(reviewer, waiting, page, **fields)
    assert answer.status_code == 422
    assert expected in text_of(answer.text)
    assert await state_of(console, waiting) == "in_review"


async def test_a_stale_claim_gets_a_page_that_keeps_the_reason(console: Console) -> None:
    reviewer, waiting = await reviewer_with_ticket(console)
    old = await claim(reviewer, waiting)
    await reviewer.post(f"{waiting.page}/hand-back", fencing=hidden(old, "fencing"))
    await claim(reviewer, waiting)
    late = await rule(reviewer, waiting, old, "approve", reason="写了很久的理由")
    assert late.status_code == 409
    assert "这是一次旧的领取" in text_of(late.text)
    assert "写了很久的理由" in late.text
    assert await state_of(console, waiting) == "in_review"


async def test_other_content_than_was_seen_is_refused(console: Console) -> None:
    reviewer, waiting = await reviewer_with_ticket(console)
    page = await claim(reviewer, waiting)
    answer = await rule(reviewer, waiting, page, "approve", digest="sha256:" + "0" * 64)
    assert answer.status_code == 409
    assert "内容已经变化" in text_of(answer.text)


async def test_of_two_reviewers_one_ruling_counts(console: Console) -> None:
    first, waiting = await reviewer_with_ticket(console)
    second = await console.person(Role.REVIEWER)
    page = await claim(first, waiting)
    late = await rule(second, waiting, page, "refuse", clause=CLAUSE)
    assert late.status_code == 409
    assert "正由他人处理" in text_of(late.text)
    assert (await rule(first, waiting, page, "approve")).status_code == 303
    assert await state_of(console, waiting) == "approved"


async def test_the_same_form_sent_twice_rules_once(console: Console) -> None:
    reviewer, waiting = await reviewer_with_ticket(console)
    page = await claim(reviewer, waiting)
    first = await rule(reviewer, waiting, page, "approve")
    second = await rule(reviewer, waiting, page, "approve")
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["location"] == second.headers["location"]
    assert len((await console.services.views.dossier(waiting.push_id)).rulings) == 1
    other = await rule(reviewer, waiting, page, "refuse", clause=CLAUSE)
    assert other.status_code == 409
    assert "已经处理完毕" in text_of(other.text)


async def test_who_submitted_it_cannot_rule_on_it_admins_included(console: Console) -> None:
    submitter = await console.person(Role.REVIEWER, Role.ADMIN)
    other = await console.person(Role.REVIEWER)
    new = NewSender(
        console.api.provider_id, "本人", "赵六", submitter.staff_id, frozenset({"push:submit"})
    )
    sender = await console.services.sender_keys.add_sender(ADMIN, new)
    issued = await console.services.sender_keys.issue(ADMIN, sender)
    await console.services.watch.refresh()
    console.api.http.headers["authorization"] = f"Bearer {issued.raw}"
    waiting = await submit(console)
    shown = await submitter.get(waiting.page)
    assert "您本人提交" in text_of(shown.text)
    page = await claim(other, waiting)
    answer = await rule(submitter, waiting, page, "approve")
    assert answer.status_code == 403
    assert "不能审核自己提交的推送" in text_of(answer.text)
    assert await state_of(console, waiting) == "in_review"


async def test_an_admin_who_is_no_reviewer_cannot_rule(console: Console) -> None:
    reviewer, waiting = await reviewer_with_ticket(console)
    page = await claim(reviewer, waiting)
    for role in (Role.ADMIN, Role.AUDITOR):
        person = await console.person(role)
        assert (await rule(person, waiting, page, "approve")).status_code == 403
    assert await state_of(console, waiting) == "in_review"


async def test_a_ruling_without_the_sessions_token_is_refused(console: Console) -> None:
    reviewer, waiting = await reviewer_with_ticket(console)
    page = await claim(reviewer, waiting)
    answer = await rule(reviewer, waiting, page, "approve", csrf="0" * 32)
    assert answer.status_code == 403
    assert await state_of(console, waiting) == "in_review"


async def test_only_who_approved_can_undo_it(console: Console) -> None:
    reviewer, waiting = await reviewer_with_ticket(console)
    other = await console.person(Role.REVIEWER)
    page = await claim(reviewer, waiting)
    await rule(reviewer, waiting, page, "approve")
    ruling = (await console.services.views.dossier(waiting.push_id)).rulings[-1].ruling
    answer = await other.post(f"/console/rulings/{ruling.id}/undo", ticket=waiting.ticket_id)
    assert answer.status_code == 403
    assert "这不是您的裁定" in text_of(answer.text)
    assert "/undo" not in (await other.get(waiting.page)).text
    assert await state_of(console, waiting) == "approved"


async def test_an_undo_that_comes_too_late_is_gone(console_without_undo: Console) -> None:
    console = console_without_undo
    reviewer, waiting = await reviewer_with_ticket(console)
    page = await claim(reviewer, waiting)
    await rule(reviewer, waiting, page, "approve")
    assert "/undo" not in (await reviewer.follow()).text
    ruling = (await console.services.views.dossier(waiting.push_id)).rulings[-1].ruling
    late = await reviewer.post(f"/console/rulings/{ruling.id}/undo", ticket=waiting.ticket_id)
    assert late.status_code == 410
    assert "撤销期已过" in text_of(late.text)
    assert await state_of(console, waiting) == "approved"


async def test_undoing_twice_says_that_the_state_has_changed(console: Console) -> None:
    reviewer, waiting = await reviewer_with_ticket(console)
    page = await claim(reviewer, waiting)
    await rule(reviewer, waiting, page, "approve")
    ruling = (await console.services.views.dossier(waiting.push_id)).rulings[-1].ruling
    await reviewer.post(f"/console/rulings/{ruling.id}/undo", ticket=waiting.ticket_id)
    again = await reviewer.post(f"/console/rulings/{ruling.id}/undo", ticket="tkt_<b>")
    assert again.status_code == 409
    assert "tkt_<b>" not in again.text
    assert await open_tickets(console) == 1


async def test_a_lapsed_claim_is_explained_and_can_be_taken_again(
    console_with_clock: tuple[Console, ManualClock],
) -> None:
    console, clock = console_with_clock
    reviewer, waiting = await reviewer_with_ticket(console)
    page = await claim(reviewer, waiting)
    clock.advance(seconds=121)
    late = await rule(reviewer, waiting, page, "approve")
    assert late.status_code == 409
    assert "您的领取已失效" in text_of(late.text)
    fresh = await claim(reviewer, waiting)
    assert hidden(fresh, "fencing") != hidden(page, "fencing")
    assert (await rule(reviewer, waiting, fresh, "approve")).status_code == 303


async def test_the_form_asks_for_the_holds_that_stand_and_no_others(console: Console) -> None:
    reviewer, waiting = await reviewer_with_ticket(console)
    page = await claim(reviewer, waiting)
    dossier = await console.services.views.dossier(waiting.push_id)
    assert set(asked_holds(page)) == set(dossier.decision.open_holds)
