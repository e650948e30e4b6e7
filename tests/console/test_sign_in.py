"""Signing in to the console, out of it, and the password that has to be changed first."""

from app.staff.roles import Role
from app.staff.service import NewStaff
from tests.fixtures.console import PASSWORD, SYSTEM, Console, text_of


async def test_a_stranger_is_sent_to_the_sign_in_page_and_back_where_they_wanted(
    console: Console,
) -> None:
    stranger = console.stranger()
    sent = await stranger.get("/console/account", x="1")
    assert sent.status_code == 303
    assert sent.headers["location"] == "/console/sign-in?next=/console/account%3Fx%3D1"
    page = await stranger.follow()
    assert 'name="next" value="/console/account?x=1"' in page.text


async def test_a_one_time_password_is_changed_before_anything_else(console: Console) -> None:
    new = NewStaff("zhang.san", "张三", frozenset({Role.ADMIN}))
    given = await console.services.staff.add(SYSTEM, new)
    person = console.stranger()
    await person.post("/console/sign-in", username="zhang.san", password=given.password)
    first = await person.follow()
    assert "请先设置自己的密码" in text_of(first.text)
    for path in ("/console", "/console/nothing"):
        assert (await person.get(path)).headers["location"] == "/console/account/password"
    person.staff_id = given.staff_id
    fields = {"current": given.password, "new": PASSWORD, "again": PASSWORD}
    await person.post("/console/account/password", **fields)
    home = await person.follow()
    assert home.status_code == 200
    assert "密码已修改" in text_of(home.text)
    assert "密码已修改" not in text_of((await person.get("/console")).text)


async def test_a_wrong_password_says_the_same_as_an_unknown_name(console: Console) -> None:
    admin = await console.person(Role.ADMIN)
    stranger = console.stranger()
    wrong = await stranger.post("/console/sign-in", username=admin.username, password="x")
    unknown = await stranger.post("/console/sign-in", username="nobody", password="x")
    assert (wrong.status_code, unknown.status_code) == (422, 422)
    assert "登录名或密码不正确" in text_of(wrong.text)
    assert "登录名或密码不正确" in text_of(unknown.text)
    assert 'value="x"' not in wrong.text


async def test_many_wrong_passwords_are_slowed_down_with_a_page(console: Console) -> None:
    stranger = console.stranger()
    for _ in range(5):
        await stranger.post("/console/sign-in", username="nobody", password="x")
    slowed = await stranger.post("/console/sign-in", username="nobody", password="x")
    assert slowed.status_code == 429
    assert int(slowed.headers["retry-after"]) >= 1
    assert "尝试次数过多" in text_of(slowed.text)


async def test_nobody_is_sent_to_another_site_after_signing_in(console: Console) -> None:
    admin = await console.person(Role.ADMIN)
    for wanted in (
        "https://evil.example/",
        "//evil.example/console",
        "/console\\..\\x",
        "/v1/rules",
    ):
        person = console.stranger()
        await person.post(
            "/console/sign-in", username=admin.username, password=PASSWORD, next=wanted
        )
        assert person.last is not None
        assert person.last.headers["location"] == "/console"


async def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(
    console: Console,
) -> None:
    admin = await console.person(Role.ADMIN)
    person = console.stranger()
    answer = await person.post("/console/sign-in", username=admin.username, password=PASSWORD)
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("popgate_s"))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie


async def test_after_signing_out_the_session_is_dead_even_for_its_cookie(console: Console) -> None:
    admin = await console.person(Role.ADMIN)
    kept = admin.http.cookies["popgate_session"]
    await admin.post("/console/sign-out")
    assert "您已退出登录" in text_of((await admin.follow()).text)
    thief = console.stranger()
    thief.http.cookies.set("popgate_session", kept)
    assert (await thief.get("/console")).status_code == 303


async def test_a_form_without_the_sessions_token_changes_nothing(console: Console) -> None:
    admin = await console.person(Role.ADMIN)
    other = await console.person(Role.ADMIN)
    for token in ("", "x", await other.token()):
        answer = await admin.http.post("/console/sign-out", data={"csrf": token})
        assert answer.status_code == 403
        assert "表单已失效" in text_of(answer.text)
    assert (await admin.get("/console")).status_code == 200


async def test_a_form_that_another_site_sends_is_refused_even_with_its_token(
    console: Console,
) -> None:
    admin = await console.person(Role.ADMIN)
    data = {"csrf": await admin.token()}
    headers = {"sec-fetch-site": "cross-site"}
    answer = await admin.http.post("/console/sign-out", data=data, headers=headers)
    assert answer.status_code == 403


async def test_new_passwords_that_differ_or_are_weak_are_named_and_not_shown(
    console: Console,
) -> None:
    admin = await console.person(Role.ADMIN)
    differ = await admin.post(
        "/console/account/password", current=PASSWORD, new="another-long-one", again="not-the-same"
    )
    assert differ.status_code == 422
    assert "两次输入的新密码不一致" in text_of(differ.text)
    weak = await admin.post(
        "/console/account/password", current=PASSWORD, new="short", again="short"
    )
    assert "须为 12 至 128 个字符" in text_of(weak.text)
    assert PASSWORD not in weak.text
    wrong = await admin.post(
        "/console/account/password",
        current="no",
        new="a-much-longer-one",
        again="a-much-longer-one",
    )
    assert "原密码不正确" in text_of(wrong.text)


async def test_the_language_is_chosen_by_address_cookie_and_account(console: Console) -> None:
    admin = await console.person(Role.ADMIN, language="zh")
    assert '<html lang="zh-CN"' in (await admin.get("/console")).text
    assert '<html lang="en"' in (await admin.get("/console", lang="en")).text
    assert '<html lang="en"' in (await admin.get("/console")).text
    await admin.post("/console/account/language", language="zh")
    assert '<html lang="zh-CN"' in (await admin.follow()).text
    bad = await admin.post("/console/account/language", language="fr")
    assert bad.status_code == 422


async def test_the_colours_are_kept_in_a_cookie(console: Console) -> None:
    stranger = console.stranger()
    await stranger.get("/console/sign-in", theme="dark")
    assert 'data-theme="dark"' in (await stranger.get("/console/sign-in")).text
    assert 'data-theme="auto"' in (await stranger.get("/console/sign-in", theme="pink")).text
