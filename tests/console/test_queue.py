"""The review queue: order, filters, taking the next ticket, and the part that refreshes itself."""

import re
from datetime import timedelta

from app.staff.roles import Role
from tests.fixtures.clock import ManualClock
from tests.fixtures.console import Console, text_of
from tests.fixtures.desk import claim, rule, submit


async def test_an_empty_queue_says_so(console: Console) -> None:
    reviewer = await console.person(Role.REVIEWER)
    page = await reviewer.get("/console/queue")
    assert page.status_code == 200
    assert "队列已清空" in text_of(page.text)


async def test_taking_the_next_one_from_an_empty_queue_explains_itself(console: Console) -> None:
    reviewer = await console.person(Role.REVIEWER)
    await reviewer.post("/console/queue/next")
    page = await reviewer.follow()
    assert "没有可以领取的工单" in text_of(page.text)


async def test_an_emergency_stands_first_and_is_taken_first(console: Console) -> None:
    reviewer = await console.person(Role.REVIEWER)
    await submit(console, title="寻常的一条", kind="general", advertiser=None)
    urgent = await submit(console, title="紧急的一条", urgency="emergency")
    page = text_of((await reviewer.get("/console/queue")).text)
    assert page.index("紧急的一条") < page.index("寻常的一条")
    taken = await reviewer.post("/console/queue/next")
    assert taken.headers["location"] == urgent.page
    page = text_of((await reviewer.get("/console/queue")).text)
    assert "我领取的工单 1 / 3" in page


async def test_filters_leave_only_what_was_asked_for(console: Console) -> None:
    reviewer = await console.person(Role.REVIEWER)
    await submit(console, title="茶叶上市")
    await submit(console, title="咖啡上市")
    found = text_of((await reviewer.get("/console/queue", words="咖啡")).text)
    assert "咖啡上市" in found
    assert "茶叶上市" not in found
    nothing = text_of((await reviewer.get("/console/queue", kind="news")).text)
    assert "没有符合条件的工单" in nothing
    claimed = text_of((await reviewer.get("/console/queue", claimed="yes")).text)
    assert "没有符合条件的工单" in claimed


async def test_who_holds_a_ticket_is_seen_by_others(console: Console) -> None:
    first = await console.person(Role.REVIEWER)
    second = await console.person(Role.REVIEWER)
    waiting = await submit(console)
    await claim(first, waiting)
    page = (await second.get("/console/queue")).text
    assert 'class="holder"' in page
    mine = (await first.get("/console/queue")).text
    assert "由您领取" in text_of(mine)


async def test_the_live_part_is_sent_only_when_something_changed(console: Console) -> None:
    reviewer = await console.person(Role.REVIEWER)
    await submit(console, title="第一条")
    page = await reviewer.get("/console/queue")
    seen = re.search(r'name="seen" value="(\w+)"', page.text)
    assert seen is not None
    ask = {"hx-request": "true"}
    same = await reviewer.http.get(f"/console/queue?seen={seen[1]}", headers=ask)
    assert same.status_code == 204
    await submit(console, title="第二条")
    changed = await reviewer.http.get(f"/console/queue?seen={seen[1]}", headers=ask)
    assert changed.status_code == 200
    assert "第二条" in changed.text
    assert "<html" not in changed.text


async def test_nobody_takes_a_fourth_ticket(console: Console) -> None:
    reviewer = await console.person(Role.REVIEWER)
    for number in range(4):
        await submit(console, title=f"第 {number} 条")
    for _ in range(3):
        taken = await reviewer.post("/console/queue/next")
        assert taken.headers["location"].startswith("/console/tickets/")
    await reviewer.post("/console/queue/next")
    assert "您已领取三件工单" in text_of((await reviewer.follow()).text)


async def test_pages_follow_one_another(console: Console) -> None:
    reviewer = await console.person(Role.REVIEWER)
    for number in range(31):
        await submit(console, title=f"第 {number} 条")
    first = (await reviewer.get("/console/queue")).text
    assert 'href="/console/queue?page=2"' in first
    second = text_of((await reviewer.get("/console/queue", page="2")).text)
    assert "第 2 / 2 页，共 31 件" in second
    assert "第 30 条" in second
    for page in ("0", "-1", "x", "²", "99999999999"):
        assert (await reviewer.get("/console/queue", page=page)).status_code == 200


async def test_admins_and_auditors_look_but_do_not_take(console: Console) -> None:
    await submit(console)
    for role in (Role.ADMIN, Role.AUDITOR):
        person = await console.person(role)
        page = await person.get("/console/queue")
        assert page.status_code == 200
        assert "/console/queue/next" not in page.text
        assert (await person.post("/console/queue/next")).status_code == 403


async def test_english_is_one_switch_away(console: Console) -> None:
    reviewer = await console.person(Role.REVIEWER, language="en")
    await submit(console)
    page = text_of((await reviewer.get("/console/queue")).text)
    assert "Take the next one" in page
    assert "审核队列" not in page


async def test_the_queue_alarms_at_what_will_expire_before_its_turn(console: Console) -> None:
    reviewer = await console.person(Role.REVIEWER)
    soon = (console.services.clock.now() + timedelta(minutes=20)).isoformat()
    await submit(console, title="快到期的一条", expires_at=soon)
    page = await reviewer.get("/console/queue")
    assert "1 件预计在轮到之前就会过期" in page.text
    assert "近一小时没有人裁定" in page.text
    part = await reviewer.http.get("/console/queue/health", headers={"hx-request": "true"})
    assert "<html" not in part.text
    assert "1 件预计在轮到之前就会过期" in part.text
    whole = text_of((await reviewer.get("/console/queue/health")).text)
    assert "等待 P95" in whole


async def test_a_ticket_whose_turn_comes_too_late_is_marked(
    console_with_clock: tuple[Console, ManualClock],
) -> None:
    console, clock = console_with_clock
    reviewer = await console.person(Role.REVIEWER)
    done = await submit(console, title="办好的一条")
    await rule(reviewer, done, await claim(reviewer, done), "approve")
    clock.advance(seconds=20)
    for minutes in (20, 22):
        soon = console.services.clock.now() + timedelta(minutes=minutes)
        await submit(console, title=f"{minutes} 分钟后到期", expires_at=soon.isoformat())
    clock.advance(seconds=20)
    page = text_of((await reviewer.get("/console/queue")).text)
    # One an hour: the first is taken soon, the second has its turn in two hours.
    assert page.count("预计过期") == 2  # once in the head of the table of queues
    assert "1 人裁定 1 件" in page
