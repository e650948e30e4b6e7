"""The preview: the bytes that will be sent, drawn without script, and the images behind it."""

import base64
import hashlib
import io
import re

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from app.staff.roles import Role
from tests.fixtures.console import Console
from tests.fixtures.desk import submit


def picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 40), "#2a7f4f").save(buffer, "PNG")
    return buffer.getvalue()


async def test_the_document_shows_what_the_envelope_will_carry(console: Console) -> None:
    reviewer = await console.person(Role.REVIEWER)
    waiting = await submit(console)
    page = await reviewer.get(f"{waiting.push_page}/preview")
    assert page.status_code == 200
    for shown in (
        "秋季新茶上市",
        "本周下单，次日送达。",
        "广告",
        "示例茶业",
        "关闭弹窗",
        "投诉举报",
    ):
        assert shown in page.text
    assert "--close-inset:calc(4 * var(--dp))" in page.text
    assert "shop.example.cn" in page.text


async def test_its_policy_allows_no_script_and_one_stylesheet_by_hash(console: Console) -> None:
    reviewer = await console.person(Role.REVIEWER)
    waiting = await submit(console)
    page = await reviewer.get(f"{waiting.push_page}/preview", frame="desktop", look="dark")
    policy = page.headers["content-security-policy"]
    style = re.search(r"<style>(.*?)</style>", page.text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert policy.endswith("; sandbox")
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert "<script" not in page.text
    assert page.headers["x-frame-options"] == "SAMEORIGIN"
    assert "prefers-color-scheme" not in style[1]


async def test_a_choice_of_colours_here_leaves_the_consoles_own_alone(console: Console) -> None:
    reviewer = await console.person(Role.REVIEWER)
    waiting = await submit(console)
    await reviewer.get("/console")
    page = await reviewer.get(f"{waiting.push_page}/preview", look="dark", text="large", frame="x")
    assert page.status_code == 200
    assert "set-cookie" not in page.headers
    assert "scene-large" in page.text


async def test_pictures_are_in_the_document_and_shown_to_staff_alone(console: Console) -> None:
    reviewer = await console.person(Role.REVIEWER)
    data = picture()
    image = {"data": base64.b64encode(data).decode(), "alt": "一片茶园"}
    waiting = await submit(console, images=[image])
    page = await reviewer.get(f"{waiting.push_page}/preview")
    assert f"data:image/png;base64,{base64.b64encode(data).decode()}" in page.text
    address = f"/console/assets/{hashlib.sha256(data).hexdigest()}"
    assert address in (await reviewer.get(waiting.push_page)).text
    shown = await reviewer.get(address)
    assert shown.content == data
    assert shown.headers["content-type"] == "image/png"
    assert "sandbox" in shown.headers["content-security-policy"]
    assert (await console.stranger().get(address)).status_code == 303
    assert (await reviewer.get("/console/assets/" + "0" * 64)).status_code == 404


async def test_what_a_pictures_file_says_of_itself_stands_beside_its_words(
    console: Console,
) -> None:
    reviewer = await console.person(Role.REVIEWER)
    buffer, info = io.BytesIO(), PngInfo()
    info.add_itxt("AIGC", '{"Label": "1", "ContentProducer": "某生成<服务>"}')
    Image.new("RGB", (64, 40)).save(buffer, "PNG", pnginfo=info)
    image = {"data": base64.b64encode(buffer.getvalue()).decode(), "alt": "一片茶园"}
    page = (await reviewer.get((await submit(console, images=[image])).push_page)).text
    assert "图片 1 的文件元数据" in page
    assert "标明由人工智能生成合成 · 生产者 某生成&lt;服务&gt;" in page
    assert "推送却申报为未使用人工智能" in page


async def test_texts_of_the_popup_are_text(console: Console) -> None:
    reviewer = await console.person(Role.REVIEWER)
    waiting = await submit(console, title="</style><script>1</script>")
    page = await reviewer.get(f"{waiting.push_page}/preview")
    assert "<script>" not in page.text
    assert page.text.count("</style>") == 1


@pytest.mark.parametrize("role", list(Role))
async def test_every_role_may_look_and_no_stranger(console: Console, role: Role) -> None:
    waiting = await submit(console)
    person = await console.person(role)
    assert (await person.get(f"{waiting.push_page}/preview")).status_code == 200
    assert (await console.stranger().get(f"{waiting.push_page}/preview")).status_code == 303
    assert (await person.get("/console/pushes/psh_nothing/preview")).status_code == 404
