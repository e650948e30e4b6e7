"""The real database and browser that the other tests rely on are what they say they are."""

from pathlib import Path

import asyncpg
import pytest

from tests.fixtures.browser import OUTPUT, PICTURES, PageFactory
from tests.fixtures.postgres import PostgresServer
from tests.fixtures.real_parts import missing


async def _query(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_a_fresh_database_is_empty_and_takes_chinese(postgres_empty_url: str) -> None:
    tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
    assert await _query(postgres_empty_url, tables) == 0
    assert await _query(postgres_empty_url, "SELECT length('弹窗')") == 2


async def test_one_test_does_not_see_the_database_of_another(
    postgres_server: PostgresServer, postgres_empty_url: str
) -> None:
    await _query(postgres_empty_url, "CREATE TABLE mine (n int)")
    with pytest.raises(asyncpg.UndefinedTableError):
        await _query(postgres_server.url(), "SELECT n FROM mine")


async def test_the_server_comes_back_after_a_crash_with_its_data(
    postgres_server: PostgresServer, postgres_empty_url: str
) -> None:
    await _query(postgres_empty_url, "CREATE TABLE kept AS SELECT 7 AS n")
    await _query(postgres_empty_url, "CHECKPOINT")
    postgres_server.stop(abruptly=True)
    with pytest.raises(OSError, match="Connect"):
        await _query(postgres_empty_url, "SELECT 1")
    postgres_server.start()
    assert await _query(postgres_empty_url, "SELECT n FROM kept") == 7


async def test_a_page_runs_scripts_and_its_picture_is_kept_where_wanted(
    browser_page: PageFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = await browser_page()
    await opened.page.set_content("<title>弹窗</title><h1></h1>")
    await opened.page.evaluate("document.querySelector('h1').textContent = '已关闭'")
    assert await opened.page.inner_text("h1") == "已关闭"
    picture = OUTPUT / "shipping-browser.png"
    picture.unlink(missing_ok=True)
    monkeypatch.delenv(PICTURES, raising=False)
    await opened.screenshot("shipping-browser")
    assert not picture.exists()
    monkeypatch.setenv(PICTURES, "1")
    await opened.screenshot("shipping-browser")
    assert picture.read_bytes().startswith(b"\x89PNG")


async def test_pages_share_no_cookies_and_faults_are_noted(browser_page: PageFactory) -> None:
    first, second = await browser_page(), await browser_page(locale="en")
    await first.page.context.add_cookies([{"name": "a", "value": "1", "url": "http://localhost"}])
    assert await second.page.context.cookies() == []
    assert await second.page.evaluate("navigator.language") == "en"
    await second.page.set_content("<script>throw new Error('broken')</script>")
    assert second.faults == ["broken"]
    second.faults.clear()


async def test_axe_finds_an_unlabelled_field(browser_page: PageFactory) -> None:
    opened = await browser_page()
    await opened.page.set_content("<html lang='zh'><title>t</title><input name='q'></html>")
    assert any(fault.startswith("label:") for fault in await opened.accessibility_faults())


@pytest.mark.parametrize(("ci", "outcome"), [("true", "Failed"), ("", "Skipped")])
def test_a_missing_part_is_a_failure_in_ci_alone(
    monkeypatch: pytest.MonkeyPatch, ci: str, outcome: str
) -> None:
    monkeypatch.setenv("CI", ci)
    with pytest.raises(BaseException, match="Thing is missing: get it") as caught:
        missing("Thing", "get it")
    assert type(caught.value).__name__ == outcome


def test_screenshots_are_kept_out_of_git() -> None:
    ignored = (Path(__file__).parents[2] / ".gitignore").read_text("utf-8").splitlines()
    assert "tests/output/" in ignored
