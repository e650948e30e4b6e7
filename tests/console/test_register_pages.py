"""The pages of the register: providers, licences, surfaces, senders and keys."""

import re

from app.providers.credit_code import is_credit_code
from app.staff.roles import Role
from tests.fixtures.console import Console, Person, text_of

PROVIDER = {
    "legal_name": "北京示例新闻有限公司",
    "display_name": "示例新闻",
    "credit_code": "91110105MA01FJX48W",
    "link_domains": "news.example.cn\nm.example.cn",
}


async def added(admin: Person) -> str:
    answer = await admin.post("/console/providers/new", **PROVIDER | {"credit_code": code()})
    assert answer.status_code == 303, text_of(answer.text)
    return str(answer.headers["location"].rpartition("/")[2])


def code() -> str:
    """Return a valid credit code that no other test data uses."""
    stem = "91110105MA01FJX48"
    signs = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    return next(stem + sign for sign in signs if is_credit_code(stem + sign))


async def test_a_provider_is_registered_changed_suspended_and_resumed(console: Console) -> None:
    admin = await console.person(Role.ADMIN)
    provider = await added(admin)
    page = f"/console/providers/{provider}"
    assert "服务提供者已登记" in text_of((await admin.follow()).text)
    change = {"legal_name": "新名称", "display_name": "新闻示例", "link_domains": "example.cn"}
    await admin.post(f"{page}/change", **change)
    assert "新闻示例" in text_of((await admin.follow()).text)
    assert (await admin.post(f"{page}/suspend", reason=" ")).status_code == 422
    await admin.post(f"{page}/suspend", reason="资质核查")
    assert "该服务提供者已停用" in text_of((await admin.follow()).text)
    register = await console.services.register.current()
    assert register.providers[provider].suspended
    await admin.post(f"{page}/resume", reason="核查通过")
    assert not (await console.services.register.current()).providers[provider].suspended


async def test_a_bad_provider_names_every_field_and_a_second_one_the_code(
    console: Console,
) -> None:
    admin = await console.person(Role.ADMIN)
    bad = await admin.post(
        "/console/providers/new",
        legal_name="",
        display_name="x",
        credit_code="1",
        link_domains="com.cn",
    )
    text = text_of(bad.text)
    assert bad.status_code == 422
    assert "有 3 处需要修改" in text
    assert "不是有效的 18 位统一社会信用代码" in text
    await added(admin)
    again = await admin.post("/console/providers/new", **PROVIDER | {"credit_code": code()})
    assert again.status_code == 409
    assert "该统一社会信用代码已登记" in text_of(again.text)


async def test_providers_are_found_by_any_of_their_names(console: Console) -> None:
    admin = await console.person(Role.ADMIN)
    await added(admin)
    assert "示例新闻" in text_of((await admin.get("/console/providers", q="北京")).text)
    nothing = await admin.get("/console/providers", q='<b>"')
    assert "没有匹配的服务提供者" in text_of(nothing.text)
    assert "<b>" not in nothing.text


async def test_a_licence_is_added_and_revoked_with_a_reason(console: Console) -> None:
    admin = await console.person(Role.ADMIN)
    page = f"/console/providers/{console.api.provider_id}/licences/new"
    bad = await admin.post(page, kind="internet_news", number="1", valid_from="x", valid_to="")
    assert "须为日期" in text_of(bad.text)
    days = {"valid_from": "2026-01-01", "valid_to": "2028-01-01"}
    none = await admin.post(page, kind="internet_news", number="10120260001", **days)
    assert "新闻许可须注明服务类别" in text_of(none.text)
    good = await admin.post(
        page, kind="internet_news", number="10120260001", services=["reprinting"], **days
    )
    assert good.status_code == 303
    assert "10120260001" in (await admin.follow()).text
    register = await console.services.register.current()
    licence = next(one for one in register.licences if one.licence.number == "10120260001")
    await admin.post(f"/console/licences/{licence.id}/revoke", reason="到期未续")
    assert console.api.provider_id in (admin.last.headers["location"] if admin.last else "")
    assert (await console.services.register.current()).licences_of(console.api.provider_id) == ()


async def test_a_surface_is_added_changed_closed_and_granted(console: Console) -> None:
    admin = await console.person(Role.ADMIN)
    other = await added(admin)
    start = f"/console/providers/{console.api.provider_id}/surfaces/new"
    details = {
        "name": "浏览器插件",
        "time_zone": "Asia/Shanghai",
        "complaint_contact": "12345",
        "app_category": "browser",
    }
    bad = await admin.post(start, form="app", channel="inbox", **details | {"time_zone": "Mars"})
    assert "须为 IANA 时区名" in text_of(bad.text)
    made = await admin.post(start, form="app", channel="inbox", **details)
    page = made.headers["location"]
    await admin.post(f"{page}/change", **details | {"name": "插件二"})
    assert "插件二" in text_of((await admin.follow()).text)
    await admin.post(f"{page}/grants", provider=other)
    register = await console.services.register.current()
    assert register.may_push(other, page.rpartition("/")[2])
    own = await admin.post(f"{page}/grants", provider=console.api.provider_id)
    assert own.status_code == 409
    await admin.post(f"{page}/grants/revoke", provider=other)
    await admin.post(f"{page}/close")
    assert "该展示端已关闭" in text_of((await admin.follow()).text)
    await admin.post(f"{page}/reopen")
    register = await console.services.register.current()
    assert not register.may_push(other, page.rpartition("/")[2])
    assert (await admin.post(f"{page}/secret")).status_code == 409


async def test_a_webhook_surface_shows_its_secret_once(console: Console) -> None:
    admin = await console.person(Role.ADMIN)
    made = await admin.post(
        f"/console/providers/{console.api.provider_id}/surfaces/new",
        name="服务器", form="app", channel="webhook", webhook_url="https://hooks.example.cn/p",
        time_zone="Asia/Shanghai", complaint_contact="12345", app_category="news",
    )  # fmt: skip
    secret = re.search(r"whs_[\w-]+", made.text)
    assert secret is not None
    page = re.search(r'href="(/console/surfaces/[^"]+)"', made.text)
    assert page is not None
    assert secret[0] not in (await admin.get(page[1])).text
    renewed = await admin.post(f"{page[1]}/secret")
    assert secret[0] not in renewed.text
    assert "whs_" in renewed.text


async def test_keys_are_shown_once_two_live_at_most_and_revoked_at_once(console: Console) -> None:
    admin = await console.person(Role.ADMIN)
    provider = console.api.provider_id
    new = f"/console/providers/{provider}/senders/new"
    assert "至少一项权限" in text_of((await admin.post(new, name="甲", holder="乙")).text)
    await admin.post(new, name="活动平台", holder="王五", scopes=["push:submit", "push:read"])
    register = await console.services.register.current()
    sender = next(one for one in register.senders.values() if one.name == "活动平台")
    shown = await admin.post(f"/console/senders/{sender.id}/keys")
    raw = re.search(r"pgk_[\w-]{20,}", shown.text)
    assert raw is not None
    assert await console.services.register.authenticate(raw[0]) is not None
    await admin.post(f"/console/senders/{sender.id}/keys")
    third = await admin.post(f"/console/senders/{sender.id}/keys")
    assert third.status_code == 409
    assert "已有两个有效密钥" in text_of(third.text)
    key = next(iter((await console.services.register.current()).keys_of(sender.id)))
    await admin.post(f"/console/keys/{key.id}/revoke")
    await admin.post(f"/console/senders/{sender.id}/revoke")
    assert await console.services.register.authenticate(raw[0]) is None
    page = await admin.get(f"/console/providers/{provider}")
    assert raw[0] not in page.text
    assert (await admin.post(f"/console/senders/{sender.id}/keys")).status_code == 409


async def test_a_member_of_staff_who_holds_a_key_is_shown_as_tied(console: Console) -> None:
    admin, holder = await console.person(Role.ADMIN), await console.person(Role.REVIEWER)
    await admin.post(
        f"/console/providers/{console.api.provider_id}/senders/new",
        name="编辑部", holder_staff_id=holder.staff_id, scopes=["push:submit"],
    )  # fmt: skip
    assert "本机构人员" in text_of((await admin.follow()).text)
    page = await admin.get(f"/console/staff/{holder.staff_id}")
    assert "持有发送方“编辑部”的密钥" in text_of(page.text)


async def test_the_outcome_webhook_is_set_with_a_secret_shown_once_and_removed(
    console: Console,
) -> None:
    admin = await console.person(Role.ADMIN)
    page = f"/console/providers/{console.api.provider_id}"
    bad = await admin.post(f"{page}/webhook", outcome_url="ftp://x")
    assert bad.status_code == 422
    shown = await admin.post(f"{page}/webhook", outcome_url="https://hooks.example.cn/o")
    assert "whs_" in shown.text
    held = await admin.get(page)
    assert "https://hooks.example.cn/o" in held.text
    assert "whs_" not in held.text
    await admin.post(f"{page}/webhook/remove")
    register = await console.services.register.current()
    assert register.providers[console.api.provider_id].outcome_url is None
