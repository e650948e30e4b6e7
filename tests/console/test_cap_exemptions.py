"""The pages of exemptions: proposed, approved by another, ended, with what they let through."""

from datetime import timedelta

import pytest

from app.clock import BEIJING
from app.staff.roles import Role
from tests.fixtures.console import Console, Person, text_of

LIST = "/console/policy/exemptions"
NEW = f"{LIST}/new"


@pytest.fixture
async def admins(console: Console) -> tuple[Person, Person]:
    return await console.person(Role.ADMIN), await console.person(Role.ADMIN)


def form(console: Console, **changes: object) -> dict[str, object]:
    ends = console.services.clock.now().astimezone(BEIJING) + timedelta(hours=2)
    return {
        "name": "汛情预警",
        "basis": "应急指令 18 号",
        "caps": ["all-5", "general-2"],
        "surfaces": [console.api.surface_id],
        "ends": ends.strftime("%Y-%m-%dT%H:%M"),
        "reason": "汛情每小时更新",
    } | changes


async def only_one(console: Console) -> str:
    [one] = await console.services.policies.exemptions.all()
    return one.id


async def test_one_admin_proposes_another_approves_and_one_ends_it(
    console: Console, admins: tuple[Person, Person]
) -> None:
    first, second = admins
    assert "没有正在生效的豁免" in text_of((await first.get(LIST)).text)
    assert "每个自然日（按其所在时区）最多收到 5 条弹窗" in text_of((await first.get(NEW)).text)
    await first.post(NEW, **form(console))
    seen = text_of((await first.follow()).text)
    assert "等待另一位管理员批准" in seen
    assert "应急指令 18 号" in seen
    exemption = await only_one(console)
    assert (await first.post(f"{LIST}/{exemption}/approve")).status_code == 403
    await second.post(f"{LIST}/{exemption}/approve")
    assert "已放过 0 人次" in text_of((await second.follow()).text)
    await console.services.watch.refresh()
    assert [one.id for one in await console.services.policies.exemptions.live()] == [exemption]
    auditor = await console.person(Role.AUDITOR)
    page = text_of((await auditor.get(f"{LIST}/{exemption}")).text)
    assert "还没有推送用到它" in page
    assert (await auditor.post(f"{LIST}/{exemption}/end", reason="x")).status_code == 403
    refused = await first.post(f"{LIST}/{exemption}/end", reason=" ")
    assert refused.status_code == 422
    assert "请填写理由" in text_of(refused.text)
    await first.post(f"{LIST}/{exemption}/end", reason="汛情结束")
    assert "上限处处恢复" in text_of((await first.follow()).text)
    await console.services.watch.refresh()
    assert await console.services.policies.exemptions.live() == ()
    assert "已提前结束" in text_of((await first.get(LIST)).text)


async def test_what_is_wrong_stands_at_its_field(
    console: Console, admins: tuple[Person, Person]
) -> None:
    first, _ = admins
    unreadable = await first.post(NEW, **form(console, ends="soon", surfaces=["srf_x"]))
    assert unreadable.status_code == 422
    for name in ("ends", "surfaces"):
        assert f'id="e-{name}"' in unreadable.text, name
    broad = await first.post(NEW, **form(console, surfaces=[], caps=[], starts="2020-01-01T00:00"))
    page = text_of(broad.text)
    assert "豁免不能针对全部推送" in page
    assert "请选择要豁免的上限" in page
    assert "开始时间已过去" in page
    english = await first.post(f"{NEW}?lang=en", **form(console, surfaces=[]))
    assert "an exemption is never for all pushes" in text_of(english.text)
    assert await console.services.policies.exemptions.all() == []


async def test_a_draft_is_discarded_and_one_to_come_says_so(
    console: Console, admins: tuple[Person, Person]
) -> None:
    first, second = admins
    await first.post(NEW, **form(console))
    await first.post(f"{LIST}/{await only_one(console)}/discard")
    assert "已放弃" in text_of((await first.follow()).text)
    later = console.services.clock.now().astimezone(BEIJING) + timedelta(hours=1)
    await first.post(NEW, **form(console, starts=later.strftime("%Y-%m-%dT%H:%M")))
    newest = (await console.services.policies.exemptions.all())[0]
    await second.post(f"{LIST}/{newest.id}/approve")
    assert "尚未开始" in text_of((await second.follow()).text)
    assert (await second.get(f"{LIST}/exm_x")).status_code == 404
