"""Passing a ticket on at the desk: by its form, in either language, and what is seen afterwards."""

import pytest

from app.staff.roles import Role
from tests.fixtures.console import Console, text_of
from tests.fixtures.desk import claim, hidden, submit


@pytest.mark.parametrize(
    ("language", "done", "never"),
    [
        ("zh", "已回避，工单交由他人处理。", "您已交出这张工单"),
        ("en", "You are recused", "You passed this ticket on"),
    ],
)
async def test_a_recused_ticket_leaves_the_queue_and_tells_others_why(
    console: Console, language: str, done: str, never: str
) -> None:
    first = await console.person(Role.REVIEWER, language=language)
    second = await console.person(Role.REVIEWER)
    waiting = await submit(console)
    page = await claim(first, waiting)
    sent = {"fencing": hidden(page, "fencing"), "way": "recuse", "pass_reason": "与<作者>相识"}
    await first.post(f"{waiting.page}/pass", **sent)
    after = await first.follow()
    assert done in text_of(after.text)
    assert waiting.page not in after.text
    mine = await first.get(waiting.page)
    assert never in text_of(mine.text)
    assert f"{waiting.page}/claim" not in mine.text
    assert (await first.post("/console/queue/next")).headers["location"] == "/console/queue"
    theirs = await second.get(waiting.page)
    assert "与&lt;作者&gt;相识" in theirs.text
    assert 'id="ruling-form"' in (await claim(second, waiting)).text


async def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    console: Console,
) -> None:
    reviewer = await console.person(Role.REVIEWER)
    waiting = await submit(console)
    fencing = hidden(await claim(reviewer, waiting), "fencing")
    where = f"{waiting.page}/pass"
    blank = await reviewer.post(where, fencing=fencing, pass_reason="写了一半")
    assert blank.status_code == 422
    assert "请选择跳过、回避或升级" in text_of(blank.text)
    assert "写了一半" in blank.text
    unsaid = await reviewer.post(where, fencing=fencing, way="escalate")
    assert unsaid.status_code == 422
    assert "回避或升级须填写理由" in text_of(unsaid.text)
    alone = await reviewer.post(where, fencing=fencing, way="escalate", pass_reason="拿不准")
    assert alone.status_code == 422
    assert "没有可以接手的审核组长" in text_of(alone.text)
    stale = await reviewer.post(where, fencing="77", way="skip")
    assert stale.headers["location"] == waiting.page
    assert 'id="ruling-form"' in (await reviewer.get(waiting.page)).text


async def test_an_escalated_ticket_waits_for_a_lead(console: Console) -> None:
    first, second = await console.person(Role.REVIEWER), await console.person(Role.REVIEWER)
    lead = await console.person(Role.LEAD)
    waiting = await submit(console)
    fencing = hidden(await claim(first, waiting), "fencing")
    await first.post(f"{waiting.page}/pass", fencing=fencing, way="escalate", pass_reason="拿不准")
    queue = await second.get("/console/queue")
    assert "已升级" in text_of(queue.text)
    page = await second.get(waiting.page)
    assert "由审核组长裁定" in text_of(page.text)
    assert f"{waiting.page}/claim" not in page.text
    taken = await lead.post("/console/queue/next")
    assert taken.headers["location"] == waiting.page
