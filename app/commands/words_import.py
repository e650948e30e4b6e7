"""`popgate words import`: puts a file of terms into the draft of a rule pack."""

import argparse
import asyncio
from dataclasses import dataclass

from app.bootstrap import load_screener
from app.clock import SystemClock
from app.commands.refusals import unusable
from app.commands.words_check import read_terms, report, tried
from app.db.revisions import require_newest
from app.db.session import Database
from app.db.versions import VersionWatch
from app.packs.authoring import Authoring
from app.packs.content import TermEntry
from app.packs.differences import PackDiff, difference
from app.packs.pack_repository import RulePack
from app.packs.publishing import Publishing
from app.packs.service import Packs
from app.providers.repository import holds_key
from app.screening.screener import Screener
from app.settings import Settings
from app.staff.passwords import Passwords
from app.staff.service import Staff


@dataclass(frozen=True, slots=True)
class Imported:
    """The draft with the terms in it, and what it now changes against what is in force."""

    pack: RulePack
    diff: PackDiff


def run(args: argparse.Namespace) -> int:
    """Import as asked; nothing is saved when an example fails, and then the code is 1."""
    settings = Settings()
    screener = load_screener(settings)
    entries = read_terms(args.file, args.list, screener.lexicon)
    faults = tried(entries, screener.lexicon)
    print("\n".join(report(entries, faults)))
    if faults:
        return 1
    done = asyncio.run(import_terms(settings, screener, args.by, entries))
    diff = done.diff
    print(
        f"第 {done.pack.number} 版规则包草稿 draft of rule pack {done.pack.number}: "
        f"+{len(diff.added)} ~{len(diff.changed)} -{len(diff.removed)}\n"
        "请在控制台回测并提交复核 · back-test and propose it in the console"
    )
    return 0


async def import_terms(
    settings: Settings, screener: Screener, by: str, entries: tuple[TermEntry, ...]
) -> Imported:
    """Put terms into the open draft, or into a new one; Conflict if the open pack is proposed."""
    await require_newest(settings.database)
    database, clock = Database(settings.database), SystemClock()
    try:
        everybody = await Staff(database, clock, Passwords(), holds_key).everybody()
        admin = next(
            (
                one
                for one in everybody
                if one.username == by.strip().lower() and one.is_acting_admin
            ),
            None,
        )
        if admin is None:
            raise unusable("--by", f"{by} 不是管理员", f"{by} is not an admin")
        loader = Packs(database, VersionWatch(database, clock), clock, screener).loader
        authoring = Authoring(database, clock, loader)
        pack = (await Publishing(database, clock).overview()).open
        if pack is None:
            pack = await authoring.begin(admin.id, "命令行导入 command line", "")
        await authoring.save(pack.id, admin.id, entries)
        view = await authoring.view(pack.id)
        return Imported(view.pack, difference(loader.ships, view.active_content, view.content))
    finally:
        await database.close()
