"""What counts against the caps as the outbox knows it, for counters that have lost it.

Everything that was started counts, unless it certainly reached nobody: accepted, unknown, and
started without a result. Where a row was tried in several windows it counts in each of them.
"""

import math
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeAlias

from app.db.session import Database, Tx
from app.delivery import ledger_repository as rows
from app.delivery.ledger_repository import BlockRow, CountedRow
from app.delivery.outcomes import Outcome
from app.frequency.cap_window import CapWindow
from app.frequency.handed_over import Slot
from app.frequency.keys import BUCKETS, qualified
from app.frequency.store import Group

Windows: TypeAlias = list[dict[str, Any]]
"""Groups of caps with their windows as rows of id, name and Unix time of the noted end
(`CapWindow.noted_end`); `only` names the recipients, None those whom no other group names."""

USED = frozenset({Outcome.STARTED.value, Outcome.ACCEPTED.value, Outcome.UNKNOWN.value})


class OutboxSlots:
    """`app.frequency.handed_over.HandedOver` over the outbox and its attempts."""

    def __init__(self, db: Database) -> None:
        """Read the outbox."""
        self._db = db

    def settle(self, tx: Tx, bucket: int) -> None:
        """See `HandedOver.settle`."""
        rows.lock_sending(tx, bucket)

    async def slots(self, bucket: int, since: datetime) -> AsyncIterator[Iterable[Slot]]:
        """See `HandedOver.slots`."""
        last = ""
        while True:
            page = await self._db.read(partial(_page, bucket, since, last))
            if page is None:
                return
            last, slots = page
            yield slots


def _page(bucket: int, since: datetime, after: str, tx: Tx) -> tuple[str, list[Slot]] | None:
    """Return the slots of the rows that follow one, and the last of those rows."""
    if bucket < BUCKETS:
        page = rows.counted_rows(tx, bucket, since, after)
        return (page[-1].id, [slot for row in page for slot in _slots(row)]) if page else None
    blocks = rows.block_rows(tx, bucket, since, after)
    return (blocks[-1].id, [slot for row in blocks for slot in _block(row)]) if blocks else None


def windows_of(
    groups: Sequence[Group], tokens: Mapping[str, str]
) -> tuple[Windows, datetime | None]:
    """Return what an attempt keeps of the windows it counts in, and the last one's end.

    `tokens` gives, by the name in the ledger, the token of each recipient that is handed over.
    There is no end where no cap is counted.
    """
    members = [
        ([tokens[name] for name in group.recipients if name in tokens], group.caps)
        for group in groups
    ]
    # Mostly all are in one time zone, and then nobody has to be named.
    members.sort(key=lambda one: len(one[0]), reverse=True)
    windows: Windows = []
    for only, caps in (one for one in members if one[0]):
        ends = [[cap.cap_id, cap.window, _noted(cap)] for cap in caps]
        windows.append({"caps": ends, "only": only if windows else None})
    ends_at = [_noted(cap) for only, caps in members if only for cap in caps]
    last = max(ends_at, default=None)
    return windows, None if last is None else datetime.fromtimestamp(last, UTC)


def caps_of(windows: Windows, token: str) -> list[list[Any]]:
    """Return the rows of id, name and end of the caps that a recipient counted in."""
    others: list[list[Any]] = []
    for group in windows:
        if group["only"] is None:
            others = group["caps"]
        elif token in group["only"]:
            return list(group["caps"])
    return others


def _noted(cap: CapWindow) -> int:
    return math.ceil(cap.noted_end.timestamp())


def _slots(row: CountedRow) -> Iterator[Slot]:
    for token, letter in zip(row.recipients, row.outcomes, strict=True):
        if letter not in USED:
            continue
        met: dict[tuple[str, str], int] = {}
        for windows in row.windows:
            for cap_id, window, ends in caps_of(windows, token):
                met[cap_id, window] = max(ends, met.get((cap_id, window), 0))
        name = qualified(row.surface_id, token)
        for (cap_id, window), ends in met.items():
            yield Slot(name, cap_id, window, datetime.fromtimestamp(ends, UTC))


def _block(row: BlockRow) -> Iterator[Slot]:
    """Yield what a row uses: as many as it may have reached, in each window it was tried in."""
    used = sum(letter in USED for letter in row.outcomes)
    if not used:
        return
    met: dict[tuple[str, str, str], int] = {}
    for caps in row.caps:
        for cap_id, subject, window, ends in caps:
            name = (cap_id, subject, window)
            met[name] = max(ends, met.get(name, 0))
    for (cap_id, subject, window), ends in met.items():
        yield Slot(subject, cap_id, window, datetime.fromtimestamp(ends, UTC), used)
