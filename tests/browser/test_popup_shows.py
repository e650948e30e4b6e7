"""The web client shows what was released, keeps its marks on top and closes with one tap."""

from pathlib import Path
from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.fixtures.popup_gateway import PopupGateway
from tests.fixtures.releases import advertisement, release
from tests.fixtures.waiting import until, until_true


def popup(page: Page) -> Locator:
    return page.get_by_role("dialog")


async def log(page: Page, what: str) -> list[Any]:
    entries: list[list[Any]] = await page.evaluate("window.log")
    return [value for name, value in entries if name == what]


async def wait_for_event(popup_gate: PopupGateway, item: str, event: str) -> None:
    await until_true(lambda: event in popup_gate.events_of(item), lambda: popup_gate.events)


async def test_an_advertisement_shows_label_provider_close_complaint_and_refusal(
    page: Page, popup_gate: PopupGateway, output: Path
) -> None:
    picture = popup_gate.add_image("#7a9a6a")
    item = popup_gate.send(advertisement(images=[picture], ai_label="AI生成"))
    await page.goto(popup_gate.base + "/page")
    await expect(popup(page)).to_be_visible()
    for text in ["广告", "晨窗科技有限公司", "秋茶上新，两件八折", "青禾茶业有限公司", "AI生成"]:
        await expect(popup(page).get_by_text(text, exact=True)).to_be_visible()
    await expect(page.get_by_role("link", name="投诉举报")).to_have_attribute(
        "href", "https://gate.example/c/rel_1"
    )
    await expect(page.get_by_role("link", name="查看详情")).to_have_attribute(
        "rel", "noopener noreferrer"
    )
    await expect(page.get_by_role("button", name="不再接收")).to_be_visible()
    assert await page.locator("popgate-popup img").evaluate("(img) => img.naturalWidth") == 320
    await wait_for_event(popup_gate, item, "shown")
    await page.wait_for_timeout(200)
    await page.screenshot(path=output / "client-advertisement.png")


async def test_a_news_popup_names_its_source(
    page: Page, popup_gate: PopupGateway, output: Path
) -> None:
    popup_gate.send(
        release(kind="news", source={"unit": "新华社", "url": "https://news.example/1"})
    )
    await page.goto(popup_gate.base + "/page")
    await expect(popup(page)).to_contain_text("来源：新华社")
    await page.wait_for_timeout(200)
    await page.screenshot(path=output / "client-news.png")


async def test_promise_6_one_tap_closes_at_once_and_it_does_not_come_back(
    page: Page, popup_gate: PopupGateway
) -> None:
    item = popup_gate.send(release())
    await page.goto(popup_gate.base + "/page")
    close = page.get_by_role("button", name="关闭弹窗")
    box = await close.bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) >= (44, 44)
    took = await close.evaluate(
        """(button) => {
          const before = performance.now();
          button.click();
          return document.querySelector("popgate-popup") ? Infinity : performance.now() - before;
        }"""
    )
    assert took < 100
    await wait_for_event(popup_gate, item, "closed")
    assert page.url == popup_gate.base + "/page"

    popup_gate.send(release())
    popup_gate.send(release(release_id="rel_2"))  # the same push under another release
    await until(page, "window.log.filter(([name]) => name === 'error').length === 2")
    await page.reload()
    popup_gate.send(release())
    await until(page, "window.log.some(([name]) => name === 'error')")
    assert set(await log(page, "error")) == {"already_seen"}
    await expect(popup(page)).to_have_count(0)
    assert popup_gate.events_of(item) == ["shown", "closed"]


async def test_escape_closes_and_gives_the_focus_back(page: Page, popup_gate: PopupGateway) -> None:
    await page.goto(popup_gate.base + "/page")
    await page.locator("#field").focus()
    item = popup_gate.send(release())
    await expect(popup(page)).to_be_visible()
    await expect(page.locator("#field")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="关闭弹窗")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(popup(page)).to_have_count(0)
    await expect(page.locator("#field")).to_be_focused()
    await wait_for_event(popup_gate, item, "closed")


async def test_the_link_opens_only_on_its_own_click_and_is_reported(
    page: Page, popup_gate: PopupGateway
) -> None:
    await page.context.route(
        "https://shop.example/**", lambda route: route.fulfill(body="the shop")
    )
    item = popup_gate.send(advertisement())
    await page.goto(popup_gate.base + "/page")
    await popup(page).get_by_text("秋茶上新").click()
    await popup(page).get_by_text("广告", exact=True).click()
    assert len(page.context.pages) == 1
    async with page.context.expect_page() as opening:
        await page.get_by_role("link", name="查看详情").click()
    opened = await opening.value
    await opened.wait_for_url("https://shop.example/tea")
    assert await opened.evaluate("window.opener") is None
    await wait_for_event(popup_gate, item, "clicked")
    assert popup_gate.events_of(item) == ["shown", "clicked"]


async def test_popups_come_one_at_a_time(page: Page, popup_gate: PopupGateway) -> None:
    for number in (1, 2):
        popup_gate.send(
            release(release_id=f"rel_{number}", push_id=f"psh_{number}", title=f"第{number}条")
        )
    await page.goto(popup_gate.base + "/page")
    await expect(popup(page)).to_contain_text("第1条")
    await page.wait_for_timeout(300)
    await expect(popup(page)).to_have_count(1)
    await page.keyboard.press("Escape")
    await expect(popup(page)).to_contain_text("第2条")


async def test_after_an_advertisement_is_closed_no_other_follows_on_the_same_page(
    page: Page, popup_gate: PopupGateway
) -> None:
    popup_gate.send(advertisement())
    await page.goto(popup_gate.base + "/page")
    await page.get_by_role("button", name="关闭弹窗").click()
    popup_gate.send(advertisement(release_id="rel_2", push_id="psh_2", title="第二则广告"))
    await until(page, "window.log.some(([name]) => name === 'held')")
    popup_gate.send(release(release_id="rel_3", push_id="psh_3", title="服务通知"))
    await expect(popup(page)).to_contain_text("服务通知")
    await page.keyboard.press("Escape")
    await page.wait_for_timeout(800)
    await expect(popup(page)).to_have_count(0)
    await page.evaluate("location.hash = '#another-page'")
    await expect(popup(page)).to_contain_text("第二则广告")


async def test_the_recipient_refuses_from_the_popup_and_takes_it_back(
    page: Page, popup_gate: PopupGateway, output: Path
) -> None:
    popup_gate.send(advertisement())
    await page.goto(popup_gate.base + "/page")
    await page.get_by_role("button", name="不再接收").click()
    await page.wait_for_timeout(200)
    await page.screenshot(path=output / "client-refuse.png")
    await page.get_by_role("button", name="广告类弹窗").click()
    await expect(popup(page)).to_contain_text("已停止接收广告类弹窗")
    assert list(popup_gate.refusals.values()) == [
        {"surface": "srf_test", "recipient": "r_test", "scope": "kind", "kind": "advertisement"}
    ]
    await page.get_by_role("button", name="撤销").click()
    await expect(popup(page)).to_contain_text("已恢复接收")
    assert popup_gate.refusals == {}

    popup_gate.fail_once("/v1/refusals", 503)
    await page.get_by_role("button", name="不再接收").click()
    await page.get_by_role("button", name="全部弹窗").click()
    await expect(popup(page)).to_contain_text("没有保存成功")
    await page.get_by_role("button", name="关闭弹窗").click()
    await expect(popup(page)).to_have_count(0)
