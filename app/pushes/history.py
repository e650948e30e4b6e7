"""What was pushed before, kept up with whatever any process writes."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from threading import Lock
from typing import Final

from app.clock import Clock
from app.db.session import Database, Tx
from app.db.together import after_commit
from app.domain.facts import HistoryFacts
from app.domain.push import PushRequest
from app.domain.state import PushState
from app.loops import in_turns
from app.pushes.history_repository import (
    OPEN,
    PastPush,
    becomes,
    changed_since,
    insert_past,
    root_of,
)
from app.pushes.past import Asked, Past
from app.pushes.records import StoredPush
from app.screening.likeness import Story

HISTORY_DAYS: Final = 90
"""How far back is read; the rule pack says how much of that counts."""
# Ours is noted at once; other processes write to a shared database alone.
_POLL_SECONDS = {"postgresql": 2.0, "sqlite": 20.0}
# Rows written at one time become visible one after the other, and clocks differ.
_OVERLAP = timedelta(seconds=5)
_ANEW = timedelta(days=1)
_AT_ONCE = 500


class History:
    """Stories of the last days by their likeness, and what each surface released when."""

    def __init__(self, db: Database, clock: Clock) -> None:
        """Nothing is read yet."""
        self._db = db
        self._clock = clock
        self._past = Past()
        self._seen: datetime | None = None
        self._begun: datetime | None = None
        self._lock = Lock()
        self._loading = asyncio.Lock()
        self.turned_at: float | None = None

    async def ready(self) -> None:
        """Load what there is, if nobody has yet; CannotJudge when the database is away."""
        if self._seen is None:
            async with self._loading:
                if self._seen is None:
                    await self.catch_up()

    async def run(self, stop: asyncio.Event) -> None:
        """Keep up with what is written until `stop` is set."""
        await in_turns("history", self.catch_up, stop, lambda _: _POLL_SECONDS[self._db.dialect])

    async def catch_up(self) -> int:
        """Read what changed since the last time; once a day all of it, to forget what is old."""
        now = self._clock.now()
        if self._begun is None or now - self._begun > _ANEW:
            return await self._begin(now)
        since = (self._seen or now) - _OVERLAP
        rows = await self._db.read(lambda tx: changed_since(tx, since))
        self._seen = now
        self.turned_at = self._clock.monotonic()
        return await asyncio.to_thread(self._take, self._past, rows)

    def remember(self, tx: Tx, push: StoredPush, request: PushRequest) -> None:
        """Note a push that may go out, in the transaction that stores it, for later ones."""
        root = push.id
        if push.replaces is not None:
            root = root_of(tx, push.replaces) or push.replaces
        past = _past_of(push, request, root)
        insert_past(tx, past)
        after_commit(tx, partial(self._note, past))

    def became(self, push_id: str, state: PushState, at: datetime) -> None:
        """Take in at once what this process made of a push."""
        known = becomes(state)
        if known is not None:
            with self._lock:
                self._past.became(push_id, known, at)

    def before(self, asked: Asked) -> HistoryFacts | None:
        """Return what was pushed before a push; None as long as nothing has been read."""
        if self._seen is None:
            return None
        with self._lock:
            return self._past.before(asked)

    def _note(self, past: PastPush) -> None:
        with self._lock:
            self._past.take(past)

    async def _begin(self, now: datetime) -> int:
        """Read the last days into a fresh memory, which takes the place of the old one."""
        fresh = Past()
        since = now - timedelta(days=HISTORY_DAYS)
        rows = await self._db.read(lambda tx: changed_since(tx, since))
        await asyncio.to_thread(self._take, fresh, rows)
        with self._lock:
            self._past = fresh
        # What this process noted meanwhile is read again by the next turn.
        self._begun = self._seen = now
        self.turned_at = self._clock.monotonic()
        return len(rows)

    def _take(self, into: Past, rows: Sequence[PastPush]) -> int:
        """Take rows in, some at a time, so that deciding need not wait for all of them."""
        new = 0
        for first in range(0, len(rows), _AT_ONCE):
            with self._lock:
                new += sum(into.take(row) for row in rows[first : first + _AT_ONCE])
        return new


def _past_of(push: StoredPush, request: PushRequest, root: str) -> PastPush:
    story = Story.told_by(request.title, request.body)
    return PastPush(
        push_id=push.id,
        root_id=root,
        surface_id=push.surface_id,
        kind=push.kind,
        topic=request.topic,
        title=story.title,
        text=story.text,
        submitted_at=push.submitted_at,
        state=OPEN,
        changed_at=push.submitted_at,
    )
