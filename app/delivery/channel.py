"""What every channel can do: hand one batch over, once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from app.delivery.outcomes import Outcome
from app.delivery.repository import OutboxRow


@dataclass(frozen=True, slots=True)
class HandOver:
    """One batch: the row that it comes from, its signed bytes and who gets it now.

    `event_id` is the same when the same hand-over is tried again, so that a receiver can
    de-duplicate by it.
    """

    event_id: str
    row: OutboxRow
    envelope: bytes
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Handed:
    """What became of each recipient, words for the record, and seconds to wait if asked.

    An outcome WAITING means: certainly not handed over, may be tried again. STARTED means that
    nobody knows; the receiver de-duplicates, so it may be tried again with the same event id.
    """

    outcomes: Mapping[str, Outcome]
    detail: str
    retry_after: int | None = None


class Channel(Protocol):
    """A way to recipients."""

    async def send(self, hand_over: HandOver) -> Handed:
        """Hand a batch over; never raises for what the network or the receiver does."""
        ...
