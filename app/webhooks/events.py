"""What senders are told: one event a change of state, its body fixed when it happens."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class OutcomeEvent:
    """One event for one provider; `body` is the JSON text that is signed and sent."""

    id: str
    provider_id: str
    push_id: str
    type: str
    body: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class QueuedEvent:
    """An event and how sending it goes; `state` is pending, delivered or dead."""

    event: OutcomeEvent
    state: str
    attempts: int
    next_at: datetime
    finished_at: datetime | None
    last_status: int | None
    last_error: str | None
