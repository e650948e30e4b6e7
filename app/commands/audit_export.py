"""`popgate audit export`: writes the sealed ledger to a file that anybody can check."""

import argparse
import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands.progress import Progress
from app.settings import Settings

if TYPE_CHECKING:
    from app.audit.export import Exported


def run(args: argparse.Namespace) -> int:
    """Write the export, and say how to check it."""
    from app.audit import offline_verifier
    from app.signing.keyring import read_public_keys
    from app.signing.keys import Purpose

    settings = Settings()
    exported = asyncio.run(export(settings, args.file))
    print(
        f"已导出 {exported.leaves} 条记录、{exported.checkpoints} 个检查点 · exported "
        f"{exported.leaves} entries and {exported.checkpoints} checkpoints"
    )
    keys = [
        f"--key {key.raw.hex()}"
        for key in read_public_keys(settings.keys)
        if key.purpose is Purpose.CHECKPOINT
    ]
    print(f"python {offline_verifier.__file__} {args.file} {' '.join(keys)}")
    return 0


async def export(settings: Settings, file: Path) -> "Exported":
    """Write everything sealed so far; raise Invalid where the file cannot be written."""
    from app.audit.export import export_ledger
    from app.db.revisions import require_newest
    from app.db.session import Database
    from app.errors import Invalid, Words

    await require_newest(settings.database)
    database = Database(settings.database)
    try:
        with Progress("导出 exporting") as progress:
            return await export_ledger(database, file, progress.reached)
    except OSError as error:
        words = Words(
            f"{file}：无法写入（{error.strerror}）", f"{file}: cannot be written ({error.strerror})"
        )
        raise Invalid(words) from error
    finally:
        await database.close()
