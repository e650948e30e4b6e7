"""Makes .venv and the browser assets from the lock files, with the standard library alone."""

import argparse
import contextlib
import fcntl
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
# Copies of the files .venv was made from, written last: `popgate` compares them at every start.
INSTALLED = VENV / "installed"
UNFINISHED = VENV / "unfinished"
CONSOLE = ROOT / "app" / "console"
VENDOR = CONSOLE / "static" / "vendor"

RUNTIME_LOCK = ROOT / "requirements.lock"
DEV_LOCK = ROOT / "requirements-dev.lock"
NODE_LOCK = ROOT / "requirements-node.lock"
PACKAGES = (CONSOLE / "package.json", CONSOLE / "package-lock.json")

_BUILDER = "setuptools"
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==", re.MULTILINE)
_OLDEST_NPM = 7  # the first that reads our lock file


class SetUpError(Exception):
    """What stopped the set-up and what to do about it, in zh and en."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")


def main(argv: Sequence[str] | None = None) -> int:
    """Bring the environment in step with the locks.

    `--need` is `runtime` or `dev` (runtime and the tools of `popgate test`). The image build, whose
    layers come one by one, asks for the Python `--packages` and the `--vendor` files separately.
    Returns 0, 1 after a failure that was explained, 130 after Ctrl-C.
    """
    parser = argparse.ArgumentParser(prog="app/environment.py", description=__doc__)
    parser.add_argument("--need", choices=["runtime", "dev"], default="runtime")
    parser.add_argument("--packages", action="store_true", help="only the Python packages")
    parser.add_argument("--vendor", action="store_true", help="only copy from node_modules")
    args = parser.parse_args(argv)
    try:
        with _one_at_a_time():
            if args.packages:
                install_packages(RUNTIME_LOCK)
                _keep_copies((RUNTIME_LOCK,))
            elif args.vendor:
                copy_vendor()
            else:
                set_up(dev=args.need == "dev")
    except SetUpError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"环境安装失败：{error}\nThe set-up failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        _say("安装被中断，下次启动自动修复。", "Interrupted; the next start repairs it.")
        return 130
    return 0


def set_up(*, dev: bool) -> None:
    """Install what differs from the locks; an environment that has the dev tools keeps them."""
    dev = dev or (INSTALLED / DEV_LOCK.name).exists()
    locks = (RUNTIME_LOCK, DEV_LOCK) if dev else (RUNTIME_LOCK,)
    packages_due = not PYTHON.exists() or UNFINISHED.exists() or not _in_step(locks)
    assets_due = not (VENDOR / "versions.json").exists() or not _in_step(PACKAGES)
    if packages_due:
        install_packages(locks[-1])
    if assets_due or (packages_due and dev):  # the tools include browser packages
        _install_assets(dev=dev)
        copy_vendor()
    _keep_copies(locks)
    _say("运行环境已就绪。", "The environment is ready.")


def install_packages(lock: Path) -> None:
    """Bring .venv, made if need be, to what the lock says."""
    _make_venv()
    UNFINISHED.touch()
    _install_lock(lock)
    UNFINISHED.unlink()


def copy_vendor() -> None:
    """Put the files named under `vendor` in package.json into static/vendor, with their versions.

    The folder is swapped in whole, so a page never loads half of an update.
    """
    wanted: dict[str, str] = json.loads(PACKAGES[0].read_text("utf-8"))["vendor"]
    modules = CONSOLE / "node_modules"
    VENDOR.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix="vendor.", dir=VENDOR.parent))
    fresh.chmod(0o755)
    try:
        for source, name in wanted.items():
            shutil.copyfile(modules / source, fresh / name)
        (fresh / "versions.json").write_text(json.dumps(_versions(), indent=2) + "\n", "utf-8")
        if VENDOR.exists():
            shutil.rmtree(VENDOR)
        fresh.rename(VENDOR)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    _keep_copies(PACKAGES)


def _versions() -> dict[str, str]:
    """Return the locked version of each package that the pages load."""
    manifest, lock = (json.loads(file.read_text("utf-8")) for file in PACKAGES)
    names = sorted(manifest["dependencies"])
    return {name: lock["packages"][f"node_modules/{name}"]["version"] for name in names}


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Hold the set-up lock; a second start waits and then finds the work done."""
    with (ROOT / ".venv.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say(
                "另一个启动正在安装环境，等待其完成……",
                "Another start is setting up; waiting for it…",
            )
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _in_step(files: Sequence[Path]) -> bool:
    copies = [(file, INSTALLED / file.name) for file in files]
    return all(copy.exists() and copy.read_bytes() == file.read_bytes() for file, copy in copies)


def _keep_copies(files: Sequence[Path]) -> None:
    INSTALLED.mkdir(exist_ok=True)
    for file in files:
        partial = INSTALLED / f"{file.name}.partial"
        shutil.copyfile(file, partial)
        partial.replace(INSTALLED / file.name)


def _make_venv() -> None:
    """Make .venv unless a usable one is there; one whose making was cut short is made anew."""
    pip: list[str | Path] = [PYTHON, "-m", "pip", "--version"]
    whole = PYTHON.exists() and not UNFINISHED.exists()  # a link to a Python since removed is not
    if whole and subprocess.run(pip, capture_output=True, check=False).returncode == 0:
        return
    _say("正在创建 Python 环境……", "Making the Python environment…")
    if VENV.exists():
        shutil.rmtree(VENV)
    VENV.mkdir()
    UNFINISHED.touch()
    if importlib.util.find_spec("ensurepip") is None:
        _install_venv_module()
    _run([sys.executable, "-m", "venv", VENV], "创建 Python 环境", "making the Python environment")


def _install_venv_module() -> None:
    """Debian ships Python without its venv module; fetch it where we may."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        zh = "当前 Python 缺少 venv 模块，请先安装，例如：apt-get install python3-venv"
        en = "This Python lacks the venv module; install it, e.g.: apt-get install python3-venv"
        raise SetUpError(zh, en)
    _say("正在安装 python3-venv……", "Installing python3-venv…")
    environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    _run(["apt-get", "-qq", "update"], "apt-get update", "apt-get update", environ)
    install = ["apt-get", "-qq", "-y", "--no-install-recommends", "install", "python3-venv"]
    _run(install, "安装 python3-venv", "installing python3-venv", environ)


def _install_lock(lock: Path) -> None:
    text = lock.read_text("utf-8")
    pinned = _PIN.findall(text)
    if _BUILDER in pinned:
        # jieba, which only tests need, is source only: what builds it comes first, by hash too
        with tempfile.TemporaryDirectory() as folder:
            builder = Path(folder) / "builder.lock"
            builder.write_text(_excerpt(text, _BUILDER), "utf-8")
            _pip(PYTHON, builder, 0)
    _pip(PYTHON, lock, len(pinned))
    before = INSTALLED / lock.name
    dropped = set(_PIN.findall(before.read_text("utf-8"))) if before.exists() else set()
    if dropped := dropped - set(pinned):
        uninstall = [PYTHON, "-m", "pip", "uninstall", "--quiet", "--yes", *sorted(dropped)]
        _run(uninstall, "卸载旧依赖", "removing dropped packages")


def _excerpt(lock: str, name: str) -> str:
    """Return the lock's entry for one package, hashes included."""
    entry = rf"^{re.escape(name)}==.*?(?=^[A-Za-z0-9]|\Z)"
    found = re.search(entry, lock, re.MULTILINE | re.DOTALL)
    return "" if found is None else found.group()


def _pip(python: Path, lock: Path, pins: int) -> None:
    """Install a lock by hash and show how far it has come; `pins` is 0 for nothing to show."""
    command: list[str | Path] = [
        python, "-m", "pip", "install", "--require-hashes", "--no-build-isolation", "--use-pep517",
        "--disable-pip-version-check", "--no-input", "--progress-bar", "off", "-r", lock,
    ]  # fmt: skip
    last: deque[str] = deque(maxlen=25)
    seen = 0
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        for line in process.stdout or ():
            last.append(line)
            if pins and line.startswith(("Collecting ", "Requirement already satisfied: ")):
                seen = min(seen + 1, pins)
                _progress(f"下载依赖 downloading {seen}/{pins}", every=seen % 20 == 0)
            elif pins and line.startswith("Installing collected packages"):
                _progress("安装依赖 installing…", every=True)
    _progress("", every=False)
    if process.returncode != 0:
        zh = "安装 Python 依赖失败（网络可用吗？），详情如下："
        en = "Installing the Python packages failed (is the network there?); pip said:"
        raise SetUpError(zh, en + "\n" + "".join(last))


def _install_assets(*, dev: bool) -> None:
    """Bring the browser files into node_modules with npm, fetching an npm where there is none."""
    _say("正在获取控制台前端资源……", "Fetching the console's browser files…")
    with tempfile.TemporaryDirectory() as folder:
        environ = with_npm(Path(folder))
        npm = shutil.which("npm", path=environ["PATH"]) or "npm"
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        command += [] if dev else ["--omit=dev"]
        _run(command, "获取前端资源", "fetching the browser files", environ, CONSOLE)


def with_npm(folder: Path) -> dict[str, str]:
    """Return an environment whose PATH has a usable npm, fetched into `folder` if need be."""
    path = os.environ.get("PATH", os.defpath)
    if not _npm_is_usable():
        _say("未找到 npm，临时下载一个……", "No npm here; fetching one for this once…")
        _run([sys.executable, "-m", "venv", folder], "准备 npm", "preparing npm")
        _pip(folder / "bin" / "python", NODE_LOCK, len(_PIN.findall(NODE_LOCK.read_text("utf-8"))))
        path = f"{folder}/bin{os.pathsep}{path}"
    return os.environ | {"PATH": path}


def _npm_is_usable() -> bool:
    npm = shutil.which("npm")
    command = [npm or "false", "--version"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    major = answer.stdout.strip().partition(".")[0]
    return answer.returncode == 0 and major.isdigit() and int(major) >= _OLDEST_NPM


def _run(
    command: Sequence[str | Path],
    zh: str,
    en: str,
    environ: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> None:
    """Run a step quietly; when it fails, say which step and show what it printed."""
    done = subprocess.run(
        command,
        env=environ,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        errors="replace",
    )
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip()
        raise SetUpError(f"步骤失败：{zh}。", f"This step failed: {en}. It said:\n{said}")


def _say(zh: str, en: str) -> None:
    print(f"{zh} {en}", file=sys.stderr, flush=True)


def _progress(text: str, *, every: bool) -> None:
    """Rewrite one line on a terminal; elsewhere print only the steps marked `every`."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
    elif every:
        print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
