"""`popgate demo` as a new user meets it: one command, a second start, beginning anew, an end."""

import re
import signal
from pathlib import Path

import httpx

from app.demo.cast import STAFF
from app.demo.folder import MARKER, DemoFolder
from app.demo.wire import DemoSender
from tests.fixtures.processes import Gateway, Starter


def until_welcome(gateway: Gateway, times: int = 1) -> str:
    gateway.until(lambda: gateway.said().count("Ctrl-C stops everything") == times)
    return gateway.said()


def address(said: str, name: str) -> str:
    found = re.findall(rf"http://127\.0\.0\.1:\d+/{name}\S*", said)
    return str(found[-1])


def test_one_command_runs_the_gateway_and_a_second_start_goes_on_with_the_same_data(
    start: Starter,
) -> None:
    gateway = start("demo", "--port", "0")
    said = until_welcome(gateway)
    assert "40 条推送：28 条待人工审核，12 条被法规拦截" in said
    for person in STAFF:
        assert re.search(
            rf"{person.username}\s+{person.role}\s+([a-z0-9]{{5}}-){{3}}[a-z0-9]{{5}}", said
        )
    for name in ("demo/srf_", "console", "docs"):
        assert httpx.get(address(said, name), follow_redirects=True).status_code == 200
    second = start("demo", "--port", "0")
    assert second.process.wait(60) == 1
    assert "演示已在运行" in second.said()
    assert gateway.end(signal.SIGINT) == 0
    assert gateway.nothing_left()
    again = start("demo", "--port", "0")
    said = until_welcome(again, times=2)
    assert "40 条推送此前已提交" in said
    assert len(set(re.findall(r"/demo/(srf_\w+)", said))) == 1
    assert again.end(signal.SIGKILL) == -signal.SIGKILL
    assert again.nothing_left()


def test_fresh_says_what_it_deletes_and_begins_anew(start: Starter, tmp_path: Path) -> None:
    folder = tmp_path / "var" / "demo"
    folder.mkdir(parents=True)
    for name in (MARKER, "gateway.db", "notes.txt"):
        (folder / name).write_text("left from before")
    gateway = start("demo", "--fresh", "--port", "0")
    said = until_welcome(gateway)
    assert str(folder / "gateway.db") in said
    assert "notes.txt" not in said
    assert (folder / "notes.txt").read_text() == "left from before"
    assert "28 条待人工审核" in said
    assert gateway.end(signal.SIGTERM) == 0


def test_the_demo_touches_no_folder_that_is_not_its_own(start: Starter, tmp_path: Path) -> None:
    folder = tmp_path / "var" / "demo"
    folder.mkdir(parents=True)
    (folder / "gateway.db").write_text("somebody's")
    gateway = start("demo", "--fresh", "--port", "0")
    assert gateway.process.wait(60) == 1
    assert (folder / "gateway.db").read_text() == "somebody's"
    assert "GATEWAY_DATA_DIR" in gateway.said()
    assert not (folder / MARKER).exists()


def test_the_demo_does_not_run_in_production(start: Starter) -> None:
    gateway = start("demo", GATEWAY_MODE="production")
    assert gateway.process.wait(60) == 1
    assert "GATEWAY_MODE=production" in gateway.said()


def test_production_refuses_a_demos_data(start: Starter, tmp_path: Path) -> None:
    gateway = start("demo", "--port", "0")
    until_welcome(gateway)
    assert gateway.end(signal.SIGINT) == 0
    refused = start(
        "serve",
        GATEWAY_MODE="production",
        GATEWAY_DATA_DIR=str(tmp_path / "var" / "demo"),
        GATEWAY_PUBLIC_URL="https://popgate.example",
        GATEWAY_BEHIND_TLS_PROXY="true",
    )
    assert refused.process.wait(60) == 1
    said = refused.said()
    assert "GATEWAY_KEYS_DIR: 这是演示的签名密钥" in said
    assert "数据库中有演示数据" in said
    assert "一次性密码尚未修改：admin.wu, admin.zhou, lead.he, reviewer.chen, reviewer.lin" in said


def test_the_senders_keys_are_kept_where_only_this_account_reads_them(tmp_path: Path) -> None:
    folder = DemoFolder(tmp_path)
    folder.keep_key(DemoSender.SHOP, "pgk_secret")
    file = tmp_path / "senders" / "shop.key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert folder.key(DemoSender.SHOP) == "pgk_secret"
    assert folder.key(DemoSender.NEWSROOM) is None
