"""Every import contract of pyproject.toml holds, and a deliberate violation of each is caught."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# A file that must not be, and the contract that has to say so.
VIOLATIONS = {
    "review/violation.py": ("import app.pushes.service", "imports point down"),
    "rules/violation.py": ("import sqlalchemy", "the decision is pure"),
    "rules/popup/violation.py": (
        "import app.rules.popup.art05_08_ad_label",
        "rule files are strangers",
    ),
    "db/violation.py": ("import app.domain.push", "helpers know no feature"),
    "console/violation.py": ("import app.delivery.models", "a table has one owner"),
    "staff/violation.py": (
        "from sqlalchemy.exc import DBAPIError",
        "repositories alone know SQLAlchemy",
    ),
    "screening/violation.py": ("import rjieba", "one file knows the segmenter"),
    "frequency/violation.py": ("import redis", "one file knows Redis"),
    "webhooks/violation.py": (
        "import httpx",
        "what leaves leaves by egress; the client is a sender's program",
    ),
    "providers/violation.py": ("from fastapi import Request", "the edge alone knows FastAPI"),
    "packs/violation.py": ("import prometheus_client", "one file knows Prometheus"),
}


def contracts() -> set[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return {contract["name"] for contract in settings["tool"]["importlinter"]["contracts"]}


def lint(folder: Path) -> dict[str, str]:
    """Return each contract's verdict, KEPT or BROKEN, on the copy of app in `folder`."""
    # The program itself, not the package's __main__, puts the current folder on the path.
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [program, "--config", ROOT / "pyproject.toml", "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    found = dict(re.findall(r"^(.+?) (KEPT|BROKEN)\b", done.stdout, re.MULTILINE))
    assert found, done.stdout + done.stderr
    return found


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of our code."""
    folder = tmp_path_factory.mktemp("contracts")
    other = shutil.ignore_patterns("node_modules", "static", "texts", "templates", "__pycache__")
    shutil.copytree(ROOT / "app", folder / "app", ignore=other)
    return folder


def test_every_contract_is_kept(copy: Path) -> None:
    assert lint(copy) == dict.fromkeys(contracts(), "KEPT")


def test_every_contract_has_a_violation_here() -> None:
    assert {name for _, name in VIOLATIONS.values()} == contracts()


def test_each_violation_is_caught(copy: Path) -> None:
    for name, (line, _) in VIOLATIONS.items():
        (copy / "app" / name).write_text(f'"""A violation."""\n\n{line}\n', "utf-8")
    try:
        assert lint(copy) == dict.fromkeys(contracts(), "BROKEN")
    finally:
        for name in VIOLATIONS:
            (copy / "app" / name).unlink()


def test_a_new_package_is_refused_until_it_has_its_place(copy: Path) -> None:
    new = copy / "app" / "novelty"
    new.mkdir()
    (new / "__init__.py").write_text('"""New."""\n', "utf-8")
    try:
        assert lint(copy)["imports point down"] == "BROKEN"
    finally:
        shutil.rmtree(new)
