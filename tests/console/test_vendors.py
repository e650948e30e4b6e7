"""Vendors: the page, the users of a surface, the forecast on tickets and pushes, the API."""

from app.staff.roles import Role
from tests.fixtures.console import Console, text_of
from tests.fixtures.console_sample import one_of_everything

LIST = "/console/policy/vendors"


async def test_users_are_entered_and_tickets_and_pushes_foresee(console: Console) -> None:
    admin = await console.person(Role.ADMIN)
    assert "还没有填报厂商用户数" in text_of((await admin.get(LIST)).text)
    form = f"/console/surfaces/{console.api.surface_id}/vendors"
    bad = await admin.post(form, users_huawei="many", users_vivo="9999999999")
    assert bad.status_code == 422
    assert 'id="e-users_huawei"' in bad.text
    high = await admin.post(form, users_vivo="9999999999")
    assert 'id="e-users_vivo"' in high.text
    await admin.post(form, users_huawei="300", class_huawei="news", users_rest="100")
    page = text_of((await admin.follow()).text)
    assert "已保存" in page
    assert "上限 5 条" in page
    assert 'value="300"' in (await admin.get(form)).text
    assert (await admin.get("/console/surfaces/srf_x/vendors")).status_code == 404


async def test_the_data_is_shown_with_sources_and_days(console: Console) -> None:
    auditor = await console.person(Role.AUDITOR)
    page = text_of((await auditor.get(LIST)).text)
    assert "小米推送文档（2026-02-04）" in page
    assert "23:00–07:00 时段内不下发，丢弃" in page
    assert "每设备每日 8 条" in page
    english = text_of((await auditor.get(LIST, lang="en")).text)
    assert "Quoted by others" in english


async def test_a_ticket_and_a_push_foresee_what_vendors_drop(console: Console) -> None:
    ids = await one_of_everything(console)
    reviewer = await console.person(Role.REVIEWER)
    for path in (f"/console/tickets/{ids['ticket_id']}", f"/console/pushes/{ids['push_id']}"):
        page = text_of((await reviewer.get(path)).text)
        assert "厂商将丢弃多少（现在下发）" in page, path
        assert "华为" in page


async def test_the_api_gives_the_same_data(console: Console) -> None:
    answer = await console.api.http.get("/v1/vendor-quotas")
    assert answer.status_code == 200
    items = answer.json()["items"]
    night = next(one for one in items if one["vendor"] == "vivo" and one["kind"] == "quiet")
    assert (night["starts"], night["ends"], night["effect"]) == (1380, 420, "dropped")
    assert all(one["source"] and one["in_force"] for one in items)
