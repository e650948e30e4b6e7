"""`popgate parity`: compares what groups of recipients got; keeps nobody's token or group."""

import argparse
import asyncio
from datetime import date
from typing import IO

from app.audit.events import Actor, ActorKind
from app.clock import SystemClock
from app.commands.refusals import unusable
from app.db.revisions import require_newest
from app.db.session import Database
from app.db.versions import VersionWatch
from app.providers.repository import holds_key
from app.providers.service import Register
from app.reports.parity import Measured, Parity, ParityReport, said_p
from app.settings import Settings
from app.staff.passwords import Passwords
from app.staff.roles import Role
from app.staff.service import Staff

_SAID = {
    "addressed": "列为接收用户 addressed",
    "got": "收到 got",
    "news": "新闻 news",
    "advertisement": "广告 advertisements",
    "general": "其他 general content",
    "capped": "被上限排除 left out by caps",
}
_WHOLE = {
    "differs": "至少一项有差异 · at least one thing differs",
    "alike": "未发现差异 · no difference found",
    "too_few": "次数太少，无法判断 · too few to tell",
}
_MAY = frozenset({Role.ADMIN, Role.AUDITOR})


def run(args: argparse.Namespace) -> int:
    """Print what was compared; 1 when something differs."""
    first, last = _day("--from", args.first), _day("--to", args.last)
    try:
        with args.file.open("rb") as lines:
            report = asyncio.run(compare(Settings(), args, first, last, lines))
    except OSError as error:
        said = f"the file cannot be read: {error.strerror}"
        raise unusable(str(args.file), "无法读取文件", said) from error
    print("\n".join(told(report)))
    return 1 if report.differs else 0


async def compare(
    settings: Settings, args: argparse.Namespace, first: date, last: date, lines: IO[bytes]
) -> ParityReport:
    """Make the report; Invalid for people and surfaces that are not there, and for bad lines."""
    await require_newest(settings.database)
    database, clock = Database(settings.database), SystemClock()
    try:
        people = await Staff(database, clock, Passwords(), holds_key).everybody()
        who = next((one for one in people if one.username == args.by.strip().lower()), None)
        if who is None or who.disabled_at is not None or not who.roles & _MAY:
            raise unusable(
                "--by", f"{args.by} 不是管理员或审计员", f"{args.by} is no admin or auditor"
            )
        register = Register(database, VersionWatch(database, clock), clock)
        surface = (await register.current()).surface(args.surface)
        if surface is None:
            raise unusable("--surface", "没有这个展示端", "there is no such surface")
        actor = Actor(ActorKind.STAFF, who.id)
        return await Parity(database, clock).compare(actor, surface, first, last, lines)
    finally:
        await database.close()


def told(report: ParityReport) -> list[str]:
    """Return the report as lines: groups, what each got, what the test says of it."""
    groups = [
        f"{group} {size} 人 people" for group, size in zip(report.groups, report.sizes, strict=True)
    ]
    lines = [f"{report.first} – {report.last}: " + " · ".join(groups)]
    lines += [_line(report, one) for one in report.measures]
    return [*lines, _WHOLE[report.verdict]]


def _line(report: ParityReport, one: Measured) -> str:
    each = " · ".join(
        f"{group} {total} ({100 * total / size:.1f} / 100)"
        for group, total, size in zip(report.groups, one.totals, report.sizes, strict=True)
    )
    match one.verdict, one.p:
        case "differs", float(p):
            said = f"有差异 differs, p {_equals(p)}"
        case "alike", float(p):
            said = f"未发现差异 no difference found, p {_equals(p)}"
        case _:
            said = "太少，无法判断 too few to tell"
    return f"  {_SAID[one.name]}: {each}: {said}"


def _equals(p: float) -> str:
    said = said_p(p)
    return said if said.startswith("<") else f"= {said}"


def _day(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise unusable(option, "须为日期，如 2026-11-01", "a date, such as 2026-11-01") from error
