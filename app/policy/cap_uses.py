"""Which caps that all pushes share are nearly used up now, and the words for it."""

from typing import Final

from app.clock import BEIJING, Clock
from app.db.session import Database
from app.db.versions import Followed, VersionWatch
from app.domain.cap_use import CapUse
from app.errors import Words
from app.policy import cap_use_repository as rows

CAP_USES: Final = "cap_uses"


class CapUses:
    """What every process knows of caps that are nearly used up; it follows its version."""

    def __init__(self, db: Database, watch: VersionWatch, clock: Clock) -> None:
        """Load on demand."""
        self._clock = clock
        self._known = Followed(db, watch, CAP_USES, lambda tx: rows.open_uses(tx, clock.now()))

    async def open(self) -> tuple[CapUse, ...]:
        """Return the uses in windows that are not over; VersionsStale where nobody can tell."""
        known = await self._known.get()
        now = self._clock.now()
        return tuple(one for one in known if one.ends_at > now) if known else ()


def use_words(use: CapUse) -> Words:
    """Say in both languages how far a cap is used."""
    until = use.ends_at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
    of = {"popups": ("条", "popups"), "pushes": ("个推送", "pushes")}[use.counts]
    return Words(
        f"上限 {use.cap_id} 本窗口已用 {use.used}/{use.allowed} {of[0]}，窗口至北京时间 {until}",
        f"Of the cap {use.cap_id} {use.used} of {use.allowed} {of[1]} are used in this window,"
        f" which ends at {until} (Beijing)",
    )
