"""`popgate keys rotate`: puts a new signing key in use and keeps the old public one."""

import argparse
import asyncio
from typing import TYPE_CHECKING

from app.settings import Settings

if TYPE_CHECKING:
    from app.signing.keys import PublicKey


def run(args: argparse.Namespace) -> int:
    """Rotate and print both public keys; running processes use the new one at once."""
    retired, new = asyncio.run(rotate(Settings(), args.purpose))
    print(f"停用 retired {retired.key_id} {retired.raw.hex()}")
    print(f"启用 in use  {new.key_id} {new.raw.hex()}")
    print(
        "旧公钥继续公布，旧私钥已销毁；请把新公钥交给离线校验者。 "
        "The old public key stays published, the old private key is destroyed; "
        "hand the new public key to whoever verifies offline."
    )
    return 0


async def rotate(settings: Settings, purpose: str) -> "tuple[PublicKey, PublicKey]":
    """Replace the key and put that in the ledger; return the retired and the new key.

    The database is asked first: without it there is no rotation. Should it go away in between,
    the next start records the new key.
    """
    from app.audit.events import system
    from app.audit.key_log import log_keys
    from app.clock import SystemClock
    from app.db.revisions import require_newest
    from app.db.session import Database
    from app.signing.keyring import Keyring
    from app.signing.keys import Purpose

    await require_newest(settings.database)
    clock, database = SystemClock(), Database(settings.database)
    keyring = Keyring.load(settings.keys, clock)
    try:
        await log_keys(database, keyring, clock, system("command line"))
        rotated = keyring.rotate(Purpose(purpose))
        await log_keys(database, keyring, clock, system("command line"))
    finally:
        await database.close()
    return rotated
