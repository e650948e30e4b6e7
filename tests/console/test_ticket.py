"""The desk: what a ticket's page shows, to whom, and how a claim is kept and given back."""

import pytest

from app.audit.events import Actor, ActorKind
from app.providers.keys import NewSender
from app.staff.roles import Role
from tests.fixtures.api import ADMIN
from tests.fixtures.console import Console, text_of
from tests.fixtures.desk import claim, hidden, submit


async def test_the_page_shows_why_what_and_where_from(console: Console) -> None:
    reviewer = await console.person(Role.REVIEWER)
    waiting = await submit(console)
    page = await claim(reviewer, waiting)
    text = text_of(page.text)
    assert page.status_code == 200
    for expected in (
        "秋季新茶上市", "须经人工审核后方可下发", "示例茶业有限公司", "原标题", "2 人",
        "规范化 JSON", waiting.digest, "内容与摘要一致", "审核中",
    ):  # fmt: skip
        assert expected in text, expected
    assert 'sandbox=""' in page.text
    assert f"/console/pushes/{waiting.push_id}/preview" in page.text


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_role_gets_the_page_in_either_language(console: Console, language: str) -> None:
    waiting = await submit(console)
    for role in Role:
        person = await console.person(role, language=language)
        page = await person.get(waiting.page)
        assert page.status_code == 200
        ruling_form = 'id="ruling-form"' in page.text
        assert not ruling_form, "nobody rules without a claim"
        may_claim = f"{waiting.page}/claim" in page.text
        assert may_claim is (role in {Role.REVIEWER, Role.LEAD})


async def test_findings_are_marked_where_they_are_and_hidden_characters_are_seen(
    console: Console,
) -> None:
    reviewer = await console.person(Role.REVIEWER)
    waiting = await submit(console, title="秋季\u200b新茶\u202e上市")
    page = await claim(reviewer, waiting)
    assert "U+200B" in page.text
    assert "U+202E" in page.text
    assert "\u202e" not in page.text
    assert "\u200b" not in page.text
    assert "RIGHT-TO-LEFT OVERRIDE" in page.text


async def test_texts_of_a_sender_are_never_markup(console: Console) -> None:
    reviewer = await console.person(Role.REVIEWER)
    waiting = await submit(console, title="<script>alert(1)</script>", body='"><img src=x>')
    for address in (waiting.page, waiting.push_page, "/console/queue", "/console/pushes"):
        page = await reviewer.get(address)
        assert "<script>alert(1)" not in page.text
        assert "<img src=x>" not in page.text


async def test_the_holder_of_a_key_of_the_provider_may_not_rule(console: Console) -> None:
    reviewer = await console.person(Role.REVIEWER)
    waiting = await submit(console)
    new = NewSender(
        console.api.provider_id, "兼任", "王五", reviewer.staff_id, frozenset({"push:submit"})
    )
    await console.services.sender_keys.add_sender(ADMIN, new)
    await console.services.watch.refresh()
    page = await reviewer.get(waiting.page)
    assert "您与该服务提供者有利益关联" in text_of(page.text)
    assert f"{waiting.page}/claim" not in page.text
    await reviewer.post(f"{waiting.page}/claim")
    assert "利益关联" in text_of((await reviewer.follow()).text)
    taken = await reviewer.post("/console/queue/next")
    assert taken.headers["location"] == "/console/queue"


async def test_a_declared_tie_keeps_the_ticket_away_until_it_ends(console: Console) -> None:
    reviewer = await console.person(Role.REVIEWER)
    waiting = await submit(console)
    own = Actor(ActorKind.STAFF, reviewer.staff_id)
    staff, provider = console.services.staff, console.api.provider_id
    await staff.declare_tie(own, reviewer.staff_id, provider, "持有股份")
    assert "利益关联" in text_of((await reviewer.get(waiting.page)).text)
    await staff.end_tie(ADMIN, reviewer.staff_id, provider)
    assert 'id="ruling-form"' in (await claim(reviewer, waiting)).text


async def test_another_reviewer_sees_who_works_on_it(console: Console) -> None:
    first, second = await console.person(Role.REVIEWER), await console.person(Role.REVIEWER)
    waiting = await submit(console)
    await claim(first, waiting)
    page = await second.get(waiting.page)
    assert "正在处理这张工单" in text_of(page.text)
    assert 'id="ruling-form"' not in page.text
    await second.post(f"{waiting.page}/claim")
    assert "这张工单正由他人处理" in text_of((await second.follow()).text)


async def test_a_heartbeat_answers_with_the_claim_alone(console: Console) -> None:
    reviewer = await console.person(Role.REVIEWER)
    waiting = await submit(console)
    page = await claim(reviewer, waiting)
    fields = {"csrf": await reviewer.token(), "fencing": hidden(page, "fencing")}
    ask = {"hx-request": "true"}
    beat = await reviewer.http.post(f"{waiting.page}/heartbeat", data=fields, headers=ask)
    assert beat.status_code == 200
    assert "data-lease-until" in beat.text
    assert "<html" not in beat.text
    stale = await reviewer.http.post(
        f"{waiting.page}/heartbeat", data=fields | {"fencing": "99"}, headers=ask
    )
    assert "领取已失效" in text_of(stale.text)
    plain = await reviewer.post(f"{waiting.page}/heartbeat", fencing=fields["fencing"])
    assert plain.status_code == 303
    assert "领取已续期" in text_of((await reviewer.follow()).text)


async def test_a_ticket_handed_back_is_free_at_once(console: Console) -> None:
    first, second = await console.person(Role.REVIEWER), await console.person(Role.REVIEWER)
    waiting = await submit(console)
    page = await claim(first, waiting)
    await first.post(f"{waiting.page}/hand-back", fencing=hidden(page, "fencing"))
    assert "工单已退回队列" in text_of((await first.follow()).text)
    assert 'id="ruling-form"' in (await claim(second, waiting)).text
    await first.post(f"{waiting.page}/hand-back", fencing=hidden(page, "fencing"))
    assert "他人处理" in text_of((await first.follow()).text)


async def test_a_ticket_that_there_is_none_of_is_not_found(console: Console) -> None:
    reviewer = await console.person(Role.REVIEWER)
    for path in ("", "/claim", "/heartbeat", "/hand-back", "/ruling"):
        address = f"/console/tickets/tkt_nothing{path}"
        answer = await (reviewer.post(address) if path else reviewer.get(address))
        where = await reviewer.follow() if answer.status_code == 303 else answer
        assert where.status_code == 404
