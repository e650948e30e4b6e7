"""`popgate staff add`: adds a person to the console and prints the one-time password."""

import argparse
import asyncio
import sys

from app.settings import Settings


def run(args: argparse.Namespace) -> int:
    """Add the person; only the password goes to standard output, for a pipe to take."""
    print(asyncio.run(add(Settings(), args.name, frozenset(args.role))))
    print(
        "以上为一次性密码，仅显示这一次，首次登录须修改。 "
        "This one-time password is shown only now; it has to be changed at the first sign-in.",
        file=sys.stderr,
    )
    return 0


async def add(settings: Settings, name: str, roles: frozenset[str]) -> str:
    """Add a person with these roles and return the one-time password."""
    from app.audit.events import system
    from app.clock import SystemClock
    from app.db.revisions import require_newest
    from app.db.session import Database
    from app.providers.repository import holds_key
    from app.staff.passwords import Passwords
    from app.staff.service import NewStaff, Staff

    await require_newest(settings.database)
    database = Database(settings.database)
    try:
        staff = Staff(database, SystemClock(), Passwords(), holds_key)
        added = await staff.add(system("command line"), NewStaff(name, name, roles))
        return added.password
    finally:
        await database.close()
