"""`popgate staff password`: somebody replaces their own password at the terminal.

Production does not start with a one-time password unused, so its first admin cannot sign in to
the console before having changed it: this is the way. It asks for no second factor: whoever runs
commands on this machine could take that away as well.
"""

import argparse
import asyncio
import getpass
import sys
from typing import TYPE_CHECKING

from app.commands.refusals import unusable
from app.errors import TooManyRequests, Unauthenticated, Words
from app.settings import Settings

if TYPE_CHECKING:
    from app.staff.sign_in import NotSignedIn

_ADDRESS = "command line"


def run(args: argparse.Namespace) -> int:
    """Ask for the old and the new password, from the terminal or three lines of a pipe."""
    current = _ask("当前（一次性）密码 · current (one-time) password: ")
    new = _ask("新密码 · new password: ")
    if _ask("再次输入新密码 · new password again: ") != new:
        raise unusable(args.name, "两次输入的新密码不同", "the new passwords differ")
    asyncio.run(change(Settings(), args.name, current, new))
    print("密码已修改。 The password was changed.")
    return 0


async def change(settings: Settings, name: str, current: str, new: str) -> None:
    """Sign in with the current password, replace it and sign out again.

    Raises Unauthenticated for a wrong name or password, Invalid for a weak new one,
    TooManyRequests after too many wrong ones.
    """
    from app.clock import SystemClock
    from app.db.revisions import require_newest
    from app.db.session import Database
    from app.staff.passwords import Passwords
    from app.staff.sign_in import NotSignedIn, SignIn

    await require_newest(settings.database)
    database = Database(settings.database)
    try:
        sign_in = SignIn(database, SystemClock(), Passwords(), settings)
        found = await sign_in.sign_in(name, current, _ADDRESS)
        if isinstance(found, NotSignedIn):
            raise _refused(found)
        try:
            await sign_in.change_password(found.session, current, new, _ADDRESS)
        finally:
            await sign_in.sign_out(found.session)
    finally:
        await database.close()


def _ask(prompt: str) -> str:
    if sys.stdin.isatty():
        return getpass.getpass(prompt)
    return sys.stdin.readline().rstrip("\r\n")


def _refused(found: "NotSignedIn") -> Unauthenticated | TooManyRequests:
    if found.retry_after > 0:
        return TooManyRequests(
            Words(
                f"尝试次数过多，请 {found.retry_after} 秒后再试",
                f"Too many attempts; try again in {found.retry_after} seconds",
            ),
            retry_after=found.retry_after,
        )
    return Unauthenticated(Words("登录名或密码不正确", "The name or the password is wrong"))
