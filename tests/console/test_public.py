"""The pages without sign-in: complaining about a popup, the demo page, the web client."""

import httpx
import pytest

from app.complaints.repository import ComplaintFilter
from app.staff.roles import Role
from tests.fixtures.console import Console, Person, text_of
from tests.fixtures.desk import release


async def complain(person: Person, release_id: str, **fields: str) -> httpx.Response:
    return await person.http.post(f"/c/{release_id}", data=fields)


async def test_the_form_names_popup_and_sender_and_sets_no_cookie(
    console_without_undo: Console,
) -> None:
    console = console_without_undo
    release_id, _ = await release(console)
    stranger = console.stranger()
    page = await stranger.get(f"/c/{release_id}")
    text = text_of(page.text)
    assert page.status_code == 200
    assert "秋季新茶上市" in text
    assert "示例茶业" in text
    assert "示例应用" in text
    assert "网信算备000000000000000000000号 公示信息" in text
    assert 'href="https://m.chenchuang.example/algorithm"' in page.text
    assert "set-cookie" not in page.headers
    assert "script-src 'self'" in page.headers["content-security-policy"]
    english = text_of((await stranger.get(f"/c/{release_id}", lang="en")).text)
    assert "Complain about a popup" in english


async def test_a_complaint_gets_a_number_and_stands_in_the_console(
    console_without_undo: Console,
) -> None:
    console = console_without_undo
    release_id, waiting = await release(console)
    stranger = console.stranger()
    done = await complain(stranger, release_id, reason="not_closable", text="点了三次\u202e才关掉")
    assert done.status_code == 201, text_of(done.text)
    filed = (await console.services.complaints.find(ComplaintFilter())).items[0]
    assert filed.number in text_of(done.text)
    for role in Role:
        one = await console.person(role)
        listed = text_of((await one.get("/console/complaints")).text)
        assert filed.number in listed
        page = await one.get(f"/console/complaints/{filed.number}")
        assert "关不掉或很难关掉" in text_of(page.text)
        assert "U+202E" in page.text
        assert waiting.push_page in page.text
    person = await console.person(Role.AUDITOR)
    sought = await person.get("/console/complaints", number=filed.number.lower())
    assert sought.headers["location"] == f"/console/complaints/{filed.number}"
    assert (await person.get("/console/complaints/C-0000-0000")).status_code == 404
    none = text_of((await person.get("/console/complaints", reason="other")).text)
    assert "没有符合条件的投诉" in none


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"text": "没有选原因"}, "请选择有什么问题"),
        ({"reason": "nonsense", "text": "x"}, "请选择有什么问题"),
        ({"reason": "other"}, "请说明情况"),
        ({"reason": "other", "text": "字" * 1001}, "最多 1000 个字符"),
    ],
)
async def test_what_is_wrong_stands_beside_its_field(
    console_without_undo: Console, fields: dict[str, str], expected: str
) -> None:
    console = console_without_undo
    release_id, _ = await release(console)
    stranger = console.stranger()
    answer = await complain(stranger, release_id, **fields)
    assert answer.status_code == 422
    assert expected in text_of(answer.text)
    assert fields.get("text", "")[:20] in answer.text
    assert not (await console.services.complaints.find(ComplaintFilter())).items


async def test_an_unknown_popup_is_explained(console: Console) -> None:
    stranger = console.stranger()
    for release_id in ("rel_nothing", "%3Cscript%3E", "x" * 500):
        page = await stranger.get(f"/c/{release_id}")
        assert page.status_code == 404
        assert "没有找到这条弹窗" in text_of(page.text)
        assert (await complain(stranger, release_id, reason="other", text="x")).status_code == 404


async def test_the_demo_page_is_there_for_a_surface_that_exists(console: Console) -> None:
    stranger = console.stranger()
    page = await stranger.get(f"/demo/{console.api.surface_id}")
    assert page.status_code == 200
    assert f'data-surface="{console.api.surface_id}"' in page.text
    unknown = await stranger.get("/demo/srf_nothing")
    assert unknown.status_code == 404
    assert "没有这个展示端" in text_of(unknown.text)
    assert unknown.headers["content-type"].startswith("text/html")


async def test_the_web_client_is_a_script_that_any_page_may_embed(console: Console) -> None:
    stranger = console.stranger()
    script = await stranger.get("/client/popgate-client.js")
    assert script.status_code == 200
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert script.headers["access-control-allow-origin"] == "*"
    assert "max-age" in script.headers["cache-control"]
    assert "export class PopgateClient" in script.text
    tag = {"if-none-match": script.headers["etag"]}
    again = await stranger.http.get("/client/popgate-client.js", headers=tag)
    assert again.status_code == 304
    assert again.content == b""
