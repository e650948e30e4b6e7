"""The second factor in Chromium: set up, asked for, refused and taken; accessible throughout."""

from dataclasses import dataclass, field

import pytest

from app.staff.roles import Role
from tests.fixtures.browser import OpenPage, PageFactory
from tests.fixtures.console import PASSWORD, Console
from tests.fixtures.factors import Phone, recovery_codes_in, scan


@dataclass
class Walk:
    """Somebody at their browser, and what axe found wrong on the way."""

    console: Console
    url: str
    opened: OpenPage
    username: str
    faults: list[str] = field(default_factory=list)

    async def enter(self) -> None:
        page = self.opened.page
        await page.goto(f"{self.url}/console/sign-in?next=/console/queue")
        await page.fill("#f-username", self.username)
        await page.fill("#f-password", PASSWORD)
        await page.click("form button[type=submit]")

    async def judge(self, name: str) -> None:
        await self.opened.screenshot(f"second-factor-{name}")
        self.faults += [f"{name}: {one}" for one in await self.opened.accessibility_faults()]

    async def set_up(self) -> tuple[Phone, list[str]]:
        page = self.opened.page
        await page.goto(f"{self.url}/console/account")
        await page.click("text=启用两步验证")
        await page.click("main button[type=submit]")
        phone = scan(await page.inner_text("#secret-value"))
        await self.judge("1-set-up")
        await page.fill("#f-code", phone.code(self.console.services.clock.now(), -1))
        await page.click("text=确认并启用")
        codes = recovery_codes_in(await page.inner_text("#secret-value"))
        await self.judge("2-codes")
        return phone, codes

    async def be_refused(self, phone: Phone) -> None:
        page = self.opened.page
        await page.wait_for_selector("#f-code:focus")
        await page.fill("#f-code", phone.wrong(self.console.services.clock.now()))
        await page.keyboard.press("Enter")
        await page.wait_for_selector("#e-code")
        await page.goto(f"{page.url}?theme=dark&lang=en&next=/console/queue")
        await self.judge("3-code")


@pytest.mark.slow
async def test_a_second_factor_is_set_up_and_asked_for_at_the_next_sign_in(
    console: Console, console_url: str, browser_page: PageFactory
) -> None:
    person = await console.person(Role.REVIEWER)
    walk = Walk(console, console_url, await browser_page(), person.username)
    page = walk.opened.page
    await walk.enter()
    phone, codes = await walk.set_up()
    assert len(codes) == 10

    await page.context.clear_cookies()
    await walk.enter()
    assert "/console/sign-in/code?next=" in page.url
    await walk.be_refused(phone)
    await page.fill("#f-code", codes[4])
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{console_url}/console/queue")
    await page.goto(f"{console_url}/console/account/second-factor")
    await walk.judge("4-on")
    await page.fill("#f-code", phone.code(console.services.clock.now()))
    await page.click("text=Use another phone")
    await page.wait_for_selector("svg.qr")
    assert walk.faults == []
