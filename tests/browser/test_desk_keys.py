"""The desk by keyboard alone: keys, the palette, who looks, and a thousand presses at random."""

from collections import Counter
from contextlib import AbstractAsyncContextManager, suppress
from random import Random

from playwright.async_api import Error, Page, expect
from sqlalchemy import select

from app.audit.models import audit_entries
from tests.fixtures.browser import PageFactory
from tests.fixtures.live_gateway import LiveGateway

MORE = ("news-emergency-flood", "ad-tea-harvest", "news-hidden-characters", "ad-disguised-loan")
"""What waits besides, so that somebody who presses keys finds enough to decide on."""
ALMOST_RULED = """() => {
  const form = document.querySelector("#ruling-form");
  form.querySelector("[value=refuse]").click();
  form.querySelector("#f-clause").selectedIndex = 1;
  form.querySelector("#f-reason").value = "与事实不符";
  form.querySelector("#f-reason").focus();
}"""


async def test_keys_move_and_choose_but_never_decide_alone(
    live_starter: AbstractAsyncContextManager[LiveGateway], browser_page: PageFactory
) -> None:
    async with live_starter as live:
        for name in ("notice-maintenance", "notice-new-device", "news-metro"):
            await live.submit(name)
        page = (await browser_page()).page
        await live.sign_in(page, "reviewer.lin")
        await walk_by_keys(page, live)
        await page.locator("#f-reason").fill("按键 n r a b 在这里只是文字")
        address = page.url
        for key in ("Enter", "n", "r", "b", "u", "?"):
            await page.keyboard.press(key)
        assert page.url == address
        await page.keyboard.press("Escape")
        for _ in range(30):
            await page.keyboard.down("b")  # held down: repeats
        await page.keyboard.up("b")
        await expect(page.locator("[name=verdict][value=return]")).to_be_checked()
        counts = await live.services.views.counts()
        assert counts == {"in_review": 3}
        await spared_by_keys(page, live)
        await pass_on_by_keys(page)
        await command_by_palette(page, live)
        await see_who_looks(page, live)
        assert await live.services.views.counts() == {"in_review": 3}
        for name in MORE:
            await live.submit(name)
        await press_at_random(page, 1000)
        await nothing_is_decided_unopened(live)


async def spared_by_keys(page: Page, live: LiveGateway) -> None:
    """Blur pictures and take colours away by keys, without losing what was typed."""
    root, typed = page.locator("html"), await page.locator("#f-reason").input_value()
    await page.keyboard.press("Escape")
    for key, spared in (("v", "blur"), ("g", "blur grey"), ("v", "grey"), ("g", "")):
        await page.keyboard.press(key)
        await expect(root).to_have_attribute("data-spared", spared)
    await page.keyboard.press("v")
    await expect(page.locator(".spare [data-key=v]")).to_have_attribute("aria-pressed", "true")
    await expect(page.locator("#f-reason")).to_have_value(typed)
    staff = await live.services.staff.everybody()
    lin = next(one.id for one in staff if one.username == "reviewer.lin")
    assert (await live.services.review.days.today(lin)).habits.blur


async def pass_on_by_keys(page: Page) -> None:
    """Each way of passing on has a key, which opens the fold and decides nothing."""
    await page.locator("main").focus()
    for key, way, focused in (("x", "recuse", "#f-pass_reason"), ("s", "skip", "#pass-button")):
        await page.keyboard.press(key)
        await expect(page.locator(f"[name=way][value={way}]")).to_be_checked()
        await expect(page.locator(focused)).to_be_focused()
        await page.keyboard.press("Escape")


async def open_palette(page: Page) -> None:
    """Press its key once its script is there."""
    await expect(page.locator("[data-palette]")).to_be_visible()
    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("combobox", name="命令面板")).to_be_focused()


async def command_by_palette(page: Page, live: LiveGateway) -> None:
    """The palette presses a key of the page, opens a page, and a ticket by its number."""
    ticket, palette = page.url, page.get_by_role("combobox", name="命令面板")
    await open_palette(page)
    await page.keyboard.type("升级")
    await page.keyboard.press("Enter")
    await expect(page.locator("[name=way][value=escalate]")).to_be_checked()
    await expect(page.locator("#f-pass_reason")).to_be_focused()
    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("option", name="审核队列 页面")).to_be_visible()
    await page.keyboard.type("没有这样的命令")
    await expect(page.locator("#palette-list li")).to_have_count(2)
    await palette.fill("pushes")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{live.base}/console/pushes")
    await open_palette(page)
    await page.keyboard.type(ticket.rpartition("/")[2])
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(ticket)
    await open_palette(page)
    await page.keyboard.press("Escape")
    await expect(palette).not_to_be_visible()


async def see_who_looks(page: Page, live: LiveGateway) -> None:
    """The page says by itself that it is open, and learns who else has it open."""
    people = {one.username: one.id for one in await live.services.staff.everybody()}
    presence, ticket_id = live.services.review.presence, page.url.rpartition("/")[2]
    await presence.look(ticket_id, people["lead.he"])
    await page.reload()
    await expect(page.locator("#lookers")).to_contain_text("正在查看：何清")
    assert people["reviewer.lin"] in (await presence.lookers([ticket_id]))[ticket_id]


async def press_at_random(page: Page, times: int) -> None:
    """Press keys that mean something here, over and over, whatever the page makes of them.

    Now and then the form is left one press away from a ruling.
    """
    chance = Random(20261201)  # noqa: S311 - the same every time
    often = {"Tab": 5, "Enter": 4, "Space": 2, "ArrowDown": 1, "n": 0.7, "a": 1, "r": 2, "b": 1}
    weighed = often | dict.fromkeys((*"xeujk?s", "Escape", "Shift+Tab", "Control+k"), 0.2)
    for number, key in enumerate(chance.choices(list(weighed), list(weighed.values()), k=times)):
        if number % 100 == 0:
            await almost_rule(page)
        await page.keyboard.press(key)
    await page.keyboard.press("Escape")


async def almost_rule(page: Page) -> None:
    """Open a ticket of one's own and fill the form, but for the last press."""
    with suppress(Error):  # a page that is just being left
        await page.goto(f"{page.url.partition('/console')[0]}/console/queue")
        mine = page.locator(".mine-card")
        if await mine.count() > 0:
            await mine.first.click()
            await page.wait_for_selector("#ruling-form")
            await page.evaluate(ALMOST_RULED)


async def nothing_is_decided_unopened(live: LiveGateway) -> None:
    """No push has more rulings than its ticket was opened for; some were ruled on."""
    entries = await live.services.db.read(
        lambda tx: list(tx.execute(select(audit_entries.c.kind, audit_entries.c.subject)))
    )
    told = Counter((row.kind, row.subject) for row in entries)
    opened = 0
    for push_id in {row.subject for row in entries if row.kind == "push_submitted"}:
        ticket_id = (await live.services.views.dossier(push_id)).ticket_id
        claims = told["ticket_claimed", str(ticket_id)]
        assert told["ruling_given", push_id] <= claims
        opened += claims
    ruled = sum(told[one] for one in told if one[0] == "ruling_given")
    assert 0 < ruled <= opened


async def walk_by_keys(page: Page, live: LiveGateway) -> None:
    """Go from the queue into a ticket and from one choice to the other."""
    await page.goto(f"{live.base}/console/queue")
    await page.keyboard.press("j")
    await expect(page.locator("[data-item]").first).to_be_focused()
    await page.keyboard.press("n")
    await expect(page.locator("#ruling-form")).to_be_visible()
    await page.keyboard.press("r")
    await expect(page.locator("[name=verdict][value=refuse]")).to_be_checked()
    await expect(page.locator("#f-clause")).to_be_focused()
    await page.keyboard.press("Escape")
    await page.keyboard.press("a")
    await expect(page.locator("[name=verdict][value=approve]")).to_be_checked()
    await expect(page.locator("[name=clears]").first).to_be_focused()
    await page.keyboard.press("Space")
