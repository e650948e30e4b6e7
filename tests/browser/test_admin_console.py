"""The admin pages in Chromium: accessible in both colours and languages, usable without scripts."""

from datetime import timedelta

import pytest

from app.clock import BEIJING
from app.policy.default import DEFAULT_CAPS
from app.staff.roles import Role
from tests.fixtures.browser import OpenPage, PageFactory
from tests.fixtures.console import PASSWORD, Console
from tests.fixtures.console_sample import one_of_everything

PAGES = (
    "/console",
    "/console/account",
    "/console/account/password",
    "/console/account/second-factor",
    "/console/staff",
    "/console/staff/new",
    "/console/staff/{staff_id}",
    "/console/providers",
    "/console/providers/new",
    "/console/providers/{provider_id}",
    "/console/providers/{provider_id}/licences/new",
    "/console/providers/{provider_id}/surfaces/new",
    "/console/providers/{provider_id}/senders/new",
    "/console/surfaces/{surface_id}",
    "/console/sources",
    "/console/sources/new",
    "/console/sources/{edition_id}",
    "/console/sources/{edition_id}?tab=units&status=unconfirmed",
    "/console/words",
    "/console/words/{list_id}",
    "/console/words/{list_id}/term",
    "/console/words/{list_id}/import",
    "/console/exemptions",
    "/console/limits",
    "/console/samples",
    "/console/packs",
    "/console/packs/{pack_id}",
    "/console/own-rules",
    "/console/own-rules/new",
    "/console/own-rules/rules/{rule_id}",
    "/console/playground",
    "/console/packs/{pack_id}/trials",
    "/console/packs/{pack_id}/trials/{trial_id}",
    "/console/policy",
    "/console/policy/new",
    "/console/policy/versions/{policy_id}",
    "/console/policy/versions/{policy_id}/what-if",
    "/console/policy/versions/{policy_id}/what-if/{replay_id}",
    "/console/policy/topics",
    "/console/policy/topics/new",
    "/console/policy/pairs",
    "/console/policy/pairs/new",
    "/console/policy/parity",
    "/console/policy/vendors",
    "/console/surfaces/{surface_id}/vendors",
    "/console/policy/exemptions",
    "/console/policy/exemptions/new",
    "/console/policy/exemptions/{exemption_id}",
    "/console/policy/recipient?surface={surface_id}&recipient=r_1",
    "/console/quality",
    "/console/usage",
    "/console/switches",
    "/console/switches/new",
    "/console/board",
    "/console/audit",
    "/console/audit/entries/{entry_id}",
    "/console/audit/ledger",
    "/console/about",
    "/rules",
    "/docs",
    "/console/nothing",
)


async def sign_in(opened: OpenPage, url: str, username: str) -> None:
    await opened.page.goto(f"{url}/console/sign-in")
    await opened.page.fill("#f-username", username)
    await opened.page.fill("#f-password", PASSWORD)
    await opened.page.click("form button[type=submit]")
    await opened.page.wait_for_url(f"{url}/console")


@pytest.mark.slow
@pytest.mark.parametrize(("theme", "language"), [("light", "zh"), ("dark", "en")])
@pytest.mark.parametrize("half", [0, 1])
async def test_the_admin_pages_are_accessible_and_break_no_policy(
    console: Console,
    console_url: str,
    browser_page: PageFactory,
    theme: str,
    language: str,
    half: int,
) -> None:
    ids = await one_of_everything(console)
    admin = await console.person(Role.ADMIN)
    opened = await browser_page()
    # The second time the same markup has other colours and other words.
    rules = () if theme == "light" else ("color-contrast", "html-has-lang", "valid-lang")
    await opened.page.goto(f"{console_url}/console/sign-in?theme={theme}&lang={language}")
    faults = await opened.accessibility_faults(*rules)
    await sign_in(opened, console_url, admin.username)
    for number, path in enumerate(PAGES[half::2]):
        await opened.page.goto(console_url + path.format(**ids))
        name = path.partition("?")[0].strip("/").replace("/", "-").translate({123: "", 125: ""})
        await opened.screenshot(f"console-{number:02}-{name}-{theme}-{language}")
        wide = await opened.page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wide, path
        await opened.keep_one_of_each()
        faults += [f"{path}: {one}" for one in await opened.accessibility_faults(*rules)]
    assert faults == []


async def test_a_kill_switch_is_engaged_and_lifted_without_scripts(
    console: Console, console_url: str, browser_page: PageFactory
) -> None:
    admin = await console.person(Role.ADMIN)
    opened = await browser_page(java_script_enabled=False)
    await sign_in(opened, console_url, admin.username)
    page = opened.page
    await page.goto(f"{console_url}/console/switches/new")
    await page.check("input[name=scope][value=kind]")
    await page.select_option("select[name=value_kind]", "advertisement")
    await page.fill("#f-reason", "主管部门通知")
    await page.click("main button[type=submit]")
    await page.click("main button[type=submit]")
    await page.wait_for_url(f"{console_url}/console/switches")
    assert await page.locator(".alarm").count() == 1
    assert await page.locator(".panel-stop").count() == 1
    await page.click(".panel-stop summary")
    await page.fill(".panel-stop textarea", "核查完毕")
    await page.click(".panel-stop button[type=submit]")
    await page.wait_for_url(f"{console_url}/console/switches")
    assert await page.locator(".panel-stop").count() == 0


async def test_the_menu_and_a_question_close_with_the_keyboard(
    console: Console, console_url: str, browser_page: PageFactory
) -> None:
    admin = await console.person(Role.ADMIN)
    opened = await browser_page()
    await sign_in(opened, console_url, admin.username)
    page = opened.page
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip-link"
    await page.goto(f"{console_url}/console/providers/{console.api.provider_id}")
    question = page.locator("details.confirm").first
    await question.locator("summary").press("Enter")
    assert await question.evaluate("one => one.open")
    await page.keyboard.press("Escape")
    assert not await question.evaluate("one => one.open")


@pytest.mark.slow
async def test_a_rule_is_written_with_its_faults_shown_and_tried_as_one_types(
    console: Console, console_url: str, browser_page: PageFactory
) -> None:
    await one_of_everything(console)
    admin = await console.person(Role.ADMIN)
    opened = await browser_page()
    await sign_in(opened, console_url, admin.username)
    page = opened.page
    await page.goto(f"{console_url}/console/own-rules/rules/operator-night")
    await page.fill("#f-condition", 'titel contains "茶"')
    await page.wait_for_selector("#condition-said mark")
    await page.fill("#f-condition", 'title contains "茶"')
    await page.wait_for_selector("#condition-said .form-good")
    await page.check("input[name=mode][value=enforce]")
    await page.fill("#f-reason", "试一试")
    await opened.screenshot("own-rules-edit")
    await page.click("text=存入草稿")
    await page.wait_for_url(f"{console_url}/console/own-rules")
    await opened.screenshot("own-rules-list")
    await page.click("text=用草稿试判")
    await page.check("input[name=draft]")
    await page.click("text=判定")
    await page.wait_for_selector("#outcome .finding")
    assert "深夜推送。" in await page.inner_text("#outcome")
    await opened.screenshot("playground")
    assert opened.faults == []


async def _propose_for_later(console: Console, opened: OpenPage) -> None:
    """Send the form with a date."""
    later = console.services.clock.now().astimezone(BEIJING) + timedelta(days=3)
    await opened.page.fill("#f-effective_from", f"{later:%Y-%m-%dT%H:%M}")
    await opened.page.fill("#f-reason", "夜间不打扰")
    await opened.page.click("main form button.btn-primary")


async def _withdraw_scheduled(console: Console, opened: OpenPage, approver: str) -> None:
    """Let somebody approve the draft, see it scheduled and take it back."""
    page = opened.page
    [draft, _] = await console.services.policies.versions()
    await console.services.policies.approve(draft.id, approver)
    await page.reload()
    assert "届时取代第 1 版" in await page.locator("main").inner_text()
    await opened.screenshot("policy-scheduled")
    asked = page.locator("details.confirm", has_text="撤回排期")
    await asked.locator("summary").click()
    await asked.locator("textarea").fill("改期")
    await asked.locator("button[type=submit]").click()
    await page.wait_for_selector("text=排期已撤回")


async def test_a_policy_is_checked_and_proposed_without_scripts(
    console: Console, console_url: str, browser_page: PageFactory
) -> None:
    admin, second = [await console.person(Role.ADMIN) for _ in range(2)]
    opened = await browser_page(java_script_enabled=False)
    await sign_in(opened, console_url, admin.username)
    page = opened.page
    await page.goto(f"{console_url}/console/policy/new")
    spare = page.locator("details.cap-row").nth(len(DEFAULT_CAPS))
    await spare.locator("> summary").click()
    number = len(DEFAULT_CAPS)
    await page.select_option(f"#f-window_{number}", "quiet")
    await page.fill(f"#f-starts_{number}", "22:00")
    await page.fill(f"#f-ends_{number}", "25:00")
    await page.fill(f"#f-source_{number}", "厂商夜间不展示")
    await page.click("button[name=act]")
    assert "须为时刻" in await page.locator(f"#e-ends_{number}").inner_text()
    await opened.screenshot("policy-fault")
    await page.fill(f"#f-ends_{number}", "07:00")
    await page.click("button[name=act]")
    await page.locator("main", has_text="22:00 至次日 07:00").wait_for()
    await opened.screenshot("policy-checked")
    await _propose_for_later(console, opened)
    await page.wait_for_url(f"{console_url}/console/policy")
    assert "22:00 至次日 07:00" in await page.locator(".panel-draft ins").inner_text()
    await opened.screenshot("policy-draft")
    await _withdraw_scheduled(console, opened, second.staff_id)
