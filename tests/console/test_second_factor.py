"""The second factor in the console: set up, asked for at the door, required, reset."""

from dataclasses import replace

import pytest

from app.console.permissions import Permission
from app.console.router import PAGES
from app.settings import SecondFactor
from app.staff.roles import Role
from app.staff.second_factor import SecondFactors
from tests.console.test_every_page import address
from tests.fixtures.console import PASSWORD, Console, Person, text_of
from tests.fixtures.factors import Phone, recovery_codes_in, scan

BASE = "/console/account/second-factor"
CODE = "/console/sign-in/code"


async def set_up(console: Console, person: Person) -> tuple[Phone, list[str]]:
    await person.post(f"{BASE}/begin")
    page = await person.follow()
    assert '<svg class="qr"' in page.text
    phone = scan(page.text)
    shown = await person.post(f"{BASE}/confirm", code=phone.code(console.services.clock.now(), -1))
    codes = recovery_codes_in(shown.text)
    assert (shown.status_code, len(codes)) == (200, 10)
    return phone, codes


async def at_the_code(console: Console, person: Person) -> Person:
    again = console.stranger()
    sent = await again.post(
        "/console/sign-in", username=person.username, password=PASSWORD, next="/console/rules"
    )
    assert sent.headers["location"] == f"{CODE}?next=/console/rules"
    return again


@pytest.fixture
async def required(console: Console) -> Console:
    """The console where everybody has to have a second factor."""
    services = console.services
    settings = services.settings.model_copy(update={"second_factor": SecondFactor.REQUIRED})
    console.state["services"] = replace(
        services, settings=settings,
        second_factors=SecondFactors(services.db, services.clock, settings),
    )  # fmt: skip
    return console


async def give(person: Person, code: str) -> int:
    """Give a code with the token of the page that asks for it."""
    page = await person.get(CODE, next="/console/account")
    token = page.text.split('name="csrf" value="')[1].split('"')[0]
    data = {"csrf": token, "code": code, "next": "/console/account"}
    person.last = await person.http.post(CODE, data=data)
    return person.last.status_code


async def test_it_is_set_up_on_the_account_page_and_asked_for_from_then_on(
    console: Console,
) -> None:
    person = await console.person(Role.REVIEWER)
    assert "未启用" in text_of((await person.get("/console/account")).text)
    phone, codes = await set_up(console, person)
    assert (await person.get("/console/queue")).status_code == 200
    assert recovery_codes_in((await person.get(BASE)).text) == []

    again = await at_the_code(console, person)
    now = console.services.clock.now()
    assert await give(again, phone.wrong(now)) == 422
    assert again.last is not None
    assert "验证码不正确" in text_of(again.last.text)
    assert await give(again, phone.code(now, -1)) == 422
    assert "已经用过" in text_of(again.last.text)
    assert await give(again, codes[0]) == 303
    assert (await again.follow()).status_code == 200
    assert "剩余 9 个" in text_of((await again.get(BASE)).text)


async def test_every_page_and_form_is_closed_to_whoever_gave_the_password_alone(
    console: Console,
) -> None:
    person = await console.person(*Role)
    await set_up(console, person)
    again = await at_the_code(console, person)
    page = await again.get(CODE)
    assert "/console/queue" not in page.text
    token = page.text.split('name="csrf" value="')[1].split('"')[0]
    judged = 0
    for one in PAGES:
        if one.permission in {Permission.ANYBODY, Permission.SIGNING_IN}:
            continue
        judged += 1
        path = address(one, {})
        if one.method == "GET":
            answer = await again.http.get(path)
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith(f"{CODE}?next="), path
            part = await again.http.get(path, headers={"hx-request": "true"})
            assert part.status_code == 401, path
        else:
            answer = await again.http.post(path, data={"csrf": token})
            assert answer.status_code == 401, path
    assert judged > 120
    assert "/console/queue" not in (await again.http.get("/rules")).text


async def test_wrong_codes_are_slowed_down_with_a_page(console: Console) -> None:
    person = await console.person(Role.REVIEWER)
    phone, _codes = await set_up(console, person)
    again = await at_the_code(console, person)
    for _ in range(5):
        assert await give(again, phone.wrong(console.services.clock.now())) == 422
    assert await give(again, phone.wrong(console.services.clock.now())) == 429
    assert again.last is not None
    assert int(again.last.headers["retry-after"]) >= 1
    assert "尝试次数过多" in text_of(again.last.text)


async def test_where_it_is_required_nothing_else_is_open_before_it_is_set_up(
    required: Console,
) -> None:
    person = await required.person(Role.ADMIN)
    for path in ("/console", "/console/staff", "/console/nothing"):
        assert (await person.get(path)).headers["location"] == BASE
    assert "请先启用两步验证" in text_of((await person.get(BASE)).text)
    _phone, codes = await set_up(required, person)
    assert (await person.get("/console/staff")).status_code == 200
    page = await person.get(BASE)
    assert "关闭两步验证" not in text_of(page.text)
    refused = await person.post(f"{BASE}/off", code=codes[0])
    assert refused.status_code == 409


async def test_it_is_changed_and_turned_off_for_a_code_with_faults_at_the_field(
    console: Console,
) -> None:
    person = await console.person(Role.LEAD)
    phone, codes = await set_up(console, person)
    wrong = await person.post(f"{BASE}/codes", code=phone.wrong(console.services.clock.now()))
    assert wrong.status_code == 422
    assert 'aria-describedby="h-code e-code"' in wrong.text
    fresh = recovery_codes_in((await person.post(f"{BASE}/codes", code=codes[0])).text)
    assert len(set(fresh) - set(codes)) == 10
    await person.post(f"{BASE}/begin", code=fresh[0])
    assert '<svg class="qr"' in (await person.follow()).text
    bad = await person.post(f"{BASE}/confirm", code="12345")
    assert bad.status_code == 422
    await person.post(f"{BASE}/give-up")
    assert '<svg class="qr"' not in (await person.follow()).text
    assert (await person.post(f"{BASE}/off", code=fresh[1])).status_code == 303
    assert "两步验证已关闭" in text_of((await person.follow()).text)
    assert (await person.post(f"{BASE}/codes", code=fresh[2])).status_code == 409


async def test_an_admin_resets_somebody_elses_and_sees_who_has_one(console: Console) -> None:
    admin, person = await console.person(Role.ADMIN), await console.person(Role.REVIEWER)
    await set_up(console, person)
    assert "已启用" in text_of((await admin.get("/console/staff")).text)
    path = f"/console/staff/{person.staff_id}"
    assert "重置两步验证" in text_of((await admin.get(path)).text)
    await admin.post(f"{path}/second-factor")
    assert "两步验证已重置" in text_of((await admin.follow()).text)
    assert (await person.get("/console")).status_code == 303
    own = await admin.post(f"/console/staff/{admin.staff_id}/second-factor")
    assert own.status_code == 403
    again = await admin.post(f"{path}/second-factor")
    assert again.status_code == 409


async def test_ones_sessions_are_listed_and_ended(console: Console) -> None:
    person = await console.person(Role.REVIEWER)
    others = [console.stranger() for _ in range(2)]
    for other in others:
        other.http.headers["user-agent"] = "Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537"
        await other.post("/console/sign-in", username=person.username, password=PASSWORD)
    page = await person.get("/console/account")
    assert page.text.count("Chrome · Windows") == 2
    handle = page.text.split('name="session" value="')[1].split('"')[0]
    await person.post("/console/account/sessions/end", session=handle)
    assert "该会话已结束" in text_of((await person.follow()).text)
    open_ones = [(await other.get("/console")).status_code for other in others]
    assert sorted(open_ones) == [200, 303]
    await person.post("/console/account/sessions/end-others")
    assert "已结束 1 个其他会话" in text_of((await person.follow()).text)
    await person.post("/console/account/sessions/end-all")
    assert "全部会话已结束" in text_of((await person.follow()).text)
    assert (await person.get("/console")).status_code == 303
