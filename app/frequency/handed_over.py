"""What the database knows of slots that were handed over, for counters that have lost them."""

from collections.abc import AsyncIterator, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol, TypeAlias

from app.db.session import Tx
from app.frequency.caps_in_force import CapsInForce
from app.frequency.store import Group

LOOKED_AT: Final = 8
"""How many older popups of a recipient are looked at for one that may be replaced."""

Freed: TypeAlias = Mapping[str, tuple[tuple[str, str], ...]]
"""By recipient the caps and windows in which one slot each is free, as the database knows."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Slots that one recipient, or a block's subject, has used of one cap in one window."""

    recipient: str
    cap_id: str
    window: str
    ends_at: datetime
    number: int = 1


class HandedOver(Protocol):
    """What the database knows to have been handed over, or cannot rule out."""

    def settle(self, tx: Tx, bucket: int) -> None:
        """Wait until no attempt of the bucket is between its last look and its commit."""
        ...

    def slots(
        self, bucket: int, since: datetime, counting: CapsInForce | None = None
    ) -> AsyncIterator[Iterable[Slot]]:
        """Yield, batch by batch, every slot used in windows that end after `since`.

        With `counting` those of its caps alone, and of what was sent before they counted it too.
        """
        ...


def those_of(groups: Iterable[Group], names: Container[str]) -> Iterator[Group]:
    """Yield groups with those of their recipients who are named, if there are any."""
    for group in groups:
        theirs = tuple(name for name in group.recipients if name in names)
        if theirs:
            yield replace(group, recipients=theirs)
