"""Who is looking at a ticket: its open pages say so, and are forgotten when they fall silent."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

from app.clock import Clock
from app.db.session import Database, Tx
from app.errors import NotFound, Words
from app.review import repository
from app.review.look_repository import forget_looks, looks_at, note_look

BEAT_SECONDS: Final = 10
"""How often an open page says that it is there."""

_LAPSE: Final = timedelta(seconds=25)
_KEPT: Final = timedelta(minutes=5)


class Presence:
    """Looks at tickets; nobody's work depends on them, and the ledger does not keep them."""

    def __init__(self, db: Database, clock: Clock) -> None:
        """Take the time from `clock`: a look lapses after two beats and a half."""
        self._db = db
        self._clock = clock

    async def look(self, ticket_id: str, staff_id: str) -> tuple[str, ...]:
        """Note that a person has a ticket open; return who else has. NotFound."""

        def work(tx: Tx) -> tuple[str, ...]:
            if repository.ticket_by_id(tx, ticket_id) is None:
                raise NotFound(Words("没有这张工单", "There is no such ticket"))
            now = self._clock.now()
            forget_looks(tx, now - _KEPT)
            note_look(tx, ticket_id, staff_id, now)
            seen = looks_at(tx, [ticket_id], now - _LAPSE).get(ticket_id, [])
            return tuple(one for one in seen if one != staff_id)

        return await self._db.write(work)

    async def lookers(self, ticket_ids: Iterable[str]) -> Mapping[str, list[str]]:
        """Return by ticket who has it open now; tickets that nobody looks at are left out."""
        wanted, since = list(ticket_ids), self._clock.now() - _LAPSE
        return await self._db.read(lambda tx: looks_at(tx, wanted, since))
