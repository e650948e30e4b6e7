"""The lock files are in step with pyproject.toml, complete, hashed, and name no registry."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-node.lock")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def pins(name: str) -> dict[str, Version]:
    text = (ROOT / name).read_text("utf-8")
    found = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", text, re.MULTILINE)
    return {canonicalize_name(package): Version(version) for package, version in found}


def wanted(*groups: str) -> list[Requirement]:
    listed = PROJECT["dependency-groups"]
    return [
        Requirement(line)
        for group in groups
        for line in (PROJECT["project"]["dependencies"] if group == "project" else listed[group])
        if isinstance(line, str)
    ]


@pytest.mark.parametrize(
    ("lock", "groups"),
    [
        ("requirements.lock", ("project",)),
        ("requirements-dev.lock", ("project", "dev")),
        ("requirements-node.lock", ("node",)),
    ],
)
def test_every_dependency_is_pinned_at_a_version_it_allows(
    lock: str, groups: tuple[str, ...]
) -> None:
    pinned = pins(lock)
    for requirement in wanted(*groups):
        name = canonicalize_name(requirement.name)
        assert name in pinned, f"{name} is not in {lock}: run `task lock`"
        assert requirement.specifier.contains(pinned[name], prereleases=True), requirement


def test_a_gateway_needs_no_package_that_has_to_be_built_first() -> None:
    """Only what tests alone need is published as source, so set-up installs wheels as they are."""
    assert {"jieba", "setuptools"} & pins("requirements.lock").keys() == set()
    assert {"jieba", "setuptools"} <= pins("requirements-dev.lock").keys()


def test_the_tests_run_on_the_versions_that_are_shipped() -> None:
    runtime, dev = pins("requirements.lock"), pins("requirements-dev.lock")
    assert {name: dev.get(name) for name in runtime} == runtime


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes_and_no_line_an_address(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert entries
    for entry in entries:
        assert "--hash=sha256:" in entry, entry.partition("\n")[0]
    assert "://" not in text


def test_the_browser_packages_are_pinned_with_integrity_and_no_address() -> None:
    manifest = json.loads((ROOT / "app/console/package.json").read_text("utf-8"))
    lock = json.loads((ROOT / "app/console/package-lock.json").read_text("utf-8"))["packages"]
    for name, version in (manifest["dependencies"] | manifest["devDependencies"]).items():
        assert lock[f"node_modules/{name}"]["version"] == version
    for name, package in lock.items():
        if name:
            assert package["integrity"].startswith("sha512-"), name
        assert "resolved" not in package, name


def test_every_vendored_package_brings_its_licence_along() -> None:
    manifest = json.loads((ROOT / "app/console/package.json").read_text("utf-8"))
    for name in manifest["dependencies"]:
        files = [source for source in manifest["vendor"] if source.startswith(f"{name}/")]
        assert files, name
        licensed = any("LICENSE" in source for source in files)
        # Tabler publishes no licence file; its notice stands at the top of its stylesheet.
        assert licensed or name == "@tabler/core", name
