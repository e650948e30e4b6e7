"""`popgate staff reset-factor`: takes a lost second factor away, the last admin's included.

In the console another admin does this; whoever may run commands on this machine needs no other.
"""

import argparse
import asyncio

from app.commands.refusals import unusable
from app.settings import Settings


def run(args: argparse.Namespace) -> int:
    """Take the second factor away; the person's sessions end."""
    asyncio.run(reset(Settings(), args.name))
    print(
        f"{args.name} 的两步验证已重置，会话已结束；下次登录只需密码，随后须重新设置。 "
        "The second factor is reset and the sessions have ended; the next sign-in asks for the "
        "password alone."
    )
    return 0


async def reset(settings: Settings, name: str) -> None:
    """Raise Invalid for an unknown name, Conflict where the person has no second factor."""
    from app.audit.events import system
    from app.clock import SystemClock
    from app.db.revisions import require_newest
    from app.db.session import Database
    from app.providers.repository import holds_key
    from app.staff.passwords import Passwords
    from app.staff.service import Staff

    await require_newest(settings.database)
    database = Database(settings.database)
    try:
        staff = Staff(database, SystemClock(), Passwords(), holds_key)
        known = {member.username: member.id for member in await staff.everybody()}
        wanted = known.get(name.strip().lower())
        if wanted is None:
            raise unusable(name, "没有这个登录名", "nobody has this sign-in name")
        await staff.reset_second_factor(system("command line"), wanted)
    finally:
        await database.close()
