"""Who looks at a ticket: told by its open page, shown to the others, gone when it falls silent."""

from app.staff.roles import Role
from tests.fixtures.clock import ManualClock
from tests.fixtures.console import Console, Person, text_of
from tests.fixtures.desk import Waiting, claim, hidden, submit


async def beat(person: Person, waiting: Waiting) -> str:
    """Say what an open page says by itself; return what it is told."""
    headers = {"hx-request": "true", "x-csrf-token": await person.token()}
    answer = await person.http.post(f"{waiting.page}/looking", headers=headers)
    assert answer.status_code == 200, answer.text
    return text_of(answer.text)


async def test_others_see_who_looks_for_as_long_as_they_do(
    console_with_clock: tuple[Console, ManualClock],
) -> None:
    console, clock = console_with_clock
    lin, auditor = await console.person(Role.REVIEWER), await console.person(Role.AUDITOR)
    reader = await console.person(Role.REVIEWER)
    waiting, other = await submit(console), await submit(console)
    assert await beat(lin, waiting) == ""
    assert await beat(auditor, waiting) == "正在查看：人员0"
    assert await beat(lin, waiting) == "正在查看：人员1"
    queue = text_of((await reader.get("/console/queue")).text)
    assert queue.count("正在查看：人员0、人员1") == 1
    assert await beat(reader, other) == ""
    assert "正在查看" not in text_of((await reader.get(waiting.page)).text)

    clock.advance(seconds=20)
    await beat(lin, waiting)
    clock.advance(seconds=20)
    assert await beat(reader, waiting) == "正在查看：人员0"
    clock.advance(seconds=300)
    assert await beat(reader, waiting) == ""
    assert "正在查看" not in (await reader.get("/console/queue")).text


async def test_the_holder_stands_in_a_column_of_its_own(console: Console) -> None:
    lin, chen = await console.person(Role.REVIEWER), await console.person(Role.REVIEWER)
    waiting = await submit(console)
    await claim(lin, waiting)
    await beat(lin, waiting)
    assert "正在查看" not in (await chen.get("/console/queue")).text
    assert await beat(chen, waiting) == "正在查看：人员0"


async def test_without_scripts_and_for_an_unknown_ticket_it_answers_like_any_form(
    console: Console,
) -> None:
    lin = await console.person(Role.REVIEWER, language="en")
    waiting = await submit(console)
    await lin.post(f"{waiting.page}/looking")
    assert 'id="lookers"' in (await lin.follow()).text
    assert (await lin.post("/console/tickets/tkt_nothing/looking")).status_code == 404


async def test_passes_stand_in_the_timeline_of_the_push_in_their_place(console: Console) -> None:
    lin, chen = await console.person(Role.REVIEWER), await console.person(Role.REVIEWER)
    waiting = await submit(console)
    fencing = hidden(await claim(lin, waiting), "fencing")
    sent = {"fencing": fencing, "way": "recuse", "pass_reason": "与<作者>相识"}
    await lin.post(f"{waiting.page}/pass", **sent)
    fencing = hidden(await claim(chen, waiting), "fencing")
    await chen.post(f"{waiting.page}/pass", fencing=fencing, way="skip", pass_reason="")
    page = (await chen.get(waiting.push_page)).text
    timeline = text_of(page[page.rindex('<ol class="timeline">') :])
    assert timeline.index("跳过") < timeline.index("回避") < timeline.index("审核中")
    assert "与&lt;作者&gt;相识" in timeline
