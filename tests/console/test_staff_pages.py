"""The pages of the people: adding, roles, ties, resetting and disabling."""

from app.staff.roles import Role
from tests.fixtures.console import PASSWORD, Console, text_of


async def test_a_person_is_added_and_their_password_shown_once(console: Console) -> None:
    admin = await console.person(Role.ADMIN)
    fields = {"name": "李四", "username": "li.si", "roles": ["reviewer"], "language": "zh"}
    shown = await admin.post("/console/staff/new", **fields)
    assert shown.status_code == 200
    assert shown.headers["cache-control"] == "no-store"
    password = shown.text.split('id="secret-value"')[1].split(">")[1].split("<")[0]
    newcomer = console.stranger()
    entered = await newcomer.post("/console/sign-in", username="li.si", password=password)
    assert entered.headers["location"] == "/console/account/password"
    assert password not in (await admin.get("/console/staff")).text


async def test_a_bad_person_is_sent_back_with_every_fault_and_what_was_typed(
    console: Console,
) -> None:
    admin = await console.person(Role.ADMIN)
    answer = await admin.post("/console/staff/new", name="", username="Bad Name!", language="zh")
    assert answer.status_code == 422
    text = text_of(answer.text)
    assert "有 3 处需要修改" in text
    assert 'value="Bad Name!"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    fields = {"name": "甲", "username": admin.username, "roles": ["admin"], "language": "zh"}
    taken = await admin.post("/console/staff/new", **fields)
    assert taken.status_code == 409
    assert "该登录名已被使用" in text_of(taken.text)


async def test_roles_count_from_the_next_request_on(console: Console) -> None:
    admin, reviewer = await console.person(Role.ADMIN), await console.person(Role.REVIEWER)
    assert (await reviewer.get("/console/staff")).status_code == 403
    await admin.post(f"/console/staff/{reviewer.staff_id}/roles", roles=["auditor"])
    assert "角色已保存" in text_of((await admin.follow()).text)
    assert (await reviewer.get("/console/staff")).status_code == 200
    none = await admin.post(f"/console/staff/{reviewer.staff_id}/roles")
    assert none.status_code == 422
    assert "至少一个角色" in text_of(none.text)


async def test_nobody_changes_their_own_roles_or_disables_themselves(console: Console) -> None:
    admin = await console.person(Role.ADMIN)
    base = f"/console/staff/{admin.staff_id}"
    for action in ("roles", "disable", "password"):
        answer = await admin.post(f"{base}/{action}", roles=["reviewer"])
        assert answer.status_code == 403
        assert "不能对自己执行此操作" in text_of(answer.text)
    assert "须由另一位管理员操作" in text_of((await admin.get(base)).text)


async def test_a_disabled_person_is_out_at_once_and_can_come_back(console: Console) -> None:
    admin, other = await console.person(Role.ADMIN), await console.person(Role.REVIEWER)
    await admin.post(f"/console/staff/{other.staff_id}/disable")
    assert (await other.get("/console")).status_code == 303
    fields = {"username": other.username, "password": PASSWORD}
    assert (await console.stranger().post("/console/sign-in", **fields)).status_code == 422
    await admin.post(f"/console/staff/{other.staff_id}/enable")
    assert (await console.stranger().post("/console/sign-in", **fields)).status_code == 303


async def test_a_reset_ends_sessions_and_gives_a_new_one_time_password(console: Console) -> None:
    admin, other = await console.person(Role.ADMIN), await console.person(Role.LEAD)
    shown = await admin.post(f"/console/staff/{other.staff_id}/password")
    assert "一次性密码" in text_of(shown.text)
    assert (await other.get("/console")).status_code == 303


async def test_a_tie_is_declared_seen_and_ended(console: Console) -> None:
    admin, other = await console.person(Role.ADMIN), await console.person(Role.REVIEWER)
    base, provider = f"/console/staff/{other.staff_id}", console.api.provider_id
    bare = await admin.post(f"{base}/ties", provider=provider, reason=" ")
    assert bare.status_code == 422
    await admin.post(f"{base}/ties", provider=provider, reason="曾任顾问")
    assert "曾任顾问" in text_of((await admin.follow()).text)
    assert "曾任顾问" in text_of((await other.get("/console/account")).text)
    assert await console.services.staff.is_tied(other.staff_id, provider)
    await admin.post(f"{base}/ties/end", provider=provider)
    assert not await console.services.staff.is_tied(other.staff_id, provider)
    assert (await admin.get("/console/staff/stf_nobody")).status_code == 404
