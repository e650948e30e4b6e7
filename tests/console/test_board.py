"""The lead's board: for leads and admins alone, with plots, tables and files."""

import csv
import io

import pytest

from app.staff.roles import Role
from tests.fixtures.console import Console, text_of
from tests.fixtures.desk import claim, rule, submit


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.AUDITOR])
async def test_nobody_else_sees_how_people_work(console: Console, role: Role) -> None:
    person = await console.person(role)
    for path in ("/console/board", "/console/board/export/people"):
        assert (await person.get(path)).status_code == 403
    assert "组长看板" not in (await person.get("/console")).text


async def test_an_empty_board_says_so(console: Console) -> None:
    page = text_of((await (await console.person(Role.ADMIN)).get("/console/board")).text)
    for words in ("这段时间没有工单", "这段时间没有人裁定", "这段时间没有裁定"):
        assert words in page


async def test_the_board_shows_people_and_rules_and_gives_each_as_a_file(
    console: Console,
) -> None:
    lead, reviewer = await console.person(Role.LEAD), await console.person(Role.REVIEWER)
    for verdict in ("approve", "refuse"):
        waiting = await submit(console, title=f"茶叶上市{verdict}")
        await rule(reviewer, waiting, await claim(reviewer, waiting), verdict)
    await submit(console)
    page = await lead.get("/console/board")
    said = text_of(page.text)
    assert "期间裁定" in said
    assert "100.0% 过快裁定占比" in said
    assert "组长看板" in (await lead.get("/console")).text
    assert page.text.count('class="chart-svg"') >= 1
    assert 'href="/console/past?rule=ads-34-register"' in page.text

    async def file(what: str) -> list[dict[str, str]]:
        answer = await lead.get(f"/console/board/export/{what}")
        return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))

    [person] = await file("people")
    assert (person["person"], person["approve"], person["too_fast"]) == (
        reviewer.staff_id,
        "1",
        "2",
    )
    rules = {one["rule"]: one for one in await file("rules")}
    assert rules["ads-34-register"]["precision"] == "50.0%"
    assert sum(int(one["refuse"]) for one in await file("queue")) == 1
    assert len(await file("forecast")) == 12
    assert (await lead.get("/console/board/export/nothing")).status_code == 404


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"from": "gestern"}, "须为日期"),
        ({"from": "2026-11-22", "to": "2026-11-21"}, "起始不晚于截止"),
        ({"from": "2026-09-01", "to": "2026-11-21"}, "最多 31 天"),
    ],
)
async def test_days_that_cannot_be_are_told_at_their_field(
    console: Console, asked: dict[str, str], words: str
) -> None:
    answer = await (await console.person(Role.LEAD)).get("/console/board", **asked)
    assert answer.status_code == 422
    assert words in text_of(answer.text)
