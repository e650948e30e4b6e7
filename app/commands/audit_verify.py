"""`popgate audit verify`: checks that nothing in the ledger was changed since it was sealed."""

import argparse
import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands.progress import Progress
from app.settings import Settings

if TYPE_CHECKING:
    from app.audit.verification import Verification


def run(args: argparse.Namespace) -> int:
    """Verify and say what was found; 1 when anything was."""
    settings = Settings()
    files = [args.checkpoints] if args.checkpoints else [settings.checkpoints]
    found = asyncio.run(verify(settings, files, every=args.every))
    for line in report(found):
        print(line)
    return 1 if found.problems else 0


async def verify(settings: Settings, files: list[Path], *, every: bool) -> "Verification":
    """Check the ledger in the database against the public keys and the checkpoint files."""
    from app.audit.verification import verify_ledger
    from app.db.revisions import require_newest
    from app.db.session import Database
    from app.signing.keyring import read_public_keys
    from app.signing.keys import Purpose

    await require_newest(settings.database)
    keys = [key.raw for key in read_public_keys(settings.keys) if key.purpose is Purpose.CHECKPOINT]
    database = Database(settings.database)
    try:
        with Progress("校验 verifying") as progress:
            return await verify_ledger(
                database, keys, files, every=every, progress=progress.reached
            )
    finally:
        await database.close()


def report(found: "Verification") -> list[str]:
    """Return what was found, a line each: problems, what is odd, the counts, the last seal."""
    lines = [f"× {problem.zh} · {problem.en}" for problem in found.problems]
    lines += [f"! {notice.zh} · {notice.en}" for notice in found.notices]
    if found.problems:
        lines.append(
            f"发现 {len(found.problems)} 处问题 · {len(found.problems)} problems in "
            f"{found.entries} entries, {found.checkpoints} checkpoints"
        )
    else:
        lines.append(
            f"完好：{found.entries} 条记录，{found.checkpoints} 个检查点 · intact: "
            f"{found.entries} entries, {found.checkpoints} checkpoints"
        )
    if found.unsealed:
        lines.append(
            f"另有 {found.unsealed} 条尚未封存（封存进程应在一秒内完成） · {found.unsealed} more "
            "not yet sealed; a running sealer does so within a second"
        )
    if found.last is not None:
        lines.append(f"{found.last.at} {found.last.root.hex()} key {found.last.key_id}")
    return lines
