"""Batches that were given up: listed, and put back into the outbox by a person."""

from app.audit.events import Actor, AuditKind
from app.audit.record import record
from app.clock import Clock
from app.db.session import Database, Tx
from app.delivery import dispatch_repository as rows
from app.delivery.outcomes import Outcome
from app.delivery.repository import OutboxRow
from app.errors import Conflict, NotFound, Words


class DeadLetters:
    """The dead letters of all channels."""

    def __init__(self, db: Database, clock: Clock) -> None:
        """Read and write the outbox."""
        self._db = db
        self._clock = clock

    async def newest(self, limit: int = 100) -> list[OutboxRow]:
        """Return the dead letters, the newest first."""
        return await self._db.read(lambda tx: rows.dead_rows(tx, limit))

    async def replay(self, actor: Actor, row_id: str) -> OutboxRow:
        """Try a dead letter again; everything is checked as for a new one.

        Failed recipients are asked a slot for again; unknown ones are sent the same event id,
        so that the receiver can de-duplicate. NotFound; Conflict if it expired or is no dead
        letter any more.
        """

        def work(tx: Tx) -> OutboxRow:
            row = rows.row_by_id(tx, row_id)
            if row is None:
                raise NotFound(Words("没有这条死信", "There is no such dead letter"))
            now = self._clock.now()
            if row.expires_at <= now or row.stop is not None:
                words = Words("该推送已过期或已停止", "The push has expired or was stopped")
                raise Conflict(words, code="not_replayable")
            unknown = Outcome.UNKNOWN in row.outcomes
            # One at a time: a resumed hand-over keeps its event id and recipients.
            before, after = (
                (Outcome.UNKNOWN, Outcome.STARTED) if unknown else (Outcome.FAILED, Outcome.WAITING)
            )
            if not rows.revive(tx, row_id, row.outcomes.replace(before, after), now):
                raise Conflict(Words("它已不是死信", "It is no dead letter"), code="not_dead")
            record(tx, now, AuditKind.DEAD_LETTER_REPLAYED, actor, row.push_id, row=row_id)
            return row

        return await self._db.write(work)
