"""`popgate test`: the linters, the types, then every test; with arguments, only pytest."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from app.shipped import APP

ROOT = APP.parent
# In the order in which a fault is cheapest to hear of; the first that fails ends the run.
CHECKS = (
    ("ruff", ["-m", "ruff", "check", "."]),
    ("ruff format", ["-m", "ruff", "format", "--check", "."]),
    ("djlint", ["-m", "djlint", "app", "--lint", "--quiet"]),
    ("import-linter", ["-c", "from importlinter.cli import lint_imports_command as go; go()"]),
    ("mypy", ["-m", "mypy", "--num-workers", "auto"]),
)
# Long files first and short ones last, so that all workers end together.
FOLDERS = (
    "browser",
    "promises",
    "commands",
    "demo",
    "shipping",
    "readme",
    "console",
    "api",
    "integration",
    "contract",
    "architecture",
    "unit",
    "rules",
)
DEBIAN = ("chromium", "fonts-noto-cjk")

# What decides must be covered whole: percent of lines and branches, by path under app.
WHOLE = ("domain/", "rules/", "screening/", "audit/chain.py", "review/states.py")
WHOLE_PERCENT = 100.0
OVERALL = 95.0


def run(args: argparse.Namespace) -> int:
    """Run pytest with the given arguments, or without any all that CI runs."""
    if not (ROOT / "tests").is_dir():
        print(
            "测试仅随源码提供，请在源码目录运行。 The tests come with the source, not the package."
        )
        return 1
    if args.pytest:
        return _python(["-m", "pytest", *args.pytest])
    strict = os.environ.get("CI") == "true"
    _install_browser()
    for name, command in CHECKS:
        print(f"── {name}", flush=True)
        if code := _python(command):
            print(f"检查未通过：{name}。 This check failed: {name}.", file=sys.stderr)
            return code
    folders = [f"tests/{name}" for name in FOLDERS if (ROOT / "tests" / name).is_dir()]
    order = ["--dist", "loadfile", "--no-loadscope-reorder"]
    options = ["-n", "auto", *order, "--cov", "--cov-report="]
    code = _python(["-m", "pytest", *options, *folders])
    if code == 0 and strict:
        return _judge_coverage()
    return code


def _install_browser() -> None:
    """Install what the browser tests need where we may; say what is left out where we may not."""
    lacking = [
        name for name, there in zip(DEBIAN, (_chromium(), _cjk_font()), strict=True) if not there
    ]
    if not lacking:
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"正在安装 {' '.join(lacking)}…… Installing them for the browser tests…", flush=True)
        for command in (["update"], ["-y", "--no-install-recommends", "install", *lacking]):
            environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
            subprocess.run(["apt-get", "-qq", *command], env=environ, check=False)
    if not (_chromium() and _cjk_font()):
        names = " ".join(lacking)
        print(f"缺少 {names}，浏览器测试将跳过（CI 中视为失败）。安装：apt-get install {names}")
        print(f"Without {names} the browser tests are skipped (in CI they fail); install: {names}.")


def _chromium() -> bool:
    return any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))


def _cjk_font() -> bool:
    if shutil.which("fc-list") is None:
        return any(Path("/usr/share/fonts").rglob("*CJK*"))
    found = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=False)
    return bool(found.stdout.strip())


def _python(arguments: list[str]) -> int:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, check=False).returncode


def _judge_coverage() -> int:
    """Return 1 and say where tests are lacking; silent otherwise, so pytest has the last word."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "coverage.json"
        if code := _python(["-m", "coverage", "json", "--quiet", "-o", str(report)]):
            return code
        measured = json.loads(report.read_text("utf-8"))
    faults = coverage_faults(
        {name: file["summary"]["percent_covered"] for name, file in measured["files"].items()},
        measured["totals"]["percent_covered"],
    )
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def coverage_faults(files: dict[str, float], overall: float) -> list[str]:
    """Return what falls short: percent by path from the top folder, and of everything together."""
    whole = tuple(f"app/{name}" for name in WHOLE)
    faults = [
        f"覆盖率不足 coverage {percent:.1f} % < {WHOLE_PERCENT:.0f} %: {name}"
        for name, percent in sorted(files.items())
        if name.startswith(whole) and percent < WHOLE_PERCENT
    ]
    if overall < OVERALL:
        faults.append(f"总覆盖率不足 coverage of all {overall:.1f} % < {OVERALL:.0f} %")
    return faults
