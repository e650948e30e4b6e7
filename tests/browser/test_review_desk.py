"""The desk in a real browser: from signing in to the popup on the recipient's screen and back."""

from contextlib import AbstractAsyncContextManager

from playwright.async_api import FrameLocator, Page, expect

from app.console.desk.popup import payload_to_send
from app.domain.canonical import canonical_bytes
from tests.fixtures.api import ADMIN
from tests.fixtures.browser import OUTPUT, OpenPage, PageFactory
from tests.fixtures.live_gateway import LiveGateway

REASON = "来源与标题核对无误，标识齐全。"


def preview(page: Page) -> FrameLocator:
    return page.frame_locator("#preview")


async def take_next(page: Page, live: LiveGateway) -> None:
    await page.goto(f"{live.base}/console/queue")
    await page.get_by_role("button", name="领取下一件").click()
    await expect(page.locator("#ruling-form")).to_be_visible()


async def approve(page: Page) -> None:
    """Fill the form as a reviewer does, and send it."""
    await page.locator("[name=verdict][value=approve]").check()
    for box in await page.locator("[name=clears]").all():
        await box.check()
    if await page.locator("[name=checked]").count():
        await page.locator("[name=checked]").fill("电话核实")
    await page.locator("#f-reason").fill(REASON)
    await page.locator("[data-submit]").click()
    await expect(page.locator("#undo")).to_be_visible()


async def test_from_the_queue_to_the_recipients_screen(
    live: LiveGateway, browser_page: PageFactory
) -> None:
    """Approve, undo, approve again; the popup shows once and one tap ends it for good."""
    recipient = await connected(live, browser_page)
    refused, withdrawn = (
        await live.submit("notice-maintenance"),
        await live.submit("notice-new-device"),
    )
    shown = await live.submit("news-metro")
    desk = await browser_page(viewport={"width": 1280, "height": 900})
    page = desk.page
    await live.sign_in(page, "reviewer.lin")

    await open_ticket(page, live, refused)
    await refuse(page)
    await open_ticket(page, live, withdrawn)
    await live.services.pushes.withdraw_by_staff(ADMIN, "admin", withdrawn, "发送方要求")

    await open_ticket(page, live, shown)
    title = "江州地铁七号线周末末班车延至二十三时三十分"
    await expect(preview(page).get_by_role("heading", name=title)).to_be_visible()
    await expect(preview(page).get_by_role("button", name="关闭弹窗")).to_be_visible()
    await approve(page)
    await page.get_by_role("button", name="撤销通过").click()
    await expect(page.get_by_text("通过已撤销")).to_be_visible()
    await expect(recipient.locator("popgate-popup")).to_have_count(0)
    await approve(page)
    await desk.screenshot("desk-approved")

    await one_tap_ends_it(recipient, title)
    await never_released(live, {refused: "refused", withdrawn: "withdrawn"})
    await page.goto(f"{live.base}/console/pushes/{shown}")
    await expect(page.get_by_text("由已签名下发的字节绘制")).to_be_visible()


async def connected(live: LiveGateway, browser_page: PageFactory) -> Page:
    """Open the demo page as a recipient and wait for its connection."""
    page = (await browser_page(viewport={"width": 1280, "height": 800})).page
    await page.goto(f"{live.base}/demo/{live.surface_id}")
    await expect(page.locator("#status")).to_have_attribute("data-state", "connected")
    return page


async def never_released(live: LiveGateway, ended: dict[str, str]) -> None:
    """The pushes are in these states, and no envelope was ever signed for them."""
    for push_id, state in ended.items():
        dossier = await live.services.views.dossier(push_id)
        assert (dossier.push.state.value, dossier.release_id) == (state, None)


async def one_tap_ends_it(recipient: Page, title: str) -> None:
    """Wait for the popup, close it, and see that a reload does not bring it back."""
    popup = recipient.locator("popgate-popup")
    await expect(popup.get_by_role("heading", name=title)).to_be_visible(timeout=20_000)
    await recipient.screenshot(path=OUTPUT / "desk-popup-arrived.png")
    await popup.get_by_role("button", name="关闭弹窗").click()
    await expect(popup).to_have_count(0)
    await recipient.reload()
    await expect(recipient.locator("#status")).to_have_attribute("data-state", "connected")
    await recipient.wait_for_timeout(1500)
    await expect(popup).to_have_count(0)


async def refuse(page: Page) -> None:
    """Refuse what the page shows, with the first clause and a template for the reason."""
    await page.locator("[name=verdict][value=refuse]").check()
    await page.locator("#f-clause").select_option(index=1)
    await page.get_by_role("button", name="诱导点击").click()
    await page.get_by_role("button", name="确认驳回").click()
    await expect(page.get_by_text("已驳回，发送方会收到")).to_be_visible()


async def test_a_typed_reason_survives_a_fault_and_a_lapsed_claim_is_said_at_once(
    live_with_short_claims: AbstractAsyncContextManager[LiveGateway], browser_page: PageFactory
) -> None:
    async with live_with_short_claims as live:
        await live.submit("notice-maintenance")
        page = (await browser_page()).page
        await live.sign_in(page, "reviewer.lin")
        await take_next(page, live)
        await page.locator("#f-reason").fill("写到一半的理由")
        await page.wait_for_timeout(6500)
        await expect(page.locator("form#lease")).to_be_visible()
        await page.context.set_offline(offline=True)
        await expect(page.get_by_text("与网关的连接中断")).to_be_visible(timeout=15_000)
        await expect(page.locator("#f-reason")).to_have_value("写到一半的理由")
        await page.context.set_offline(offline=False)
        await page.locator("[name=verdict][value=approve]").check()
        await page.locator("[data-submit]").click()
        await expect(page.locator("body")).to_contain_text("写到一半的理由")


async def test_the_preview_stands_where_the_web_client_puts_everything(
    live: LiveGateway, browser_page: PageFactory
) -> None:
    """The script-free document and the client's own drawing agree to the pixel."""
    push_id = await live.submit("ad-tea-harvest", images=[])
    page = (await browser_page(viewport={"width": 900, "height": 700})).page
    await live.sign_in(page, "reviewer.lin")
    dossier = await live.services.views.dossier(push_id)
    payload = payload_to_send(dossier.push, dossier.request, live.base)
    await page.goto(f"{live.base}/console/pushes/{push_id}/preview?frame=desktop")
    ours = await boxes(page, "document")
    await page.goto(f"{live.base}/c/rel_nothing")  # a page whose policy allows the client
    await page.evaluate(
        """async (payload) => {
          const client = await import("/client/popgate-client.js");
          document.body.replaceChildren();
          client.previewRelease(document.body, JSON.parse(payload), { images: [] });
        }""",
        canonical_bytes(payload).decode(),
    )
    theirs = await boxes(page, 'document.querySelector("popgate-popup").shadowRoot')
    assert ours == theirs


async def test_the_pages_look_right_and_have_no_accessibility_fault(
    live_starter: AbstractAsyncContextManager[LiveGateway], browser_page: PageFactory
) -> None:
    async with live_starter as live:
        names = (
            "news-emergency-flood", "ad-tea-harvest", "notice-maintenance", "news-metro",
            "ad-casino", "news-hidden-characters", "ad-disguised-loan", "news-unit-without-domain",
        )  # fmt: skip
        pushes = {name: await live.submit(name) for name in names}
        opened = await browser_page(viewport={"width": 1280, "height": 900})
        await live.sign_in(opened.page, "reviewer.lin")
        await look(opened, f"{live.base}/console/queue", "queue")
        await take_next(opened.page, live)
        ticket = opened.page.url
        await save_a_view(opened.page, live)
        for choice, name in (("lang=zh&theme=light", "zh"), ("lang=en&theme=dark", "en-dark")):
            await look(opened, f"{ticket}?{choice}", f"ticket-{name}")
            await look(opened, f"{live.base}/console/queue", f"queue-{name}")
            await look_at_palette(opened, name)
            await look(opened, f"{live.base}/console/pushes", f"pushes-{name}")
            await look(opened, f"{live.base}/console/pushes/{pushes['ad-casino']}", f"push-{name}")
            await look(opened, f"{live.base}/console/complaints", f"complaints-{name}")
        for page in ("past", "views", "day"):
            await look(opened, f"{live.base}/console/{page}", f"{page}-en-dark")
        await opened.page.set_viewport_size({"width": 1024, "height": 800})
        await look(opened, f"{ticket}?lang=zh&theme=light", "ticket-1024")


async def save_a_view(page: Page, live: LiveGateway) -> None:
    """Narrow the queue, keep that under a name, and share it."""
    await page.goto(f"{live.base}/console/queue?topic=licence")
    await page.locator(".shelf summary").click()
    await page.locator(".shelf #f-name").fill("缺许可的新闻")
    await page.get_by_role("button", name="保存", exact=True).click()
    await expect(page.locator(".chip-here")).to_have_text("缺许可的新闻")
    await page.goto(f"{live.base}/console/views")
    await page.get_by_role("button", name="分享给团队").click()
    await expect(page.locator(".view-link")).to_be_visible()


async def look(opened: OpenPage, address: str, name: str) -> None:
    """Keep a picture of a page; it has no accessibility fault and does not scroll sideways."""
    await opened.page.goto(address)
    await expect(opened.page.locator("h1")).to_have_count(1)
    await opened.screenshot(f"desk-{name}")
    assert await opened.accessibility_faults() == [], name
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not await opened.page.evaluate(wide), name


async def look_at_palette(opened: OpenPage, name: str) -> None:
    """The open palette is as accessible as the page beneath it."""
    await opened.page.keyboard.press("Control+k")
    await opened.page.keyboard.type("a")
    await opened.screenshot(f"desk-palette-{name}")
    assert await opened.accessibility_faults() == [], name


async def open_ticket(page: Page, live: LiveGateway, push_id: str) -> None:
    ticket_id = (await live.services.views.dossier(push_id)).ticket_id
    await page.goto(f"{live.base}/console/tickets/{ticket_id}")
    await page.get_by_role("button", name="领取此工单").click()
    await expect(page.locator("#ruling-form")).to_be_visible()


async def boxes(page: Page, root: str) -> dict[str, list[float]]:
    """Return where each part of the card stands, relative to the card."""
    found: dict[str, list[float]] = await page.evaluate(
        f"""() => {{
          const root = {root};
          const card = root.querySelector(".card").getBoundingClientRect();
          const places = {{ card: [0, 0, card.width, card.height] }};
          for (const name of [".label", ".close", ".provider", "h2", ".body", ".open", ".facts"]) {{
            const box = root.querySelector(name)?.getBoundingClientRect();
            places[name] = box
              ? [box.x - card.x, box.y - card.y, box.width, box.height].map((n) => Math.round(n))
              : [];
          }}
          const words = root.querySelector(".card").innerText;
          places.text = [words.replace(/\\s|（在新标签页打开）/g, "")];
          const colour = (name) => getComputedStyle(root.querySelector(name)).color;
          places.colours = [".label", ".close"].map(colour);
          return places;
        }}"""
    )
    found["card"] = [round(number) for number in found["card"]]
    return found
