"""What counts against the caps as the outbox knows it, for counters that have lost it.

Everything that was started counts, unless it certainly reached nobody: accepted, unknown, and
started without a result. Where a row was tried in several windows it counts in each of them.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeAlias

from app.db.session import Database, Tx
from app.delivery import ledger_repository as rows
from app.delivery.counted_before import blocks_before, noted_end, own_before
from app.delivery.ledger_repository import BlockRow, CountedRow
from app.delivery.outcomes import USED
from app.domain.counting import CountedCap
from app.frequency.caps_in_force import CapsInForce, begins
from app.frequency.handed_over import Slot
from app.frequency.keys import BUCKETS, qualified
from app.frequency.store import Group

Windows: TypeAlias = list[dict[str, Any]]
"""Groups of caps with their windows as rows of id, name and Unix time of the noted end
(`CapWindow.noted_end`); `only` names the recipients, None those whom no other group names."""


class OutboxSlots:
    """`app.frequency.handed_over.HandedOver` over the outbox and its attempts."""

    def __init__(self, db: Database) -> None:
        """Read the outbox."""
        self._db = db

    def settle(self, tx: Tx, bucket: int) -> None:
        """See `HandedOver.settle`."""
        rows.lock_sending(tx, bucket)

    async def slots(
        self, bucket: int, since: datetime, counting: CapsInForce | None = None
    ) -> AsyncIterator[Iterable[Slot]]:
        """See `HandedOver.slots`."""
        lacking = () if counting is None else counting.lacking(bucket)
        pages = [partial(_page, bucket, since, counting, lacking)]
        if bucket >= BUCKETS and counting is not None and lacking:
            # What counts all recipients together may have reached anybody.
            pages += [partial(_blocks_before, bucket, one, counting) for one in range(BUCKETS)]
        for read in pages:
            last = ""
            while (page := await self._db.read(partial(read, last))) is not None:
                last, slots = page
                yield [slot for slot in slots if slot.ends_at > since]


Page: TypeAlias = tuple[str, list[Slot]]
"""The slots of rows that follow one, and the last of those rows."""


def _page(
    bucket: int,
    since: datetime,
    counting: CapsInForce | None,
    lacking: Sequence[CountedCap],
    after: str,
    tx: Tx,
) -> Page | None:
    if bucket < BUCKETS:
        at = None if counting is None else begins(lacking, counting.at)
        page = rows.counted_rows(tx, bucket, since, after, at)
        slots = [slot for row in page for slot in _slots(tx, row, counting, lacking)]
        return (page[-1].id, slots) if page else None
    blocks = rows.block_rows(tx, bucket, since, after)
    slots = [slot for row in blocks for slot in _block(row, counting)]
    return (blocks[-1].id, slots) if blocks else None


def _blocks_before(bucket: int, of: int, counting: CapsInForce, after: str, tx: Tx) -> Page | None:
    """Return what rows of a recipients' bucket use of caps that did not count them when sent."""
    lacking = counting.lacking(bucket)
    page = rows.counted_rows(tx, of, None, after, begins(lacking, counting.at))
    noted = rows.noted_blocks(tx, [row.id for row in page])
    slots = [slot for row in page for slot in blocks_before(row, bucket, lacking, counting, noted)]
    return (page[-1].id, slots) if page else None


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
        ends = [[cap.cap_id, cap.window, noted_end(cap)] for cap in caps]
        windows.append({"caps": ends, "only": only if windows else None})
    ends_at = [noted_end(cap) for only, caps in members if only for cap in caps]
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


def _slots(
    tx: Tx, row: CountedRow, counting: CapsInForce | None, lacking: Sequence[CountedCap]
) -> Iterator[Slot]:
    before = own_before(tx, row, lacking, counting) if counting is not None and lacking else None
    for token, letter in zip(row.recipients, row.outcomes, strict=True):
        if letter not in USED:
            continue
        met: dict[tuple[str, str], int] = {}
        for tried in row.tries:
            for cap_id, window, ends in caps_of(tried.windows, token):
                if counting is None or counting.notes(cap_id, tried.started_at):
                    met[cap_id, window] = max(ends, met.get((cap_id, window), 0))
        for cap_id, window, ends in before(token) if before else ():
            met[cap_id, window] = max(ends, met.get((cap_id, window), 0))
        name = qualified(row.surface_id, token)
        for (cap_id, window), ends in met.items():
            yield Slot(name, cap_id, window, datetime.fromtimestamp(ends, UTC))


def _block(row: BlockRow, counting: CapsInForce | None) -> Iterator[Slot]:
    """Yield what a row uses: as many as it may have reached, in each window it was tried in."""
    used = sum(letter in USED for letter in row.outcomes)
    if not used:
        return
    met: dict[tuple[str, str, str], int] = {}
    for started_at, caps in row.caps:
        for cap_id, subject, window, ends in caps:
            if counting is None or counting.notes(cap_id, started_at):
                name = (cap_id, subject, window)
                met[name] = max(ends, met.get(name, 0))
    for (cap_id, subject, window), ends in met.items():
        yield Slot(subject, cap_id, window, datetime.fromtimestamp(ends, UTC), used)
