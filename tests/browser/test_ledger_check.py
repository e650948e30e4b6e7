"""Checking the ledger in the browser: the page follows a check by itself, and without scripts."""

from app.db.session import Database
from app.staff.roles import Role
from tests.browser.test_admin_console import sign_in
from tests.console.test_admin_pages import LEDGER, Held
from tests.fixtures.browser import PageFactory
from tests.fixtures.console import Console

_BEGIN = f"form[action='{LEDGER}/verify'] button"


async def test_the_page_follows_a_check_until_its_result_is_there(
    console: Console, console_url: str, browser_page: PageFactory
) -> None:
    auditor = await console.person(Role.AUDITOR)
    await console.services.sealer.run_once()
    checks, held = console.services.ledger_checks, Held(console.services.db)
    checks._db = held  # type: ignore[assignment]  # noqa: SLF001 - so that the check stands still
    opened = await browser_page()
    page = opened.page
    await sign_in(opened, console_url, auditor.username)
    await page.goto(f"{console_url}{LEDGER}")
    await page.click(_BEGIN)
    await page.wait_for_selector("#ledger-check progress")
    faults = await opened.accessibility_faults()
    await opened.screenshot("ledger-check-running")
    held.go.set()
    await page.wait_for_selector("#ledger-check progress", state="detached")
    assert "完好" in await page.inner_text("#ledger-check")
    faults += await opened.accessibility_faults()
    await opened.screenshot("ledger-check-done")
    assert faults == []


async def test_without_scripts_a_link_shows_how_far_a_check_is_and_why_it_failed(
    console: Console, console_url: str, browser_page: PageFactory
) -> None:
    auditor = await console.person(Role.AUDITOR)
    checks = console.services.ledger_checks
    held = Held(Database("sqlite:////nowhere/at/all.db"), after=0)
    checks._db = held  # type: ignore[assignment]  # noqa: SLF001 - gone, once it goes on
    opened = await browser_page(java_script_enabled=False)
    page = opened.page
    await sign_in(opened, console_url, auditor.username)
    await page.goto(f"{console_url}{LEDGER}")
    await page.click(_BEGIN)
    await page.wait_for_selector("#ledger-check progress")
    held.go.set()
    await checks.ended()
    await page.click("#ledger-check .form-hint a")
    await page.wait_for_selector("#ledger-check .notice")
    assert "校验没有完成" in await page.inner_text("#ledger-check")
    await opened.screenshot("ledger-check-failed")
