"""`popgate demo`: the whole gateway on this machine, with people, pushes and a page to watch."""

import argparse
from functools import partial
from typing import Final

from app.bootstrap import Services
from app.clock import SystemClock
from app.commands.progress import Progress
from app.commands.serving import (
    EVERYTHING,
    NotStarted,
    counters,
    listen,
    run_loop,
    serve,
)
from app.db.revisions import upgrade
from app.demo.enrolling import Enrolled, Person, enrol
from app.demo.folder import DemoFolder
from app.demo.submitting import Submitted, submit_missing
from app.demo.wire import DemoSender
from app.errors import Words
from app.logs import configure_logging
from app.settings import Mode, Settings

_HOST: Final = "127.0.0.1"


def run(args: argparse.Namespace) -> int:
    """Start the demo and run it until Ctrl-C; a second start goes on with the same data."""
    asked = Settings()
    folder = DemoFolder(asked.data_dir.absolute() / "demo")
    _check(asked, folder)
    with folder.held():
        if args.fresh:
            _begin_anew(folder)
        return _run(asked, folder, asked.port if args.port is None else args.port)


def _run(asked: Settings, folder: DemoFolder, port: int) -> int:
    listener = listen(_HOST, port)
    url = f"http://{_HOST}:{listener.getsockname()[1]}"
    settings = demo_settings(asked, folder, url)
    print(
        "正在准备数据库、计数服务器和词库…… Preparing database, counters and word lists…",
        flush=True,
    )
    with (folder.path / "gateway.log").open("a", encoding="utf-8", buffering=1) as log:
        configure_logging(settings.log_level, log)
        upgrade(settings.database)
        with counters(settings) as where:
            filled = partial(_fill, folder)
            done = run_loop(serve(settings, EVERYTHING, where, listener, filled))
    if done != 0:
        print(f"未能启动，原因见 {folder.path / 'gateway.log'}。 It did not start; see that log.")
    else:
        print("\n已停止，数据保留。 Stopped; the data is kept.")
    return done


def demo_settings(asked: Settings, folder: DemoFolder, url: str) -> Settings:
    """Return the settings of the demo: everything of its own, whatever else is configured."""
    return Settings.model_validate(
        asked.model_dump()
        | {
            "mode": Mode.DEMO,
            "data_dir": folder.path,
            "keys_dir": None,
            "checkpoint_file": None,
            "database_url": None,
            "redis_url": None,
            "redis_cluster": False,
            "tls_cert": None,
            "tls_key": None,
            "behind_tls_proxy": False,
            "host": _HOST,
            "public_url": url,
        }
    )


def _check(asked: Settings, folder: DemoFolder) -> None:
    if asked.mode is Mode.PRODUCTION:
        raise NotStarted(
            Words(
                "GATEWAY_MODE=production 时不能运行演示",
                "The demo does not run with GATEWAY_MODE=production",
            )
        )
    if folder.is_foreign():
        raise NotStarted(
            Words(
                f"{folder.path} 中有并非演示写入的数据，请用 GATEWAY_DATA_DIR 换一个目录",
                f"{folder.path} holds data that no demo put there; choose another GATEWAY_DATA_DIR",
            )
        )


def _begin_anew(folder: DemoFolder) -> None:
    contents = folder.contents()
    if not contents:
        return
    print("删除原有演示数据（推送、人员、留痕、密钥和计数）：")
    print("Deleting the former demo's data (pushes, people, ledger, keys and counts):")
    for path in contents:
        print(f"  {path}")
    folder.clear()


async def _fill(folder: DemoFolder, services: Services) -> None:
    """Enrol the cast, hand the pushes in over HTTP, then say where everything is."""
    enrolled = await enrol(services, folder)
    with Progress("提交演示推送 submitting") as progress:
        submitted = await submit_missing(
            services.settings.public_url,
            enrolled.surface_id,
            enrolled.keys,
            SystemClock(),
            progress.reached,
        )
    print("\n".join(welcome(services.settings, enrolled, submitted)), flush=True)


def welcome(settings: Settings, enrolled: Enrolled, submitted: Submitted) -> list[str]:
    """Return what a new user reads: what is there, who signs in, where to look, how to stop."""
    url = settings.public_url
    return [
        "",
        "弹窗合规网关演示已就绪 · The Popgate demo is ready",
        "",
        *_pushes(submitted),
        "",
        "1. 打开接收端演示页，等待弹窗 · open the recipient's page and wait for popups",
        f"     {url}/demo/{enrolled.surface_id}",
        "2. 以审核员登录控制台，通过一条推送，撤销时间过后弹窗出现",
        "   sign in as a reviewer and approve a push; it pops up when the undo time is over",
        f"     {url}/console",
        *[f"     {_person(one)}" for one in enrolled.people],
        "3. 接口文档与发送方密钥 · API reference and a sender's key",
        f"     {url}/docs",
        f"     {enrolled.keys[DemoSender.NEWSROOM]}",
        "",
        f"数据保存在 {settings.data_dir}；再次启动继续使用，--fresh 重新开始。",
        f"Data is kept in {settings.data_dir}; the next start uses it, --fresh begins anew.",
        "按 Ctrl-C 停止 · Ctrl-C stops everything",
    ]


def _pushes(submitted: Submitted) -> list[str]:
    held, blocked, known = submitted.held, submitted.blocked, submitted.known
    lines = []
    if held or blocked:
        lines.append(f"已提交 {held + blocked} 条推送：{held} 条待人工审核，{blocked} 条被法规拦截")
        lines.append(
            f"{held + blocked} pushes submitted: {held} wait for a person, the law blocks {blocked}"
        )
    if known:
        lines.append(f"{known} 条推送此前已提交 · {known} pushes were submitted before")
    return lines


def _person(person: Person) -> str:
    known = f"{person.username:<14} {person.role:<9}"
    if person.password is None:
        return f"{known} 密码已自行修改 · uses the password they chose"
    return f"{known} {person.password}   一次性密码，登录后须修改 · one-time, changed at sign-in"
