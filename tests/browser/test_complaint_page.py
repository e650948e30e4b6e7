"""The complaint page is a plain form: no sign-in, no script, errors beside their fields."""

from playwright.async_api import expect

from tests.fixtures.browser import PageFactory
from tests.fixtures.popup_gateway import PopupGateway


async def test_a_complaint_is_filed_without_script_and_gets_a_number(
    browser_page: PageFactory, popup_gate: PopupGateway
) -> None:
    opened = await browser_page(java_script_enabled=False, viewport={"width": 1000, "height": 900})
    page = opened.page
    await page.goto(popup_gate.base + "/c/rel_1")
    await expect(page.get_by_text("秋茶上新，两件八折 <b>")).to_be_visible()
    await opened.screenshot("complaint-form")
    await page.get_by_label("是广告却没有标明").check()
    await page.get_by_role("button", name="提交投诉").click()
    await expect(page.get_by_role("alert")).to_contain_text("请说明情况")
    await expect(page.get_by_label("是广告却没有标明")).to_be_checked()
    await opened.screenshot("complaint-faults")
    await page.get_by_label("请说明情况").fill("没有广告两个字。")
    await page.get_by_role("button", name="提交投诉").click()
    await expect(page.get_by_text("T2611-0042")).to_be_visible()
    await opened.screenshot("complaint-done")
    assert popup_gate.complaints[-1] == {"reason": "ad", "text": "没有广告两个字。"}
    assert await page.context.cookies() == []


async def test_an_unknown_release_is_explained(
    browser_page: PageFactory, popup_gate: PopupGateway
) -> None:
    page = (await browser_page()).page
    await page.goto(popup_gate.base + "/c/rel_unknown?lang=en")
    await expect(page.get_by_role("heading")).to_have_text("This popup is not known here")
    await expect(page.locator("form")).to_have_count(0)


async def test_the_complaint_pages_have_no_accessibility_fault(
    browser_page: PageFactory, popup_gate: PopupGateway
) -> None:
    opened = await browser_page(viewport={"width": 390, "height": 844})
    await opened.page.goto(popup_gate.base + "/c/rel_1?lang=en")
    assert await opened.accessibility_faults() == []
    await opened.page.get_by_label("是广告却没有标明").check()
    await opened.page.get_by_role("button", name="Send complaint").click()
    await expect(opened.page.get_by_role("alert")).to_be_visible()
    assert await opened.accessibility_faults() == []
    await opened.page.get_by_label("What happened?").fill("no label")
    await opened.page.get_by_role("button", name="Send complaint").click()
    await expect(opened.page.get_by_text("T2611-0042")).to_be_visible()
    assert await opened.accessibility_faults() == []
