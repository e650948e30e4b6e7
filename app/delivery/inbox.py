"""The inbox as its recipients use it: fetch what waits, once, and report what happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.clock import Clock
from app.db.session import Database, Tx
from app.delivery import inbox_repository
from app.delivery.inbox_repository import WaitingItem
from app.domain.push import ContentKind
from app.policy.service import Reach, Switches, switches_on
from app.recipients.repository import standing_refusals

HANDED_AT_ONCE = 20
_CHANNEL = "inbox"


@dataclass(frozen=True, slots=True)
class ClientEvent:
    """What a client saw happen to one of its items: shown, closed or clicked."""

    item_id: str
    event: str
    at: datetime


class Inbox:
    """The built-in channel's far end."""

    def __init__(self, db: Database, clock: Clock) -> None:
        """Read and write the items that the inbox channel stored."""
        self._db = db
        self._clock = clock

    async def fetch(
        self, surface_id: str, token: str, limit: int = HANDED_AT_ONCE
    ) -> list[WaitingItem]:
        """Return what waits for a recipient and mark it as handed over before returning.

        Nothing that the recipient has refused or a kill switch stops, both read in the same
        transaction; what is refused is taken back.
        """
        now = self._clock.now()
        if not await self._db.read(
            lambda tx: bool(inbox_repository.waiting_items(tx, surface_id, token, now, 1))
        ):
            return []

        def work(tx: Tx) -> list[WaitingItem]:
            switches = switches_on(tx)
            items = inbox_repository.waiting_items(tx, surface_id, token, now, limit)
            refused = [item for item in items if _is_refused(tx, surface_id, token, item)]
            inbox_repository.mark_recalled(tx, [item.id for item in refused], now)
            handed = [
                item
                for item in items
                if item not in refused and not _is_stopped(switches, surface_id, item)
            ]
            inbox_repository.mark_handed(tx, [item.id for item in handed], now)
            return handed

        return await self._db.write(work)

    async def note(self, surface_id: str, token: str, events: Sequence[ClientEvent]) -> int:
        """Keep the first time of each event; return how many were of this recipient's items."""

        def work(tx: Tx) -> int:
            return sum(
                inbox_repository.note_event(
                    tx, surface_id, token, event.item_id, event.event, event.at
                )
                for event in events
            )

        return await self._db.write(work)


def _is_refused(tx: Tx, surface_id: str, token: str, item: WaitingItem) -> bool:
    kind = ContentKind(item.kind)
    return token in standing_refusals(tx, surface_id, [token], kind, personalised=item.personalised)


def _is_stopped(switches: Switches, surface_id: str, item: WaitingItem) -> bool:
    reach = Reach(item.provider_id, surface_id, item.kind, item.topic, _CHANNEL)
    return switches.stopping(reach) is not None
