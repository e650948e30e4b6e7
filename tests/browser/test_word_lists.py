"""A term in Chromium: written, tried, proposed, approved by the other admin, and live."""

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.bootstrap import Services
from app.screening.screener import Screener
from app.staff.roles import Role
from tests.browser.test_admin_console import sign_in
from tests.fixtures.browser import OpenPage, PageFactory
from tests.fixtures.console import Console
from tests.fixtures.packs import small_screener


@pytest.fixture(scope="module")
def shipped_screener() -> Screener:
    """Stands for the shipped lists, which take longer to compile."""
    return small_screener()


async def confirm(opened: OpenPage, words: str, reason: str = "") -> None:
    """Open a question and answer it."""
    page = opened.page
    await page.locator("summary", has_text=re.compile(f"^{words}$")).click()
    if reason:
        await page.fill("details[open] textarea[name=reason]", reason)
    async with page.expect_navigation():
        await page.click("details[open] button[type=submit]")


async def write_term(opened: OpenPage, url: str) -> None:
    page = opened.page
    await page.goto(f"{url}/console/packs")
    await page.fill("#f-title", "补充刷单话术")
    await page.click("#begin button[type=submit]")
    await page.goto(f"{url}/console/words/fraud/term")
    await page.fill("#f-text", "垫付返双倍")
    await page.fill("#f-reason", "刷单诈骗话术")
    await page.fill("#f-must_hit", "毫不相干的一句")
    await page.click("form[action$='/term'] button[type=submit]")
    await page.wait_for_selector("[role=alert]")
    assert "应命中而未命中" in await page.inner_text("[role=alert]")
    await opened.screenshot("words-term-fault")
    await page.fill("#f-must_hit", "日结兼职，垫付返双倍")
    await page.click("form[action$='/term'] button[type=submit]")
    await page.wait_for_url("**/console/words/fraud?q=*")
    await opened.screenshot("words-terms")


async def try_samples(opened: OpenPage, url: str) -> None:
    """What is typed is tried while typing, without a button."""
    page = opened.page
    await page.goto(f"{url}/console/samples")
    await page.fill("#f-samples", "今天垫-付-返-双-倍\n首存送彩金\n天气晴")
    await page.wait_for_selector("#found mark")
    marked = await page.locator("#found mark").all_inner_texts()
    assert marked == ["垫-付-返-双-倍", "首存送彩金"]
    await opened.screenshot("words-samples")


async def back_test(opened: OpenPage, url: str) -> None:
    """The page follows the trial by itself, until it is done."""
    page = opened.page
    await page.goto(f"{url}/console/packs")
    await page.click("a.figure-warn")
    await page.click("text=回测与试运行")
    await page.click("form[action$='/trials'] button[type=submit]")
    await page.wait_for_selector("#trial .tag-good:has-text('已完成')")
    assert await page.locator("ins", has_text="垫付返双倍").count() == 1
    await opened.screenshot("packs-trial")


async def approve_and_publish(opened: OpenPage, address: str) -> None:
    """Approve, wait until every process has loaded it, publish."""
    page = opened.page
    await page.goto(address)
    await opened.screenshot("packs-proposed")
    await confirm(opened, "批准")
    for _ in range(100):
        await page.goto(address)
        if await page.locator("summary", has_text=re.compile("^发布$")).count():
            break
        await asyncio.sleep(0.1)
    await opened.screenshot("packs-staged")
    await confirm(opened, "发布")


@contextlib.asynccontextmanager
async def alive(services: Services) -> AsyncIterator[None]:
    """Let the console's process poll and load."""
    stop = asyncio.Event()
    loops = [
        asyncio.create_task(run(stop)) for run in (services.watch.run, services.packs.loader.run)
    ]
    yield
    stop.set()
    await asyncio.gather(*loops)


@pytest.mark.slow
async def test_a_term_is_written_tried_approved_by_the_other_admin_and_live(
    console: Console, console_url: str, browser_page: PageFactory
) -> None:
    writer, second = await console.person(Role.ADMIN), await console.person(Role.ADMIN)
    mine, theirs = await browser_page(), await browser_page()
    await sign_in(mine, console_url, writer.username)
    await sign_in(theirs, console_url, second.username)
    async with alive(console.services):
        await write_term(mine, console_url)
        await try_samples(mine, console_url)
        sent = await console.api.submit(console.api.push(title="兼职垫付返双倍"))
        assert sent.status_code == 201
        await back_test(mine, console_url)
        await mine.page.goto(f"{console_url}/console/packs")
        await mine.page.click("a.figure-warn")
        await confirm(mine, "提交复核", "请复核")
        await approve_and_publish(theirs, mine.page.url)
        published = time.monotonic()
        decided: dict[str, Any] = {"rule_pack": ""}
        while "+pack.1." not in decided["rule_pack"] and time.monotonic() < published + 1:
            answer = await console.api.submit(console.api.push(title="日结兼职，垫付返双倍"))
            decided = answer.json()["decision"]
    assert "+pack.1." in decided["rule_pack"]
    assert "prohibited_content" in {one["topic"] for one in decided["findings"]}
    for path in ("packs", "words?lang=en&theme=dark"):
        await theirs.page.goto(f"{console_url}/console/{path}")
        await theirs.screenshot(f"walk-{path[:5]}")
    assert mine.faults == theirs.faults == []
