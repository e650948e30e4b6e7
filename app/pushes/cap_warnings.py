"""Telling senders that a cap is nearly used up: in answers, and once a window by webhook."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import orjson

from app.clock import Clock
from app.db.session import Database, Tx
from app.db.versions import bump
from app.domain.cap_use import CapUse
from app.domain.envelope import instant_text
from app.domain.push import PushRequest
from app.frequency.windows import Scope
from app.ids import new_id
from app.loops import in_turns, when_idle
from app.policy import cap_use_repository as rows
from app.policy.cap_uses import CAP_USES, use_words
from app.pushes.facts import Standing
from app.webhooks.events import OutcomeEvent
from app.webhooks.repository import insert_event

EVENT_TYPE: Final = "cap.nearly_used"
_AT_ONCE: Final = 50
_IDLE_SECONDS: Final = 1.0


class CapWarnings:
    """Tells of uses that were noted while popups and pushes went out."""

    def __init__(self, db: Database, clock: Clock, tells: Callable[[str], bool]) -> None:
        """`tells` says whether a provider has an address for outcome webhooks."""
        self._db = db
        self._clock = clock
        self._tells = tells
        self.turned_at: float | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; an outage makes it wait and go on by itself."""
        await in_turns("cap_warnings", self.run_once, stop, when_idle(_IDLE_SECONDS))

    async def run_once(self) -> int:
        """Tell of everything that is noted and not told; return of how many."""

        def work(tx: Tx) -> int:
            uses = rows.untold_uses(tx, _AT_ONCE)
            for use in uses:
                rows.mark_told(tx, use)
                if self._tells(use.provider_id):
                    insert_event(tx, _event(use, self._clock.now()))
            if uses:
                bump(tx, CAP_USES, self._clock)
            return len(uses)

        is_any = await self._db.read(rows.any_untold)
        told = await self._db.write(work) if is_any else 0
        self.turned_at = self._clock.monotonic()
        return told


def bearing(standing: Standing, request: PushRequest, provider: str) -> list[CapUse]:
    """Return the uses of caps that a push of a provider would count for."""
    if standing.policy is None or not standing.uses:
        return []
    scope = Scope(provider, request.kind, request.topic, request.surface)
    caps = {cap.id: cap for cap in standing.policy.caps}
    return [
        use
        for use in standing.uses
        if (cap := caps.get(use.cap_id)) is not None
        and use.subject == scope.suffix(cap.per)
        and cap.covers.holds_for(request, provider)
    ]


def warning_json(use: CapUse) -> dict[str, Any]:
    """Return a use as senders see it."""
    says = use_words(use)
    return {
        "cap": use.cap_id,
        "counts": use.counts,
        "used": use.used,
        "limit": use.allowed,
        "ends_at": instant_text(use.ends_at),
        "says": {"zh": says.zh, "en": says.en},
    }


def _event(use: CapUse, now: datetime) -> OutcomeEvent:
    event_id = new_id("evt")
    body = {
        "id": event_id,
        "type": EVENT_TYPE,
        "at": instant_text(use.at),
        "push": {"id": use.push_id},
        "warning": warning_json(use),
    }
    text = orjson.dumps(body).decode()
    return OutcomeEvent(event_id, use.provider_id, use.push_id, EVENT_TYPE, text, now)
