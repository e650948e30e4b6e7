"""Finding out what takes longer than a submission may: words in pictures, where links lead."""

import asyncio
from datetime import datetime
from typing import Final

from app.audit.events import AuditKind, system
from app.audit.record import record
from app.clock import Clock
from app.db.session import Database, Tx
from app.domain.links import LinkTrail
from app.domain.pictures import TextLine
from app.egress.trail import TrailFollower
from app.inspection.reading import PictureReader
from app.loops import in_turns, when_idle
from app.pushes import late_repository as late
from app.pushes.late_repository import LinkToFollow, PictureToRead

_BATCH: Final = 4
_IDLE_SECONDS: Final = 0.5


class PictureTexts:
    """Reads the words of pictures whose pushes wait for them."""

    def __init__(self, db: Database, clock: Clock, reader: PictureReader) -> None:
        """Several may run; the words of a picture are kept once."""
        self._db = db
        self._clock = clock
        self._reader = reader
        self.turned_at: float | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Read until `stop`; an outage makes it wait and go on by itself."""
        try:
            await in_turns("picture_texts", self.run_once, stop, when_idle(_IDLE_SECONDS))
        finally:
            await self._reader.aclose()

    async def run_once(self) -> int:
        """Read some pictures; return how many."""
        wanted = await self._db.read(lambda tx: late.pictures_to_read(tx, _BATCH))
        for picture in wanted:
            lines = await self._reader.read(picture.data)
            await self._keep(picture, lines)
            self.turned_at = self._clock.monotonic()
        self.turned_at = self._clock.monotonic()
        return len(wanted)

    async def _keep(self, picture: PictureToRead, lines: tuple[TextLine, ...] | None) -> None:
        now = self._clock.now()
        note: dict[str, object] = {"outcome": "failed" if lines is None else "read"}
        note["lines"] = len(lines or ())

        def work(tx: Tx) -> None:
            if late.store_text(tx, picture.sha256, lines, now):
                actor = system("picture_texts")
                record(tx, now, AuditKind.PICTURE_READ, actor, picture.sha256, **note)

        await self._db.write(work)


class LinkTrails:
    """Follows the links of pushes that wait for it."""

    def __init__(self, db: Database, clock: Clock, follower: TrailFollower) -> None:
        """Several may run; where a link led is kept once."""
        self._db = db
        self._clock = clock
        self._follower = follower
        self.turned_at: float | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Follow until `stop`; an outage makes it wait and go on by itself."""
        await in_turns("link_trails", self.run_once, stop, when_idle(_IDLE_SECONDS))

    async def run_once(self) -> int:
        """Follow some links, all at once; return how many."""
        wanted = await self._db.read(lambda tx: late.links_to_follow(tx, _BATCH))
        trails = await asyncio.gather(*(self._follower.follow(one.url) for one in wanted))
        for one, trail in zip(wanted, trails, strict=True):
            await self._keep(one, trail, self._clock.now())
        self.turned_at = self._clock.monotonic()
        return len(wanted)

    async def _keep(self, one: LinkToFollow, trail: LinkTrail, now: datetime) -> None:
        note: dict[str, object] = {"outcome": trail.outcome.value, "hops": list(trail.hops)}
        note["why"] = trail.reason

        def work(tx: Tx) -> None:
            if late.store_trail(tx, one.push_id, trail, now):
                actor = system("link_trails")
                record(tx, now, AuditKind.LINK_FOLLOWED, actor, one.push_id, **note)

        await self._db.write(work)
