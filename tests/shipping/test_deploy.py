"""The deploy files fit the gateway: its settings, its commands, its metrics."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from app import metrics
from app.cli import build_parser
from app.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text("utf-8"))
ALERTS: dict[str, Any] = yaml.safe_load((ROOT / "deploy/alerts.yaml").read_text("utf-8"))
RULES = [rule for group in ALERTS["groups"] for rule in group["rules"]]
OURS = [name for name, part in COMPOSE["services"].items() if part.get("image") == "popgate:local"]


def exposed() -> set[str]:
    """Return the names of our metrics as Prometheus sees them."""
    names = set()
    for family in metrics.REGISTRY.collect():
        suffixes = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}
        names |= {family.name + suffix for suffix in suffixes.get(family.type, [""])}
    return names


@pytest.mark.parametrize("service", OURS)
def test_every_setting_of_the_compose_file_is_one_of_ours_and_valid(
    service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    environ = COMPOSE["services"][service]["environment"]
    known = {f"GATEWAY_{name.upper()}" for name in Settings.model_fields}
    assert set(environ) <= known
    for name, value in environ.items():
        monkeypatch.setenv(name, re.sub(r"\$\{(\w+):\?\}", r"example-\1", value))
    settings = Settings()
    assert settings.mode == "production"
    assert settings.behind_tls_proxy
    assert settings.public_url.startswith("https://")


@pytest.mark.parametrize("service", OURS)
def test_every_process_of_the_compose_file_is_a_command(service: str) -> None:
    command = COMPOSE["services"][service]["command"]
    assert build_parser().parse_args(command).module == command[0]


@pytest.mark.parametrize("service", OURS)
def test_no_process_has_more_rights_than_it_needs(service: str) -> None:
    part = COMPOSE["services"][service]
    assert part["read_only"] is True
    assert part["cap_drop"] == ["ALL"]
    assert "ports" not in part


def test_every_variable_that_must_be_given_is_in_the_example() -> None:
    asked = set(re.findall(r"\$\{(\w+):\?\}", (ROOT / "deploy/compose.yaml").read_text("utf-8")))
    example = (ROOT / "deploy/env.example").read_text("utf-8")
    assert asked == set(re.findall(r"^(\w+)=", example, re.MULTILINE))


def test_counters_and_database_are_set_to_survive_a_power_cut() -> None:
    counters = " ".join(COMPOSE["services"]["valkey"]["command"])
    assert "--appendfsync always" in counters
    assert "--maxmemory-policy noeviction" in counters
    database = COMPOSE["services"]["postgres"]["command"]
    assert {"fsync=on", "synchronous_commit=on", "full_page_writes=on"} <= set(database)


def test_volumes_are_mounted_where_the_image_made_folders_for_its_user() -> None:
    made = re.search(r"for part in (.*?);", (ROOT / "Dockerfile").read_text("utf-8"))
    assert made is not None
    folders = {f"/var/lib/popgate/{part}" for part in made.group(1).split()}
    for service in OURS:
        for volume in COMPOSE["services"][service]["volumes"]:
            assert volume.partition(":")[2] in folders


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_every_alert_asks_for_metrics_that_exist_and_says_what_they_mean(
    rule: dict[str, Any],
) -> None:
    named = set(re.findall(r"\bpopgate_\w+", rule["expr"]))
    assert named <= exposed()
    assert named or "up{" in rule["expr"]
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert {"summary", "description"} <= set(rule["annotations"])


LEVELS = sorted({name for rule in RULES for name in re.findall(r'what="(\w+)"', rule["expr"])})


def test_every_level_that_an_alert_asks_for_is_set_somewhere() -> None:
    code = "".join(file.read_text("utf-8") for file in (ROOT / "app").rglob("*.py"))
    unset = [name for name in LEVELS if not re.search(rf'level\(\s*"{name}"', code)]
    assert unset == []


def test_prometheus_scrapes_the_path_and_port_that_serve_listens_on() -> None:
    config = yaml.safe_load((ROOT / "deploy/prometheus.yaml").read_text("utf-8"))
    job = config["scrape_configs"][0]["dns_sd_configs"][0]
    assert job["names"] == ["serve", "dispatch"]
    environ = COMPOSE["services"]["serve"]["environment"]
    assert str(job["port"]) == environ["GATEWAY_PORT"] == environ["GATEWAY_DISPATCH_PORT"]
