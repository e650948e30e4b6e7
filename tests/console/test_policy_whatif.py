"""What a policy would have stopped: asked for by an admin, seen by whoever reads policies."""

import asyncio
from dataclasses import replace

import pytest

from app.reports.repository import insert_replay
from app.staff.roles import Role
from tests.fixtures.console import Console, text_of
from tests.fixtures.console_sample import one_of_everything

NEVER = 60.0


@pytest.fixture
async def ids(console: Console) -> dict[str, str]:
    return await one_of_everything(console)


async def test_a_replay_is_asked_for_runs_and_stands_with_the_draft(
    console: Console, ids: dict[str, str]
) -> None:
    admin, auditor = await console.person(Role.ADMIN), await console.person(Role.AUDITOR)
    here = f"/console/policy/versions/{ids['policy_id']}/what-if"
    seen = text_of((await auditor.get("/console/policy")).text)
    assert "过去 30 天" in seen
    assert "次下发会拦下" in seen
    assert "回放过去 30 天" not in text_of((await auditor.get(here)).text)
    assert "回放过去 30 天" in text_of((await admin.get(here)).text)
    await admin.post(here)
    page = await admin.follow()
    async with asyncio.timeout(NEVER):
        while "hx-trigger" in page.text:
            assert "取消回放" in page.text
            await asyncio.sleep(0.1)
            page = await admin.get(str(page.url.path))
    # Nothing was ever sent here.
    assert "这段时间没有下发" in text_of(page.text)
    assert "过去 30 天 0 次下发会拦下 0 次" in text_of((await auditor.get("/console/policy")).text)


async def test_the_result_is_told_in_figures_charts_and_tables(
    console: Console, ids: dict[str, str]
) -> None:
    person = await console.person(Role.REVIEWER)
    here = f"/console/policy/versions/{ids['policy_id']}/what-if/{ids['replay_id']}"
    page = (await person.get(here)).text
    seen = text_of(page)
    assert "次下发中，这一版会拦下" in seen
    assert page.count('<svg class="chart-svg"') == 2
    for words in ("新闻信息", "编辑系统", "每个自然日", "07", "不占名额", "按现在登记的计算"):
        assert words in seen, words
    english = text_of((await person.get(here, lang="en")).text)
    assert "sends this version would have stopped" in english


async def test_what_could_not_be_replayed_is_named(console: Console, ids: dict[str, str]) -> None:
    person = await console.person(Role.ADMIN)
    services = console.services
    known = await services.what_if.replay(ids["replay_id"])
    other = replace(known, id="rpl_other", result={**known.result, "missing": ["all-5"]})
    failed = replace(known, id="rpl_failed", result={}, state="failed", fault="MemoryError")
    for one in (other, failed):
        await services.db.write(lambda tx, one=one: insert_replay(tx, one))  # type: ignore[misc]
    here = f"/console/policy/versions/{ids['policy_id']}/what-if"
    assert "较早的版本算出" in text_of((await person.get(f"{here}/rpl_other")).text)
    assert "MemoryError" in text_of((await person.get(f"{here}/rpl_failed")).text)
    assert (await person.get("/console/policy/versions/pol_none/what-if")).status_code == 404
    active = next(v for v in await services.policies.versions() if v.state == "active")
    elsewhere = f"/console/policy/versions/{active.id}/what-if/rpl_other"
    assert (await person.get(elsewhere)).status_code == 404


async def test_only_one_runs_and_it_is_cancelled(console: Console, ids: dict[str, str]) -> None:
    admin = await console.person(Role.ADMIN)
    here = f"/console/policy/versions/{ids['policy_id']}/what-if"
    await admin.post(here)
    running = str((await admin.follow()).url.path)
    refused = await admin.post(here)
    if refused.status_code != 303:  # a quick machine may be through
        assert refused.status_code == 409
        assert "已有回放在运行" in text_of(refused.text)
    await admin.post(f"{running}/cancel")
    assert "回放" in text_of((await admin.follow()).text)
