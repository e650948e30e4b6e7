"""Popups that a replay has let into inboxes, and which of them a newer one may take the place of.

What `delivery/replacing.py` asks of an older popup is asked here: the same provider, a batch that
is through with one reservation and of which no exemption has let anybody through, and that what it
counts in makes room under every cap that is full.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from app.frequency.handed_over import LOOKED_AT
from app.frequency.replayed import Asked
from app.frequency.tallies import Opened


@dataclass(slots=True)
class BatchState:
    """How a batch has fared: how often it took slots, whether somebody waits, was exempted."""

    reservations: int = 0
    waits: bool = False
    exempted: bool = False


@dataclass(frozen=True, slots=True)
class Popup:
    """A popup in an inbox until it is fetched or expires, and the caps that bind it counts in."""

    batch: Asked
    state: BatchState
    provider: str
    until: datetime
    counted: Sequence[Opened]


class Inboxes:
    """By surface and recipient what lies unfetched, the oldest first."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._lying: dict[tuple[str, str], list[Popup]] = {}

    def put(self, surface: str, token: str, popup: Popup, at: datetime) -> None:
        """Note a popup; what was fetched before it is forgotten."""
        lying = self._unfetched(surface, token, at)
        self._lying[surface, token] = [*lying, popup]

    def take_back(
        self, surface: str, token: str, provider: str, full: Sequence[Opened], at: datetime
    ) -> Popup | None:
        """Take out the oldest popup whose slots make room under all caps that are full."""
        lying = self._unfetched(surface, token, at)
        for one in islice(_of(provider, lying), LOOKED_AT):
            if _may_go(one) and all(_makes_room(one, cap) for cap in full):
                lying.remove(one)
                return one
        return None

    def _unfetched(self, surface: str, token: str, at: datetime) -> list[Popup]:
        lying = self._lying.get((surface, token), [])
        lying[:] = [one for one in lying if one.until >= at]
        return lying


def _of(provider: str, lying: Sequence[Popup]) -> Iterator[Popup]:
    return (one for one in lying if one.provider == provider and not one.state.waits)


def _may_go(one: Popup) -> bool:
    return one.state.reservations == 1 and not one.state.exempted


def _makes_room(one: Popup, full: Opened) -> bool:
    return any(counted.counts_in(full) for counted in one.counted)
