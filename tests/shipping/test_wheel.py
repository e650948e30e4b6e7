"""The wheel holds all that the gateway reads at run time, and works where it is installed."""

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.fixtures.dockerfile import copy_context

ROOT = Path(__file__).resolve().parents[2]
VENDOR = "app/console/static/vendor"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from what a clean checkout holds after its set-up."""
    source = tmp_path_factory.mktemp("source")
    copy_context(ROOT, source)
    shutil.copytree(ROOT / VENDOR, source / VENDOR)
    (source / "app/console/node_modules/left").mkdir(parents=True)
    (source / "app/console/node_modules/left/over.js").touch()
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "dist"]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    return next((source / "dist").glob("popgate-*.whl"))


@pytest.fixture(scope="module")
def contents(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.mark.parametrize("folder", ["migrations", "wordlists"])
def test_the_folders_beside_the_code_are_shipped_inside_it(contents: set[str], folder: str) -> None:
    files = {
        str(file.relative_to(ROOT))
        for file in (ROOT / folder).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert files
    assert {f"app/{name}" for name in files} <= contents


def test_every_file_of_the_code_is_shipped(contents: set[str]) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "app"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert listed
    assert {name for name in listed if (ROOT / name).exists()} <= contents


def test_browser_files_and_licences_are_shipped_and_what_made_them_is_not(
    contents: set[str],
) -> None:
    assert {f"{VENDOR}/{file.name}" for file in (ROOT / VENDOR).iterdir()} <= contents
    assert f"{VENDOR}/htmx.LICENSE.txt" in contents
    assert not [name for name in contents if "node_modules" in name or name.startswith("tests")]


def test_the_wheel_carries_our_licence_and_the_command(wheel: Path, contents: set[str]) -> None:
    info = f"{wheel.name.removesuffix('-py3-none-any.whl')}.dist-info"
    assert f"{info}/licenses/LICENSE" in contents
    with zipfile.ZipFile(wheel) as archive:
        assert "popgate = app.cli:main" in archive.read(f"{info}/entry_points.txt").decode()
        assert "License-Expression: Apache-2.0" in archive.read(f"{info}/METADATA").decode()


def test_an_unpacked_wheel_migrates_a_database_without_the_checkout(
    wheel: Path, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    environ = os.environ | {"PYTHONPATH": str(site), "GATEWAY_DATA_DIR": str(tmp_path / "data")}
    migrate = [sys.executable, "-P", "-m", "app.cli", "migrate"]
    for command, code in (([*migrate, "--check"], 1), (migrate, 0), ([*migrate, "--check"], 0)):
        done = subprocess.run(
            command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stdout + done.stderr
    assert (tmp_path / "data/gateway.db").exists()


def test_the_versions_agree() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert f"## [{project['version']}]" in changelog or "## [Unreleased]" in changelog
    assert "### Rules" in changelog
