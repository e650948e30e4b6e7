"""The dashboards: read by admins, leads and auditors, filtered, exported, faults at the field."""

import pytest

from app.staff.roles import Role
from tests.fixtures.console import Console, text_of


@pytest.mark.parametrize("role", [Role.ADMIN, Role.LEAD, Role.AUDITOR])
async def test_who_answers_for_usage_sees_it(console: Console, role: Role) -> None:
    person = await console.person(role)
    page = text_of((await person.get("/console/usage")).text)
    assert "这段时间没有下发" in page
    assert "没有被上限拦下的" in page
    assert "每个自然日" in page
    export = await person.get("/console/usage/export")
    assert export.headers["content-type"].startswith("text/csv")
    assert export.text == "hour,kind,cap,everybody,sent,left_out,waiting,shadowed\n"


async def test_a_reviewer_does_not(console: Console) -> None:
    person = await console.person(Role.REVIEWER)
    assert (await person.get("/console/usage")).status_code == 403


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"from": "gestern"}, "须为日期"),
        ({"to": "0001-01-01"}, "须为日期"),
        ({"from": "2026-11-22", "to": "2026-11-21"}, "起始不晚于截止"),
        ({"from": "2026-09-01", "to": "2026-11-21"}, "最多 31 天"),
    ],
)
async def test_a_time_that_cannot_be_is_told_at_its_field(
    console: Console, asked: dict[str, str], words: str
) -> None:
    person = await console.person(Role.ADMIN)
    answer = await person.get("/console/usage", **asked)
    assert answer.status_code == 422
    assert words in text_of(answer.text)
