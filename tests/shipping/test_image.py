"""The image's steps work in an empty folder, and what they make runs as an ordinary user."""

import contextlib
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.environment import with_npm
from tests.fixtures.dockerfile import Stage, build, copy_context, instructions, words
from tests.fixtures.wire import complete_for, in_an_hour

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


def start(image: Stage, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the image's entry point in its settings, as its user where this machine allows it."""
    return subprocess.run(
        [*entry(image), *arguments], cwd=image.place("."), capture_output=True, text=True,
        check=False, env=environ(image), **account(image),
    )  # fmt: skip


def entry(image: Stage) -> list[str]:
    return [image.mapped(word) for word in words(image.settings["ENTRYPOINT"])]


def environ(image: Stage) -> dict[str, str]:
    settings = {name: image.mapped(value) for name, value in image.environ.items()}
    return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"} | settings


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


# Puts a provider, a surface and a sender into the image's register, as an admin does.
ENROL = """
import asyncio
from app.audit.events import system
from app.clock import SystemClock
from app.db.session import Database
from app.db.versions import VersionWatch
from app.providers.enrolment import Enrolment, NewProvider
from app.providers.keys import NewSender, SenderKeys
from app.providers.surfaces import NewSurface, SurfaceDetails, Surfaces
from app.providers.writer import RegisterWriter
from app.settings import Settings

async def main():
    clock, db = SystemClock(), Database(Settings().database)
    writer, who = RegisterWriter(db, VersionWatch(db, clock), clock), system("test")
    provider = await Enrolment(writer, plain_http=False).add_provider(
        who, NewProvider("示例茶业有限公司", "示例茶业", "91350211M000100Y46", ("example.cn",)))
    details = SurfaceDetails("示例应用", "Asia/Shanghai", "400-000-0000", "shopping")
    surface = await Surfaces(writer, plain_http=False).add(
        who, NewSurface(provider, "app", "inbox", details))
    keys = SenderKeys(writer)
    sender = await keys.add_sender(
        who, NewSender(provider, "主发送方", "张三", None, frozenset({"push:submit"})))
    print(surface.surface_id, (await keys.issue(who, sender)).raw)
    await db.close()

asyncio.run(main())
"""


def enrolled(image: Stage) -> tuple[str, str]:
    """Return the id of a surface and a sender's key."""
    done = subprocess.run(
        [image.place(".venv/bin/python"), "-c", ENROL], cwd=image.place("."), capture_output=True,
        text=True, check=False, env=environ(image), **account(image),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    surface, key = done.stdout.split()
    return surface, key


@contextlib.contextmanager
def served(image: Stage, log: Path) -> Iterator[httpx.Client]:
    """Run what the image runs by default, behind a proxy that would end TLS; stop it in order."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    more = {
        "GATEWAY_HOST": "127.0.0.1",
        "GATEWAY_PORT": port,
        "GATEWAY_BEHIND_TLS_PROXY": "true",
        "GATEWAY_PUBLIC_URL": "https://popgate.example.com",
    }
    with log.open("w") as out, httpx.Client(base_url=f"http://127.0.0.1:{port}") as http:
        process = subprocess.Popen(
            [*entry(image), *words(image.settings["CMD"])], cwd=image.place("."), stdout=out,
            stderr=out, env=environ(image) | more, **account(image),
        )  # fmt: skip
        try:
            wait_for(lambda: process.poll() is not None or is_ready(http), "readiness", 30)
            assert process.poll() is None, log.read_text("utf-8")
            yield http
        finally:
            process.terminate()
            code = process.wait(20)
    assert code == 0, log.read_text("utf-8")


def wait_for(condition: Callable[[], bool], what: str, patience: float) -> None:
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, f"no {what} within {patience} s"
        time.sleep(0.1)


def is_ready(http: httpx.Client) -> bool:
    try:
        return http.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False


def is_sealed(http: httpx.Client) -> bool:
    return 'popgate_level{what="sealer_lag_seconds"} 0.0' in http.get("/metrics").text


def test_the_image_serves_takes_a_push_and_its_ledger_verifies(
    image: Stage, tmp_path: Path
) -> None:
    assert start(image, "migrate").returncode == 0
    surface, key = enrolled(image)
    with served(image, tmp_path / "log") as http:
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "once"}
        body = complete_for(surface) | {"expires_at": in_an_hour()}
        answer = http.post("/v1/pushes", json=body, headers=headers)
        assert answer.status_code == 201, answer.text
        assert answer.json()["state"] == "in_review"
        wait_for(lambda: is_sealed(http), "the seal", 10)
        verified = start(image, "audit", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "intact" in verified.stdout
    assert "not yet sealed" not in verified.stdout


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
