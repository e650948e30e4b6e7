"""The image's steps work in an empty folder, and what they make runs as an ordinary user."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.environment import with_npm
from tests.fixtures.dockerfile import Stage, build, copy_context, instructions, words

ROOT = Path(__file__).resolve().parents[2]
STRANGER = 10001
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def scratch() -> Iterator[Path]:
    """A folder that other users may enter, which pytest's own are not."""
    with tempfile.TemporaryDirectory(prefix="popgate-image-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="module")
def image(scratch: Path) -> Stage:
    """The last stage, built from what a clean checkout holds."""
    node = scratch / "node"
    environ = with_npm(node) | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    # `python` must be the one that runs the tests, as the base image's is.
    tools = scratch / "tools"
    tools.mkdir()
    base = (
        Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    )
    (tools / "python").symlink_to(base)
    environ["PATH"] = f"{tools}{os.pathsep}{environ['PATH']}"
    for name in ("PYTHONPATH", "VIRTUAL_ENV"):
        environ.pop(name, None)
    return build(ROOT / "Dockerfile", scratch, environ)


def start(image: Stage, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:  # noqa: ANN401
    """Run the image's entry point in its settings, as its user where this machine allows it."""
    entry = [image.mapped(word) for word in words(image.settings["ENTRYPOINT"])]
    settings = {name: image.mapped(value) for name, value in image.environ.items()}
    return subprocess.run(
        [*entry, *arguments], cwd=image.place("."), capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"} | settings, **account(image), **options,
    )  # fmt: skip


def account(image: Stage) -> dict[str, Any]:
    """Return the image's user, if we may become it and it can reach this machine's Python."""
    if os.geteuid() != 0:
        return {}
    stranger: dict[str, Any] = {"user": STRANGER, "group": STRANGER, "extra_groups": []}
    python = image.place(".venv/bin/python")
    reached = subprocess.run(["test", "-x", python], check=False, cwd="/", **stranger)
    return stranger if reached.returncode == 0 else {}


def test_the_commands_answer_in_the_image(image: Stage) -> None:
    answer = start(image, "--help")
    assert answer.returncode == 0, answer.stderr
    assert "serve" in answer.stdout
    assert answer.stderr == ""  # the environment is whole: nothing is set up again


def test_the_image_migrates_its_own_database(image: Stage) -> None:
    if account(image) == {} and os.geteuid() == 0:
        shutil.chown(image.root / "var/lib/popgate", 0, 0)
    before = start(image, "migrate", "--check")
    assert before.returncode == 1, before.stdout + before.stderr
    migrated = start(image, "migrate")
    assert migrated.returncode == 0, migrated.stdout + migrated.stderr
    assert start(image, "migrate", "--check").returncode == 0
    assert (image.root / "var/lib/popgate/gateway.db").exists()


def test_the_image_holds_what_it_serves_and_nothing_that_built_it(image: Stage) -> None:
    app = image.place("app")
    assert (app / "console/static/vendor/htmx.min.js").stat().st_size > 10_000
    assert (app / "console/static/vendor/versions.json").exists()
    assert not (app / "console/node_modules").exists()
    assert list(image.place("wordlists").iterdir())
    assert not list(image.place(".venv").rglob("site-packages/pip"))
    for left_out in ("tests", ".git", "requirements-dev.lock", "benchmarks"):
        assert not image.place(left_out).exists()


def test_the_image_is_no_larger_than_it_was_planned(image: Stage) -> None:
    size = sum(file.lstat().st_size for file in image.root.rglob("*"))
    assert size < 260 * 1024 * 1024


def test_the_image_runs_as_nobody_in_particular(image: Stage) -> None:
    assert image.settings["USER"] == f"{STRANGER}:{STRANGER}"
    assert image.environ["GATEWAY_MODE"] == "production"
    assert words(image.settings["CMD"]) == ["serve"]
    data = image.root / "var/lib/popgate"
    assert data.stat().st_mode & 0o777 == 0o700
    if account(image):
        assert data.stat().st_uid == STRANGER


def test_the_health_check_is_a_program_that_python_reads(image: Stage) -> None:
    command = words(image.settings["HEALTHCHECK"].partition("CMD ")[2])
    assert image.place(command[0]).exists()
    compile(command[2], "HEALTHCHECK", "exec")
    assert "/readyz" in command[2]


def test_every_file_that_the_steps_copy_reaches_the_builder(tmp_path: Path) -> None:
    copy_context(ROOT, tmp_path)
    for name, rest in instructions((ROOT / "Dockerfile").read_text("utf-8")):
        if name == "COPY" and not rest.startswith("--from"):
            for source in shlex.split(rest)[:-1]:
                assert (tmp_path / source).exists(), source
    assert not (tmp_path / "tests").exists()


def test_a_step_that_fails_is_not_passed_over(tmp_path: Path) -> None:
    for name, text in ((".dockerignore", ""), ("Dockerfile", "FROM x\nRUN echo no; exit 3\n")):
        (tmp_path / name).write_text(text, "utf-8")
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / "out").mkdir()
    with pytest.raises(RuntimeError, match=re.escape("RUN echo no; exit 3\nno")):
        build(tmp_path / "Dockerfile", tmp_path / "out", {"PATH": os.environ["PATH"]})
