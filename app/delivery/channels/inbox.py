"""The built-in channel: a popup lies in the recipient's inbox until its client fetches it."""

from app.clock import Clock
from app.db.session import Database, Tx
from app.delivery import inbox_repository
from app.delivery.channel import Handed, HandOver
from app.delivery.dispatch_repository import row_by_id
from app.delivery.inbox_repository import InboxItem
from app.delivery.outcomes import Outcome
from app.ids import new_id


class InboxChannel:
    """Puts items into inboxes; the table holds one item a push and recipient for ever."""

    def __init__(self, db: Database, clock: Clock) -> None:
        """Deliver into the gateway's own database."""
        self._db = db
        self._clock = clock

    async def send(self, hand_over: HandOver) -> Handed:
        """Store one item for each recipient; a second try finds the first one's items.

        Nothing is stored once the row is stopped: it would lie there after the recall.
        """
        row = hand_over.row
        now = self._clock.now()
        items = [
            InboxItem(
                id=new_id("inb"),
                surface_id=row.surface_id,
                token=token,
                push_id=row.push_id,
                release_id=row.release_id,
                created_at=now,
                expires_at=row.expires_at,
            )
            for token in hand_over.recipients
        ]

        def work(tx: Tx) -> bool:
            held = row_by_id(tx, row.id)
            if held is None or held.stop is not None:
                return False
            inbox_repository.insert_items(tx, items)
            return True

        if await self._db.write(work):
            return Handed(dict.fromkeys(hand_over.recipients, Outcome.ACCEPTED), "in the inbox")
        return Handed(dict.fromkeys(hand_over.recipients, Outcome.WAITING), "stopped meanwhile")
