"""Caps that count all recipients together: a batch takes a block of each, and what is left of it.

A block is reserved before the recipients' own slots are, for as many as the batch has, and started
for those who got a slot: the rest of it is free again at once. What it counts in stands in a row of
its own beside the attempt (`models.counted_blocks`), from which lost counters are counted again.
"""

import contextlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from app.delivery.repository import OutboxRow
from app.domain.cap_use import CapUse, is_nearly_used
from app.domain.policy import Cap, Counts, Over
from app.errors import CountersUnavailable
from app.frequency.blocks import Block, BlockRecord, Counters, Room
from app.frequency.cap_window import CapWindow
from app.frequency.keys import block_place
from app.frequency.ledger import CapLedger, GrantedBlock
from app.frequency.store import Lapsed
from app.frequency.windows import Scope, open_windows
from app.ids import new_id

_MOMENT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class CountedBlock:
    """A block of one bucket that an attempt uses.

    `caps` has rows of cap, subject, window and Unix time of the noted end, all of which is over by
    `counts_until`.
    """

    id: str
    bucket: int
    caps: Sequence[Sequence[Any]]
    counts_until: datetime

    @property
    def records(self) -> list[BlockRecord]:
        """What it takes from."""
        return [BlockRecord(cap_id, subject) for cap_id, subject, _, _ in self.caps]


@dataclass(frozen=True, slots=True)
class Blocks:
    """Blocks that are reserved for a batch: for how many recipients all of them have room."""

    granted: tuple[GrantedBlock, ...]
    room: int

    def full_at(self, place: int) -> Room:
        """Return which cap stops the recipient at a place (0: the first) from `room` on.

        As with recipients' own caps: one that drops before one that waits, and then the one that
        has room last. But first one that is full whatever other blocks free.
        """
        binding = [room for room in self._rooms() if not room.is_shadow]
        full = [room for room in binding if room.left + room.pending <= place]
        # A record that holds no further counter may stop somebody although there is room.
        full = full or [room for room in binding if room.left <= place] or binding
        return max(full, key=lambda one: (one.over is Over.DROP, one.resets_at))

    def shadowed(self, tokens: Sequence[str]) -> list[tuple[str, str]]:
        """Name those of whoever is reached whom shadow caps would have stopped: the last ones."""
        rooms = (room for room in self._rooms() if room.is_shadow)
        return [(token, room.cap_id) for room in rooms for token in tokens[room.left :]]

    def _rooms(self) -> list[Room]:
        return [room for one in self.granted for room in one.taken.rooms]


async def reserve_blocks(
    ledger: CapLedger, row: OutboxRow, caps: Sequence[Cap], number: int, at: tuple[datetime, str]
) -> Blocks | None:
    """Reserve so much of every cap that counts all together; None if that lapsed meanwhile.

    `at` is the instant and the surface's time zone. Raises CountersUnavailable; what was reserved
    by then lapses by itself.
    """
    now, zone = at
    scope = Scope(row.provider_id, row.kind, row.topic, row.surface_id)
    # One bucket after the other, and none is waited for while another is held.
    by_bucket: dict[int, list[CapWindow]] = {}
    for cap in open_windows(caps, now, zone, scope):
        bucket, _ = block_place(cap.cap_id, cap.subject or "")
        by_bucket.setdefault(bucket, []).append(cap)
    blocks = Blocks((), number)
    for bucket, windows in sorted(by_bucket.items()):
        if not blocks.room:
            break
        expires_at = (row.lease_until or now) + _MOMENT
        asked = Block(new_id("blk"), bucket, tuple(windows), blocks.room, expires_at)
        granted = await ledger.grant_block(asked)
        if isinstance(granted, Lapsed):
            await start_blocks(ledger, blocks, 0)
            return None
        blocks = Blocks((*blocks.granted, granted), granted.taken.granted)
    return blocks


async def start_blocks(ledger: CapLedger, blocks: Blocks, used: int) -> bool:
    """Start blocks for so many recipients and free the rest; False if one of them lapsed.

    Raises CountersUnavailable if anything is to be used; what is not lapses by itself otherwise.
    """
    if not used:
        with contextlib.suppress(CountersUnavailable):
            for one in blocks.granted:
                await ledger.start_block(one, 0)
        return True
    return all([await ledger.start_block(one, used) for one in blocks.granted])


def counted_blocks(blocks: Blocks) -> tuple[CountedBlock, ...]:
    """Return what an attempt keeps of the blocks that it uses."""
    return tuple(_counted(one.block) for one in blocks.granted)


def nearly_used(blocks: Blocks, row: OutboxRow, used: int, now: datetime) -> tuple[CapUse, ...]:
    """Return the caps of which this batch leaves no more than a fifth, or nothing."""
    found = []
    for one in blocks.granted:
        for cap, room in zip(one.block.caps, one.taken.rooms, strict=True):
            after = room.used + used
            # With a limit of one there is nothing to warn of.
            if room.is_shadow or room.limit == 1 or not is_nearly_used(after, room.limit):
                continue
            window, ends_at = _whole_window(cap, now)
            found.append(
                CapUse(
                    *(cap.cap_id, cap.subject or "", window, Counts.POPUPS.value, after, cap.limit),
                    *(ends_at, row.push_id, row.provider_id, now),
                )
            )
    return tuple(found)


def _whole_window(cap: CapWindow, now: datetime) -> tuple[str, datetime]:
    """Return the window that a warning is about; of a rolling span as much as it is long."""
    if not cap.before:
        return cap.window, cap.ends_at
    seconds = round((cap.ends_at - cap.last_moment).total_seconds())
    number = int(now.timestamp()) // seconds
    return f"span:{seconds}:{number}", datetime.fromtimestamp((number + 1) * seconds, UTC)


def numbers(blocks: Blocks) -> Mapping[int, int]:
    """Return under which number of its bucket each block was granted."""
    return {one.block.bucket: one.number for one in blocks.granted}


async def settle_blocks(
    counters: Counters, blocks: Sequence[CountedBlock], free: int, attempt: int
) -> None:
    """Free so many of each started block, once an attempt; with none they are final.

    What counters that are down cannot free stays used.
    """
    for block in blocks:
        with contextlib.suppress(CountersUnavailable):
            if free:
                await counters.give_back_block(block.id, block.records, free, attempt)
            else:
                await counters.commit_block(block.bucket, block.id)


def _counted(block: Block) -> CountedBlock:
    caps = [
        [cap.cap_id, cap.subject or "", cap.window, math.ceil(cap.noted_end.timestamp())]
        for cap in block.caps
    ]
    until = max(math.ceil(cap.noted_end.timestamp()) for cap in block.caps)
    return CountedBlock(block.id, block.bucket, caps, datetime.fromtimestamp(until, UTC))
