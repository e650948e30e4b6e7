"""`popgate keys issue`: issues an API key to a provider's sender and prints it."""

import argparse
import asyncio
import sys
from typing import TYPE_CHECKING

from app.settings import Settings

if TYPE_CHECKING:
    from app.providers.keys import IssuedKey, SenderKeys


def run(args: argparse.Namespace) -> int:
    """Issue the key to the sender of that name, added if there is none; only it goes to stdout."""
    issued = asyncio.run(issue(Settings(), args.provider, args.name, args.holder))
    print(issued.raw)
    print(
        f"以上为发送方 {issued.sender_id} 的接口密钥，仅显示这一次。 "
        f"This is a key of sender {issued.sender_id}; it is shown only now.",
        file=sys.stderr,
    )
    return 0


async def issue(settings: Settings, provider_id: str, name: str, holder: str) -> "IssuedKey":
    """Issue a key with every scope; Conflict if the sender of that name has another holder."""
    from app.clock import SystemClock
    from app.db.revisions import require_newest
    from app.db.session import Database
    from app.db.versions import VersionWatch
    from app.providers.keys import SenderKeys
    from app.providers.writer import RegisterWriter

    await require_newest(settings.database)
    database, clock = Database(settings.database), SystemClock()
    try:
        watch = VersionWatch(database, clock)
        keys = SenderKeys(RegisterWriter(database, watch, clock))
        return await _issue(keys, provider_id, name, holder)
    finally:
        await database.close()


async def _issue(keys: "SenderKeys", provider_id: str, name: str, holder: str) -> "IssuedKey":
    from app.audit.events import system
    from app.errors import Conflict, Words
    from app.providers.keys import NewSender
    from app.providers.register import Scope

    actor = system("command line")
    known = await keys.find_sender(provider_id, name.strip())
    if known is not None and known.holder != holder.strip():
        words = Words(
            f"该发送方的持有人是{known.holder}", f"The holder of this sender is {known.holder}"
        )
        raise Conflict(words, code="other_holder")
    if known is not None:
        return await keys.issue(actor, known.id)
    scopes = frozenset(scope.value for scope in Scope)
    new = NewSender(provider_id, name, holder, None, scopes)
    return await keys.issue(actor, await keys.add_sender(actor, new))
