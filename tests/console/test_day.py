"""One's own day at the desk: for whoever rules, changed by nobody else, prompting on every page."""

from app.staff.roles import Role
from tests.fixtures.clock import ManualClock
from tests.fixtures.console import Console, text_of
from tests.fixtures.desk import claim, rule, submit


async def test_a_day_shows_what_was_done_and_is_ones_own(console: Console) -> None:
    mine, other = await console.person(Role.REVIEWER), await console.person(Role.REVIEWER)
    waiting = await submit(console)
    await rule(mine, waiting, await claim(mine, waiting), "approve")
    page = text_of((await mine.get("/console/day")).text)
    assert "1 今天裁定 通过占 100.0%" in page
    assert "今天还没有休息" in page
    assert "0 今天裁定" in text_of((await other.get("/console/day")).text)
    admin = await console.person(Role.ADMIN)
    assert (await admin.get("/console/day")).status_code == 403


async def test_wishes_change_the_page_and_faults_stand_at_their_field(console: Console) -> None:
    person = await console.person(Role.REVIEWER)
    page = (await person.get("/console/queue")).text
    assert "data-spared" not in page
    await person.post("/console/day", spare=["blur", "grey"], break_after="25", most_severe="3")
    page = (await person.follow()).text
    assert 'data-spared="blur grey"' in page
    assert '<option value="25" selected>' in page
    for number, after in (("many", "25"), ("501", "25"), ("3", "7")):
        wrong = await person.post("/console/day", break_after=after, most_severe=number)
        assert wrong.status_code == 422
        assert 'class="form-fault"' in wrong.text
    answer = await person.post("/console/day/switch", name="blur", back="/console/queue")
    assert answer.headers["location"] == "/console/queue"
    assert 'data-spared="grey"' in (await person.follow()).text
    for back in ("//evil.example", "https://evil.example", "/console/\\evil", ""):
        answer = await person.post("/console/day/switch", name="x", back=back)
        assert answer.headers["location"] == "/console/day"


async def test_breaks_begin_and_end_and_long_work_is_remarked(
    console_with_clock: tuple[Console, ManualClock],
) -> None:
    console, clock = console_with_clock
    person = await console.person(Role.REVIEWER)
    await person.post("/console/day/break")
    assert "已开始休息" in (await person.follow()).text
    assert "您正在休息" in (await person.get("/console/queue")).text
    await person.post("/console/day/break", back="yes")
    assert "欢迎回来" in (await person.follow()).text
    await person.post("/console/day/break", back="yes")
    assert "您没有在休息" in (await person.follow()).text
    await person.post("/console/day", break_after="25", most_severe="0")
    for _ in range(6):
        waiting = await submit(console)
        await rule(person, waiting, await claim(person, waiting), "approve")
        clock.advance(seconds=300)
    assert "您已连续工作 30 分钟" in (await person.get("/console/queue")).text
