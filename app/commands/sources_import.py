"""`popgate sources import`: imports an edition of the source list, shows what it changes."""

import argparse
import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.bootstrap import load_screener
from app.clock import SystemClock
from app.commands.refusals import unusable
from app.db.revisions import require_newest
from app.db.session import Database
from app.db.versions import VersionWatch
from app.packs.service import Draft, Packs
from app.providers.repository import holds_key
from app.settings import Settings
from app.staff.passwords import Passwords
from app.staff.roles import StaffMember
from app.staff.service import Staff

_SHOWN: Final = 10
_MOST: Final = 100_000


@dataclass(frozen=True, slots=True)
class Import:
    """What to import, who does it, and who publishes it if it is to be published."""

    data: bytes
    edition: str
    by: str
    confirm: tuple[str, ...]
    confirm_all: bool
    second: str | None


@dataclass(frozen=True, slots=True)
class Imported:
    """The draft, the units that still wait for a confirmation, and whether it is in force."""

    draft: Draft
    waiting: tuple[str, ...]
    published: bool


def run(args: argparse.Namespace) -> int:
    """Import, confirm and publish as asked; nothing is in force without a second admin."""
    if args.publish != (args.second is not None):
        raise unusable("--second", "与 --publish 一同使用", "goes together with --publish")
    wanted = Import(
        _read(args.file), args.edition, args.by, tuple(args.confirm), args.confirm_all, args.second
    )
    print("\n".join(report(asyncio.run(import_edition(Settings(), wanted)))))
    return 0


async def import_edition(settings: Settings, wanted: Import) -> Imported:
    """Keep the edition as a draft, or publish it by the second admin.

    Raises Invalid for bad lines, unknown people and units, Forbidden for one admin twice.
    """
    await require_newest(settings.database)
    database, clock = Database(settings.database), SystemClock()
    try:
        staff = Staff(database, clock, Passwords(), holds_key)
        admins = {one.username: one for one in await staff.everybody() if one.is_acting_admin}
        importer = _admin(admins, "--by", wanted.by)
        publisher = None if wanted.second is None else _admin(admins, "--second", wanted.second)
        watch = VersionWatch(database, clock)
        packs = Packs(database, watch, clock, load_screener(settings))
        return await _import(packs, wanted, importer, publisher)
    finally:
        await database.close()


async def _import(
    packs: Packs, wanted: Import, importer: StaffMember, publisher: StaffMember | None
) -> Imported:
    draft = await packs.import_sources(importer.id, wanted.edition, wanted.data, "command line")
    edition = draft.edition.id
    units, _ = await packs.search_units(edition, "", "unconfirmed", limit=_MOST)
    unsure = {unit.name for unit in units}
    chosen = unsure if wanted.confirm_all else set(wanted.confirm)
    strange = sorted(chosen - unsure)
    if strange:
        await packs.discard(edition, importer.id)
        names = "、".join(strange)
        raise unusable("--confirm", f"没有待确认的单位：{names}", f"nothing to confirm: {names}")
    if chosen:
        await packs.confirm_units(edition, chosen, importer.id)
    if publisher is not None:
        await packs.publish(edition, publisher.id)
    return Imported(draft, tuple(sorted(unsure - chosen)), publisher is not None)


def report(done: Imported) -> list[str]:
    """Return what the edition changes, what still waits, and what is to be done next."""
    draft, diff = done.draft, done.draft.diff
    lines = [
        f"{draft.edition.edition}（{draft.edition.id}）：{draft.edition.unit_count} 家单位 units",
        *_sample("+", "新增 added", [unit.name for unit in diff.added]),
        *_sample("-", "移除 removed", [unit.name for unit in diff.removed]),
        *_sample("~", "变更 changed", [change.after.name for change in diff.changed]),
    ]
    if diff.is_empty:
        lines.append("与现行名单相同 · the same as the list in force")
    left_out = ", ".join(f"{reason} {count}" for reason, count in sorted(draft.left_out.items()))
    if left_out:
        lines.append(f"未采用的行 rows left out: {left_out}")
    lines += _sample("?", "待确认，暂不匹配 unconfirmed, not matched", list(done.waiting))
    if done.published:
        lines.append("已发布 · published")
    else:
        lines.append(
            "草稿，须由另一位管理员在控制台发布 · a draft: another admin publishes it there"
        )
    return lines


def _sample(mark: str, words: str, names: list[str]) -> list[str]:
    if not names:
        return []
    shown = "、".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
    return [f"{mark} {words} {len(names)}: {shown}"]


def _admin(admins: dict[str, StaffMember], option: str, username: str) -> StaffMember:
    found = admins.get(username.strip().lower())
    if found is None:
        raise unusable(option, f"{username} 不是管理员", f"{username} is not an admin")
    return found


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise unusable(
            str(file), "无法读取文件", f"the file cannot be read: {error.strerror}"
        ) from error
