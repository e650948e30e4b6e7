"""Pushes in the console: search, one push with its record, withdrawing by staff."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.db.session import Tx
from app.db.versions import bump
from app.domain.cap_use import CapUse
from app.policy.cap_use_repository import note_uses
from app.policy.cap_uses import CAP_USES
from app.policy.default import DEFAULT_CAPS
from app.staff.roles import Role
from tests.fixtures.console import Console, text_of
from tests.fixtures.desk import claim, rule, submit


async def test_an_empty_gateway_says_so(console: Console) -> None:
    auditor = await console.person(Role.AUDITOR)
    assert "还没有推送" in text_of((await auditor.get("/console/pushes")).text)


async def test_words_ids_states_and_kinds_are_found(console: Console) -> None:
    auditor = await console.person(Role.AUDITOR)
    tea = await submit(console, title="茶叶上市", external_id="tea-1")
    await submit(console, title="系统维护", kind="general", advertiser=None)
    for query in ({"words": "茶叶"}, {"words": tea.push_id}, {"words": "tea-1"}):
        page = text_of((await auditor.get("/console/pushes", **query)).text)
        assert "茶叶上市" in page, query
        assert "系统维护" not in page, query
    page = text_of((await auditor.get("/console/pushes", kind="general")).text)
    assert "系统维护" in page
    assert "茶叶上市" not in page
    assert "没有找到" in text_of((await auditor.get("/console/pushes", state="refused")).text)
    for nonsense in ({"state": "x"}, {"kind": "<b>"}, {"provider": "prv_none"}):
        assert (await auditor.get("/console/pushes", **nonsense)).status_code == 200
    assert (await auditor.get("/console/pushes", cursor="!!")).status_code == 422


async def test_a_cursor_leads_through_all_of_them(console: Console) -> None:
    auditor = await console.person(Role.AUDITOR)
    for number in range(51):
        await submit(console, title=f"第 {number} 条")
    first = await auditor.get("/console/pushes")
    address = first.text.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    second = await auditor.get(address.replace("&amp;", "&"))
    assert "第 0 条" in text_of(second.text)
    assert "第 50 条" in text_of(first.text)


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_role_sees_the_whole_record_of_a_push(console: Console, language: str) -> None:
    reviewer = await console.person(Role.REVIEWER)
    waiting = await submit(console)
    await rule(reviewer, waiting, await claim(reviewer, waiting), "refuse", reason="宣传不实。")
    for role in Role:
        person = await console.person(role, language=language)
        page = await person.get(waiting.push_page)
        text = text_of(page.text)
        assert page.status_code == 200
        assert "宣传不实。" in text
        assert waiting.digest in text
        assert ("已驳回" if language == "zh" else "Refused") in text
        assert f"{waiting.push_page}/withdraw" not in page.text


async def test_an_admin_withdraws_with_a_reason(console: Console) -> None:
    admin = await console.person(Role.ADMIN)
    waiting = await submit(console)
    without = await admin.post(f"{waiting.push_page}/withdraw", reason=" ")
    assert without.status_code == 422
    done = await admin.post(f"{waiting.push_page}/withdraw", reason="主管部门要求")
    assert done.status_code == 303
    page = text_of((await admin.follow()).text)
    assert "已撤回" in page
    assert "主管部门要求" in page
    again = await admin.post(f"{waiting.push_page}/withdraw", reason="再来一次")
    assert again.status_code in {303, 409}
    dossier = await console.services.views.dossier(waiting.push_id)
    assert dossier.push.state == "withdrawn"
    assert [step.role for step in dossier.timeline][-1] == "admin"
    ticket = await console.services.review.ticket(waiting.ticket_id)
    assert ticket is not None
    assert ticket.state == "closed"


async def test_a_refused_push_cannot_be_withdrawn(console: Console) -> None:
    reviewer, lead = await console.person(Role.REVIEWER), await console.person(Role.LEAD)
    waiting = await submit(console)
    await rule(reviewer, waiting, await claim(reviewer, waiting), "refuse")
    answer = await lead.post(f"{waiting.push_page}/withdraw", reason="多此一举")
    assert answer.status_code == 409
    assert "无需撤回" in text_of(answer.text)


async def test_reviewers_and_auditors_cannot_withdraw(console: Console) -> None:
    waiting = await submit(console)
    for role in (Role.REVIEWER, Role.AUDITOR):
        person = await console.person(role)
        answer = await person.post(f"{waiting.push_page}/withdraw", reason="x")
        assert answer.status_code == 403
    assert (await console.services.views.dossier(waiting.push_id)).push.state == "in_review"


async def test_an_unknown_push_is_not_found(console: Console) -> None:
    admin = await console.person(Role.ADMIN)
    assert (await admin.get("/console/pushes/psh_nothing")).status_code == 404
    gone = await admin.post("/console/pushes/psh_nothing/withdraw", reason="x")
    assert gone.status_code == 404


async def test_caps_that_are_nearly_used_are_told_before_and_after_release(
    console: Console,
) -> None:
    reviewer, services = await console.person(Role.REVIEWER), console.services
    waiting = await submit(console)
    assert "八成" not in text_of((await reviewer.get(waiting.push_page)).text)
    cap, now = DEFAULT_CAPS[0], services.clock.now()
    ends_at = now + timedelta(hours=5)
    provider = (await services.views.dossier(waiting.push_id)).push.provider_id
    use = CapUse(
        cap.id, "", "day:x", "popups", 8_000, 10_000, ends_at, waiting.push_id, provider, now
    )

    def note(tx: Tx) -> None:
        note_uses(tx, [use])
        bump(tx, CAP_USES, services.clock)

    await services.db.write(note)
    await services.watch.refresh()
    page = text_of((await reviewer.get(waiting.push_page)).text)
    assert "下发时会计入的上限已用满八成" in page
    assert "已用 8,000/10,000" in page
    assert (await services.views.dossier(waiting.push_id)).warnings == (use,)
    admin = await console.person(Role.ADMIN)
    await admin.post(f"{waiting.push_page}/withdraw", reason="主管部门要求")
    # It brought the cap that far; that of others no longer matters to it.
    await services.db.write(lambda tx: note_uses(tx, [replace(use, cap_id="x", push_id="psh_y")]))
    page = text_of((await reviewer.get(waiting.push_page)).text)
    assert page.count("已用 8,000/10,000") == 1
