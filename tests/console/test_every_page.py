"""Every page against every role and against nobody, in both languages, and how its HTML is."""

import re
from string import Formatter

import pytest

from app.console.permissions import GRANTED, Permission
from app.console.router import PAGES, router
from app.console.routing import Page
from app.staff.roles import Role
from tests.fixtures.console import ROLES, Console
from tests.fixtures.console_sample import faults_of, one_of_everything

# Their own tests have something to show; here there is no picture, complaint or row.
ELSEWHERE = {"/console/assets/{sha256}", "/console/complaints/{number}"}
# Answers that are files, or that send the visitor on.
NOT_HTML = {
    "/",
    "/console/usage/export",
    "/console/queue/export",
    "/console/past/export",
    "/console/board/export/{what}",
    "/console/words/{list_id}/export",
    "/console/pushes/{push_id}/preview",
}
SENDS_ON = {"/", "/console/sign-in", "/console/sign-in/code", "/console/views/{view_id}"}

READ = [page for page in PAGES if page.method == "GET" and page.path not in ELSEWHERE]
NEEDS = [page for page in PAGES if page.permission is not Permission.ANYBODY]


def address(page: Page, ids: dict[str, str]) -> str:
    names = [name for _, name, _, _ in Formatter().parse(page.path) if name]
    return page.path.replace(":path", "").format(**{n: ids.get(n, "nothing") for n in names})


def routes_of(one: object) -> list[object]:
    inner = getattr(getattr(one, "original_router", None), "routes", None)
    own = inner if inner is not None else getattr(one, "routes", None)
    return [one] if own is None else [leaf for each in own for leaf in routes_of(each)]


def test_every_route_of_the_console_was_declared_with_a_permission() -> None:
    declared = {(page.method, page.path) for page in PAGES}
    found = {
        (method, route.path)  # type: ignore[attr-defined]
        for route in routes_of(router)
        for method in route.methods  # type: ignore[attr-defined]
    }
    files = {("GET", "/static/{name:path}"), ("GET", "/favicon.ico")}
    assert len(found) > 50
    assert {one for one in found if one[1].startswith("/console")} <= declared
    assert declared <= found
    assert files <= found


def test_every_permission_is_somebodys_and_no_admin_rules() -> None:
    assert frozenset().union(*GRANTED.values()) == frozenset(Permission)
    assert Permission.TICKET_RULE not in GRANTED[Role.ADMIN]
    changing = (":write", ":approve", ":publish", ":rule", ":replay", ":withdraw")
    assert not any(one.endswith(changing) for one in GRANTED[Role.AUDITOR])


@pytest.mark.parametrize("role", ROLES)
async def test_each_role_sees_its_pages_and_is_refused_the_others(
    console: Console, role: Role
) -> None:
    ids = await one_of_everything(console)
    person = await console.person(role)
    judged = 0
    for page in READ:
        for language in ("zh", "en"):
            answer = await person.get(address(page, ids), lang=language)
            if page.permission not in GRANTED[role]:
                assert answer.status_code == 403, page
                assert "content-security-policy" in answer.headers
            elif page.path.endswith("{rest:path}"):
                assert answer.status_code == 404
            elif page.path in SENDS_ON:
                assert answer.status_code == 303, page
            else:
                assert answer.status_code == 200, (page, answer.text[:3000])
            if answer.status_code != 303 and page.path not in NOT_HTML:
                assert faults_of(answer.text) == [], page
                lang = "zh-CN" if language == "zh" else "en"
                assert f'<html lang="{lang}"' in answer.text
                judged += 1
    assert judged > 40


@pytest.mark.parametrize("role", ROLES)
async def test_each_role_is_refused_the_forms_that_are_not_its_own(
    console: Console, role: Role
) -> None:
    person = await console.person(role)
    refused = [
        page for page in PAGES if page.method == "POST" and page.permission not in GRANTED[role]
    ]
    assert refused
    for page in refused:
        answer = await person.post(address(page, {}))
        assert answer.status_code == 403, page
        assert "forbidden" in answer.text


async def test_nobody_gets_in_without_signing_in(console: Console) -> None:
    stranger = console.stranger()
    for page in NEEDS:
        if page.method == "GET":
            answer = await stranger.get(address(page, {}))
            assert answer.status_code == 303, page
            assert answer.headers["location"].startswith("/console/sign-in?next=")
        else:
            answer = await stranger.post(address(page, {}))
            assert answer.status_code == 401, page


async def test_no_form_is_taken_without_the_token(console: Console) -> None:
    person = await console.person(*Role)
    for page in PAGES:
        if page.method == "POST":
            answer = await person.http.post(address(page, {}), data={"reason": "x"})
            assert answer.status_code == 403, page
            assert "csrf" in answer.text


async def test_every_page_forbids_inline_code_and_foreign_frames(console: Console) -> None:
    person = await console.person(*Role)
    for path in ("/console", "/rules", "/docs", "/console/nothing"):
        policy = (await person.get(path)).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "data:" not in policy
        assert "frame-ancestors 'none'" in policy
        assert re.search(r"script-src 'self'(;|$)", policy)


async def test_files_have_a_type_a_long_life_and_nothing_outside_their_folder(
    console: Console,
) -> None:
    stranger = console.stranger()
    page = (await stranger.get("/console/sign-in")).text
    for path in re.findall(r'(?:href|src)="(/static/[^"]+)"', page):
        answer = await stranger.get(path)
        assert answer.status_code == 200, path
        assert "immutable" in answer.headers["cache-control"]
    for path in ("/static/../session.py", "/static/%2e%2e/session.py", "/static/nothing.css"):
        assert (await stranger.get(path)).status_code == 404
