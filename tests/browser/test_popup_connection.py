"""The web client keeps connection and reports through outages, and its secret to itself."""

from playwright.async_api import Page, expect

from tests.fixtures.popup_gateway import PopupGateway
from tests.fixtures.releases import release
from tests.fixtures.waiting import until, until_true


async def test_a_popup_arrives_by_stream(page: Page, popup_gate: PopupGateway) -> None:
    await page.goto(popup_gate.base + "/page")
    await until(page, "window.client.status === 'connected'")
    popup_gate.send(release())
    await expect(page.get_by_role("dialog")).to_be_visible()


async def test_a_popup_arrives_by_poll_where_there_is_no_stream(
    page: Page, popup_gate: PopupGateway
) -> None:
    popup_gate.streams = False
    await page.goto(popup_gate.base + "/page")
    await until(page, "window.client.status === 'polling'")
    popup_gate.send(release())
    await expect(page.get_by_role("dialog")).to_be_visible()


async def test_the_secret_travels_in_a_header_and_never_in_an_address(
    page: Page, popup_gate: PopupGateway
) -> None:
    popup_gate.send(release())
    await page.goto(popup_gate.base + "/page")
    await page.get_by_role("button", name="关闭弹窗").click()
    await page.wait_for_timeout(200)
    assert popup_gate.authorizations == {"Bearer a-secret"}
    assert not any("a-secret" in path for path in popup_gate.paths)


async def test_the_stream_is_taken_up_again_after_an_outage(
    page: Page, popup_gate: PopupGateway
) -> None:
    popup_gate.fail_once("/stream", 503, 503)
    await page.goto(popup_gate.base + "/page")
    await until(page, "window.client.status === 'connected'")
    popup_gate.send(release())
    await expect(page.get_by_role("dialog")).to_be_visible()


async def test_reports_are_repeated_until_the_gateway_takes_them(
    page: Page, popup_gate: PopupGateway
) -> None:
    popup_gate.fail_once("/events", 503, 500)
    item = popup_gate.send(release())
    await page.goto(popup_gate.base + "/page")
    await page.get_by_role("button", name="关闭弹窗").click()
    await until_true(
        lambda: popup_gate.events_of(item) == ["shown", "closed"], lambda: popup_gate.events
    )


async def test_reports_that_were_not_taken_survive_a_reload(
    page: Page, popup_gate: PopupGateway
) -> None:
    popup_gate.fail_once("/events", *[503] * 3)
    item = popup_gate.send(release())
    await page.goto(popup_gate.base + "/page")
    await page.get_by_role("button", name="关闭弹窗").click()
    popup_gate.failures.clear()
    await page.reload()
    await until_true(
        lambda: {"shown", "closed"} <= set(popup_gate.events_of(item)), lambda: popup_gate.events
    )


async def test_a_wrong_secret_stops_the_client_and_is_reported(
    page: Page, popup_gate: PopupGateway
) -> None:
    popup_gate.fail_once("/v1/inbox/r_test", 401)
    await page.goto(popup_gate.base + "/page")
    await until(page, "window.client.status === 'refused'")
    assert ["error", "inbox_refused"] in await page.evaluate("window.log")


async def test_keys_that_cannot_be_loaded_keep_the_inbox_untouched(
    page: Page, popup_gate: PopupGateway
) -> None:
    popup_gate.fail_once("/popgate-keys", 503)
    popup_gate.send(release())
    await page.goto(popup_gate.base + "/page")
    await until(page, "window.client.status === 'waiting_keys'")
    assert len(popup_gate.waiting) == 1
    await expect(page.get_by_role("dialog")).to_be_visible()
