"""`serve` and `dispatch` start whole or not at all, and leave nothing running behind them."""

import contextlib
import json
import re
import signal
import socket
import sqlite3
from pathlib import Path

import httpx
import pytest

from app.cli import main
from app.db.revisions import upgrade
from app.frequency.embedded import EmbeddedValkey
from tests.fixtures.processes import Gateway, Starter
from tests.fixtures.valkey import TcpValkey


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def serving(start: Starter, *words: str, **settings: str) -> tuple[Gateway, str]:
    port = free_port()
    gateway = start("serve", "--port", port, *words, **settings)
    url = f"http://127.0.0.1:{port}"
    gateway.until_ready(url)
    return gateway, url


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_everything_in_good_order(start: Starter, number: signal.Signals) -> None:
    gateway, _ = serving(start, "--migrate")
    assert len(gateway.relatives()) == 1  # the counters; our own command line names no folder
    assert gateway.end(number) == 0
    assert gateway.nothing_left()
    assert "Traceback" not in gateway.said()


@pytest.mark.usefixtures("light_processes")
def test_kill_9_leaves_nothing_running_and_the_next_start_works(start: Starter) -> None:
    gateway, _ = serving(start, "--migrate")
    assert gateway.end(signal.SIGKILL) == -signal.SIGKILL
    assert gateway.nothing_left()
    again, _ = serving(start)
    assert again.end(signal.SIGTERM) == 0


def test_a_database_without_tables_is_refused_with_the_way_out(start: Starter) -> None:
    gateway = start("serve", "--port", free_port())
    assert gateway.process.wait(30) == 1
    assert "请先运行 popgate migrate" in gateway.said()
    assert "run popgate migrate" in gateway.said()


def test_a_taken_port_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GATEWAY_DATA_DIR", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert main(["serve", "--migrate", "--port", port]) == 1
    assert f"127.0.0.1:{port}" in capsys.readouterr().err


def test_the_demo_mode_serves_this_machine_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GATEWAY_DATA_DIR", str(tmp_path))
    assert main(["serve", "--migrate", "--host", "0.0.0.0"]) == 1  # noqa: S104 - it is refused
    assert "GATEWAY_MODE=production" in capsys.readouterr().err


def test_production_names_everything_that_is_missing_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = tmp_path / "keys"
    keys.mkdir()
    (keys / "popgate-demo").touch()
    monkeypatch.setenv("GATEWAY_MODE", "production")
    monkeypatch.setenv("GATEWAY_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("GATEWAY_KEYS_DIR", str(keys))
    monkeypatch.setenv("GATEWAY_TLS_KEY", str(tmp_path / "no-such-key.pem"))
    upgrade(f"sqlite:///{tmp_path / 'data' / 'gateway.db'}")
    assert main(["staff", "add", "wang", "--role", "admin"]) == 0
    capsys.readouterr()
    assert main(["serve"]) == 1
    said = capsys.readouterr().err
    for part in ("GATEWAY_KEYS_DIR", "GATEWAY_PUBLIC_URL", "GATEWAY_TLS_CERT", "GATEWAY_TLS_KEY"):
        assert part in said
    assert re.search("staff: 一次性密码尚未修改：wang", said)


def test_a_dispatcher_of_its_own_needs_a_database_and_counters_for_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GATEWAY_DATA_DIR", str(tmp_path))
    assert main(["dispatch"]) == 1
    assert "GATEWAY_REDIS_URL" in capsys.readouterr().err


def test_a_dispatcher_without_a_port_of_its_own_just_works(
    start: Starter, postgres_url: str, tcp_valkey: TcpValkey
) -> None:
    shared = {"GATEWAY_DATABASE_URL": postgres_url, "GATEWAY_REDIS_URL": tcp_valkey.url}
    worker = start("dispatch", **shared)
    worker.until(lambda: '"dispatching"' in worker.said())
    assert worker.end(signal.SIGTERM) == 0


@pytest.mark.usefixtures("light_processes")
def test_serve_and_dispatch_share_postgresql_and_counters_by_address(
    start: Starter, postgres_url: str, tcp_valkey: TcpValkey
) -> None:
    shared = {"GATEWAY_DATABASE_URL": postgres_url, "GATEWAY_REDIS_URL": tcp_valkey.url}
    gateway, _ = serving(start, **shared)
    port = free_port()
    worker = start("dispatch", GATEWAY_DISPATCH_PORT=port, **shared)
    url = f"http://127.0.0.1:{port}"
    worker.until_ready(url)
    checks = httpx.get(f"{url}/readyz").json()["checks"]
    assert {"releaser", "dispatcher", "outcome_webhooks"} <= set(checks)
    assert checks["counters"]["needed"]
    assert "popgate_level" in httpx.get(f"{url}/metrics").text
    assert httpx.get(f"{url}/v1/pushes").status_code == 404
    assert not EmbeddedValkey(gateway.folder / "var").folder.exists()
    assert worker.end(signal.SIGTERM) == 0
    assert gateway.end(signal.SIGTERM) == 0


@pytest.mark.usefixtures("light_processes")
def test_the_ledger_keeps_the_settings_of_each_start_and_no_secret(start: Starter) -> None:
    gateway, _ = serving(start, "--migrate", GATEWAY_METRICS_TOKEN="a-token-that-is-secret")
    assert gateway.end(signal.SIGTERM) == 0
    with contextlib.closing(sqlite3.connect(gateway.folder / "var" / "gateway.db")) as database:
        query = "SELECT body FROM audit_entries WHERE kind = 'settings_loaded'"
        [(body,)] = database.execute(query).fetchall()
    kept = json.loads(body)
    assert kept["mode"] == "demo"
    assert kept["parts"] == ["dispatch", "seal", "serve"]
    assert kept["rule_set"].startswith("sha256:")
    assert "secret" not in body
