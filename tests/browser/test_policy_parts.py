"""Topics, exemptions and parity in a real browser without scripts: two admins, one auditor."""

from datetime import timedelta

from playwright.async_api import FilePayload

from app.clock import BEIJING
from app.staff.roles import Role
from tests.browser.test_admin_console import sign_in
from tests.fixtures.browser import OpenPage, PageFactory
from tests.fixtures.console import Console


async def send(opened: OpenPage, **fields: str) -> None:
    """Fill in the form and send it."""
    for field, text in fields.items():
        await opened.page.fill(f"#f-{field}", text)
    await opened.page.click("main button[type=submit]")


async def confirm(opened: OpenPage, words: str) -> None:
    """Open a question and say yes."""
    asked = opened.page.locator("details.confirm", has_text=words)
    await asked.locator("summary").click()
    await asked.locator("button[type=submit]").click()


async def test_two_admins_register_a_topic_and_exempt_it_from_a_cap(
    console: Console, console_url: str, browser_page: PageFactory
) -> None:
    first, second = [await console.person(Role.ADMIN) for _ in range(2)]
    one = await browser_page(java_script_enabled=False)
    await sign_in(one, console_url, first.username)
    await one.page.goto(f"{console_url}/console/policy/topics/new")
    await send(one, name="汛情", title_zh="汛情预警", title_en="Floods", reason="更新频繁")
    other = await browser_page(java_script_enabled=False)
    await sign_in(other, console_url, second.username)
    await other.page.goto(f"{console_url}/console/policy/topics")
    await confirm(other, "批准登记")
    await other.page.wait_for_selector("text=话题已登记")

    await one.page.goto(f"{console_url}/console/policy/exemptions/new")
    ends = console.services.clock.now().astimezone(BEIJING) + timedelta(hours=3)
    await one.page.check("input[name=caps][value=general-2]")
    await one.page.check("input[name=topics][value=汛情]")
    until = ends.strftime("%Y-%m-%dT%H:%M")
    await send(one, name="防汛期间", basis="应急指令 18 号", ends=until, reason="每小时更新")
    await other.page.goto(f"{console_url}/console/policy/exemptions")
    await confirm(other, "批准豁免")
    await other.page.wait_for_selector("text=已放过 0 人次")
    await console.services.watch.refresh()
    [live] = await console.services.policies.exemptions.live()
    assert (live.caps, live.pushes.topics) == (("general-2",), ("汛情",))


async def test_an_auditor_compares_groups_by_a_file(
    console: Console, console_url: str, browser_page: PageFactory
) -> None:
    auditor = await console.person(Role.AUDITOR)
    opened = await browser_page(java_script_enabled=False)
    await sign_in(opened, console_url, auditor.username)
    await opened.page.goto(f"{console_url}/console/policy/parity")
    roll = b"".join(b"r_%d,%s\n" % (at, (b"member", b"ordinary")[at % 2]) for at in range(80))
    file: FilePayload = {"name": "roll.csv", "mimeType": "text/csv", "buffer": roll}
    await opened.page.set_input_files("#f-file", file)
    await opened.page.click("main button[type=submit]")
    await opened.page.wait_for_selector("text=member · 40 人")
    assert await opened.page.locator("tbody tr").count() == 6
