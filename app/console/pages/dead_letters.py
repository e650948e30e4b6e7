"""What could not be delivered: batches of popups and events for senders, each to be tried again."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fastapi import Response

from app.console.desk.lines import PushLine, push_line
from app.console.desk.names import Names, names_for
from app.console.flash import Flash
from app.console.permissions import Permission
from app.console.routing import Pages
from app.console.session import Visit
from app.console.views import redirect, render
from app.delivery.outcomes import Outcome
from app.delivery.repository import OutboxRow
from app.errors import Conflict, NotFound
from app.webhooks.events import QueuedEvent

pages = Pages()

LETTERS: Final = "/console/dead-letters"
EVENTS: Final = "/console/outcome-events"
_MOST: Final = 100
_STATES: Final = ("dead", "pending", "delivered")


@dataclass(frozen=True, slots=True)
class Letter:
    """A batch that was given up; `why_not` says why it cannot be tried again, or nothing."""

    id: str
    push: PushLine
    surface: str
    channel: str
    recipients: int
    outcomes: tuple[tuple[str, int], ...]
    attempts: int
    error: str
    created_at: datetime
    expires_at: datetime
    why_not: str


@dataclass(frozen=True, slots=True)
class EventLine:
    """An event for a sender and how sending it goes."""

    id: str
    push_id: str
    provider: str
    type: str
    state: str
    attempts: int
    status: int | None
    error: str
    created_at: datetime
    next_at: datetime
    body: str


@dataclass(frozen=True, slots=True)
class LettersView:
    """The batches; `is_whole` unless there are more than the page shows."""

    letters: tuple[Letter, ...]
    is_whole: bool
    can_replay: bool


@dataclass(frozen=True, slots=True)
class EventsView:
    """The events of one state, or all."""

    events: tuple[EventLine, ...]
    state: str
    states: tuple[str, ...]
    is_whole: bool
    can_replay: bool


@pages.get(LETTERS, Permission.DEAD_LETTER_READ)
async def letters(visit: Visit) -> Response:
    """List the batches of popups that were given up."""
    rows = await visit.services.dead_letters.newest(_MOST)
    pushes = await visit.services.views.by_ids(row.push_id for row in rows)
    names = await names_for(visit)
    view = LettersView(
        letters=tuple(
            _letter(row, push_line(pushes[row.push_id], names), names, visit.now()) for row in rows
        ),
        is_whole=len(rows) < _MOST,
        can_replay=visit.may(Permission.DEAD_LETTER_REPLAY),
    )
    return await render(visit, "letters/letters.html", view)


@pages.post("/console/dead-letters/{row_id}/replay", Permission.DEAD_LETTER_REPLAY)
async def replay_letter(visit: Visit) -> Response:
    """Put a batch back into the outbox, where everything is checked again."""
    try:
        row = await visit.services.dead_letters.replay(visit.actor, visit.path("row_id"))
    except (Conflict, NotFound) as error:
        return redirect(visit, LETTERS, Flash(f"letters.refused.{error.code}", "warn"))
    count = sum(row.outcomes.count(one) for one in (Outcome.FAILED, Outcome.UNKNOWN))
    return redirect(visit, LETTERS, Flash("letters.replayed", "good", {"count": count}))


@pages.get(EVENTS, Permission.DEAD_LETTER_READ)
async def events(visit: Visit) -> Response:
    """List what senders were told, the newest first."""
    state = visit.query("state")
    state = state if state in _STATES else ""
    queued = await visit.services.outcome_webhooks.newest(state or None, _MOST)
    names = await names_for(visit)
    view = EventsView(
        events=tuple(_event(one, names) for one in queued),
        state=state,
        states=_STATES,
        is_whole=len(queued) < _MOST,
        can_replay=visit.may(Permission.DEAD_LETTER_REPLAY),
    )
    return await render(visit, "letters/events.html", view)


@pages.post("/console/outcome-events/{event_id}/replay", Permission.DEAD_LETTER_REPLAY)
async def replay_event(visit: Visit) -> Response:
    """Send a dead event again, the same id and body."""
    back = f"{EVENTS}?state=dead"
    try:
        await visit.services.outcome_webhooks.replay(visit.actor, visit.path("event_id"))
    except Conflict as error:
        return redirect(visit, back, Flash(f"letters.refused.{error.code}", "warn"))
    return redirect(visit, back, Flash("letters.event_replayed"))


def _letter(row: OutboxRow, push: PushLine, names: Names, now: datetime) -> Letter:
    counted = Counter(row.outcomes)
    return Letter(
        id=row.id,
        push=push,
        surface=names.surface(row.surface_id),
        channel=row.channel,
        recipients=len(row.recipients),
        outcomes=tuple(
            (outcome.name.lower(), counted[outcome.value])
            for outcome in Outcome
            if counted[outcome.value]
        ),
        attempts=row.attempts,
        error=row.last_error or "",
        created_at=row.created_at,
        expires_at=row.expires_at,
        why_not=_why_not(row, now),
    )


def _why_not(row: OutboxRow, now: datetime) -> str:
    if row.stop is not None:
        return "stopped"
    return "expired" if row.expires_at <= now else ""


def _event(queued: QueuedEvent, names: Names) -> EventLine:
    event = queued.event
    return EventLine(
        id=event.id,
        push_id=event.push_id,
        provider=names.provider(event.provider_id),
        type=event.type,
        state=queued.state,
        attempts=queued.attempts,
        status=queued.last_status,
        error=queued.last_error or "",
        created_at=event.created_at,
        next_at=queued.next_at,
        body=event.body,
    )
