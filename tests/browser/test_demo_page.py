"""The demo page registers a recipient, shows popups, keeps a history and takes refusals."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.fixtures.browser import PageFactory
from tests.fixtures.popup_gateway import PopupGateway
from tests.fixtures.releases import advertisement, release
from tests.fixtures.waiting import until_true


async def open_demo(page: Page, popup_gate: PopupGateway, query: str = "") -> None:
    await page.goto(f"{popup_gate.base}/demo{query}")
    await expect(page.locator("#status")).to_have_attribute("data-state", "connected")


async def test_a_first_visit_registers_a_pseudonymous_recipient_and_waits(
    page: Page, popup_gate: PopupGateway, output: Path
) -> None:
    await page.set_viewport_size({"width": 1280, "height": 860})
    await open_demo(page, popup_gate)
    await expect(page.locator("#history-empty")).to_be_visible()
    await page.screenshot(path=output / "demo-waiting.png")
    [asked] = popup_gate.registered
    assert set(asked) == {"surface", "recipient", "time_zone", "minor"}
    assert asked["recipient"].startswith("r_")
    assert len(asked["recipient"]) <= 64
    await page.reload()
    await expect(page.locator("#status")).to_have_attribute("data-state", "connected")
    assert len(popup_gate.registered) == 1
    assert popup_gate.recipients == {asked["recipient"]}
    assert popup_gate.authorizations == {"Bearer secret-1"}


async def test_a_popup_appears_is_closed_and_stands_in_the_history(
    page: Page, popup_gate: PopupGateway, output: Path
) -> None:
    await page.set_viewport_size({"width": 1280, "height": 860})
    await open_demo(page, popup_gate)
    popup_gate.send(
        release(kind="news", source={"unit": "新华社", "url": "https://news.example/1"})
    )
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.wait_for_timeout(250)
    await page.screenshot(path=output / "demo-popup.png")
    await page.get_by_role("button", name="关闭弹窗").click()
    await expect(page.locator("#history li")).to_contain_text(["今晚十点起系统维护"])
    await expect(page.locator("#history li")).to_contain_text(["已关闭"])
    await page.reload()
    await expect(page.locator("#history li")).to_contain_text(["已关闭"])


async def test_a_withheld_popup_is_explained_in_the_history(
    page: Page, popup_gate: PopupGateway
) -> None:
    await open_demo(page, popup_gate)
    popup_gate.send_envelope(popup_gate.signer.envelope(release()) | {"signatures": []})
    await expect(page.locator("#history li")).to_contain_text(["未展示：信封没有签名"])


async def test_every_switch_is_a_refusal_and_can_be_taken_back(
    page: Page, popup_gate: PopupGateway, output: Path
) -> None:
    await open_demo(page, popup_gate)
    for name, scope, kind in [
        ("新闻", "kind", "news"),
        ("广告", "kind", "advertisement"),
        ("其他通知", "kind", "general"),
        ("个性化推送", "personalisation", None),
        ("接收弹窗", "all", None),
    ]:
        switch = page.get_by_role("switch", name=name)
        await switch.click()
        await expect(switch).not_to_be_checked()
        await until_true(lambda: len(popup_gate.refusals) == 1, lambda: popup_gate.refusals)
        [refusal] = popup_gate.refusals.values()
        assert (refusal["scope"], refusal["kind"]) == (scope, kind)
        if scope == "all":
            await expect(page.get_by_role("switch", name="新闻")).to_be_disabled()
            await page.screenshot(path=output / "demo-refused.png")
        await expect(switch).to_be_enabled()
        await switch.click()
        await until_true(lambda: not popup_gate.refusals, lambda: popup_gate.refusals)
        await expect(switch).to_be_checked()


async def test_the_switches_follow_what_the_gateway_knows(
    page: Page, popup_gate: PopupGateway
) -> None:
    popup_gate.refusals["ref_elsewhere"] = {"scope": "kind", "kind": "general"}
    await open_demo(page, popup_gate)
    switch = page.get_by_role("switch", name="其他通知")
    await expect(switch).not_to_be_checked()
    await switch.click()
    await until_true(lambda: not popup_gate.refusals, lambda: popup_gate.refusals)


async def test_a_refusal_that_was_not_saved_is_said_and_shown_as_it_is(
    page: Page, popup_gate: PopupGateway
) -> None:
    await open_demo(page, popup_gate)
    popup_gate.fail_once("/v1/refusals", 503)
    switch = page.get_by_role("switch", name="广告")
    await switch.click()
    await expect(page.locator("#refuse-fault")).to_contain_text("没有保存成功")
    await expect(switch).to_be_checked()


async def test_a_refusal_made_in_the_popup_moves_the_switch(
    page: Page, popup_gate: PopupGateway
) -> None:
    await open_demo(page, popup_gate)
    popup_gate.send(advertisement())
    await page.get_by_role("button", name="不再接收").click()
    await page.get_by_role("button", name="广告类弹窗").click()
    await expect(page.get_by_role("switch", name="广告")).not_to_be_checked()


async def test_another_section_of_the_app_is_another_page_for_advertisements(
    page: Page, popup_gate: PopupGateway
) -> None:
    await open_demo(page, popup_gate)
    popup_gate.send(advertisement())
    await page.get_by_role("button", name="关闭弹窗").click()
    popup_gate.send(advertisement(release_id="rel_2", push_id="psh_2", title="第二则广告"))
    await expect(page.locator("#status-hint")).to_contain_text("有一则广告在等候")
    await page.get_by_role("link", name="城市").click()
    await expect(page.get_by_role("dialog")).to_contain_text("第二则广告")
    await expect(page.get_by_role("heading", name="社区图书馆延长到晚上九点闭馆")).to_be_visible()


async def test_a_new_recipient_starts_with_nothing(page: Page, popup_gate: PopupGateway) -> None:
    await open_demo(page, popup_gate)
    before = await page.locator("#recipient").text_content()
    popup_gate.send(release())
    await page.get_by_role("button", name="关闭弹窗").click()
    await page.get_by_text("换一位接收用户").click()
    await page.get_by_label("这位接收用户").select_option("yes")
    await page.get_by_role("button", name="登记").click()
    await until_true(lambda: len(popup_gate.registered) == 2, lambda: popup_gate.registered)
    await expect(page.locator("#recipient")).not_to_have_text(before or "")
    await expect(page.locator("#history-empty")).to_be_visible()
    assert popup_gate.registered[1]["minor"] == "yes"


async def test_a_failed_registration_is_explained_and_can_be_repeated(
    page: Page, popup_gate: PopupGateway, output: Path
) -> None:
    popup_gate.fail_once("/v1/recipients", 503)
    await page.goto(popup_gate.base + "/demo")
    await expect(page.locator("#status")).to_have_attribute("data-state", "failed")
    await page.screenshot(path=output / "demo-failed.png")
    await page.get_by_role("button", name="登记").click()
    await expect(page.locator("#status")).to_have_attribute("data-state", "connected")


async def test_the_page_speaks_english_too(
    page: Page, popup_gate: PopupGateway, output: Path
) -> None:
    await page.set_viewport_size({"width": 1280, "height": 860})
    await open_demo(page, popup_gate, "?lang=en")
    popup_gate.send(advertisement(images=[popup_gate.add_image("#7a9a6a")]))
    await expect(page.get_by_role("button", name="Close popup")).to_be_visible()
    await page.wait_for_timeout(250)
    await page.screenshot(path=output / "demo-english.png")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_has_no_accessibility_fault(
    browser_page: PageFactory, popup_gate: PopupGateway, *, scheme: str
) -> None:
    opened = await browser_page(
        color_scheme=scheme, viewport={"width": 390, "height": 844}, reduced_motion="reduce"
    )
    await open_demo(opened.page, popup_gate)
    popup_gate.send(advertisement(images=[popup_gate.add_image("#7a9a6a")]))
    await expect(opened.page.get_by_role("dialog")).to_be_visible()
    await opened.screenshot(f"demo-phone-{scheme}")
    assert await opened.accessibility_faults() == []


async def test_each_browser_takes_the_first_place_that_is_free(
    page: Page, popup_gate: PopupGateway
) -> None:
    popup_gate.fail_once("/v1/recipients", 409, 409)
    await open_demo(page, popup_gate)
    await expect(page.locator("#recipient")).to_have_text("r_demo_03")


async def test_when_all_places_are_taken_a_random_token_is_registered(
    page: Page, popup_gate: PopupGateway
) -> None:
    popup_gate.fail_once("/v1/recipients", *[409] * 8)
    await open_demo(page, popup_gate)
    await expect(page.locator("#recipient")).to_have_text(re.compile("r_[0-9a-f]{24}"))
