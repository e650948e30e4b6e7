"""Caps without a recipient: a batch takes a block of them, and gives back what it did not use.

The life of a block::

    reserve -> (expires by itself) | start -> commit | give back | (never heard of again: used)

It is asked for as much as the batch has recipients and grants what there is room for. `start` says
how much is used and frees the rest. Each cap and subject has a record of its own, in one of the
buckets that follow those of the recipients; what is said of turns and lost counters in `store`
holds here as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from app.domain.policy import Over
from app.frequency.cap_window import CapWindow
from app.frequency.store import Counted, FrequencyStore, Lapsed, Turn, Use

LARGEST_BLOCK: Final = 10_000


@dataclass(frozen=True, slots=True)
class BlockRecord:
    """What a block takes from: a cap and what it is counted for, in the same bucket as the rest."""

    cap_id: str
    subject: str


@dataclass(frozen=True, slots=True)
class Block:
    """So much of caps in one bucket, asked for at once; `id` and `expires_at` as in `Reservation`.

    Each cap's `subject` says what it is counted for.
    """

    id: str
    bucket: int
    caps: tuple[CapWindow, ...]
    amount: int
    expires_at: datetime

    def __post_init__(self) -> None:
        """Refuse a block of nothing, caps that are a recipient's, and an instant without a zone."""
        if not 1 <= self.amount <= LARGEST_BLOCK:
            raise ValueError(f"a block holds 1 to {LARGEST_BLOCK}, not {self.amount}")
        if not self.caps or any(cap.subject is None for cap in self.caps):
            raise ValueError("a block is of caps that count all recipients together")
        if len(set(self.records)) != len(self.caps):
            raise ValueError("a cap occurs twice in one block")
        if self.expires_at.tzinfo is None:
            raise ValueError("expires_at has no time zone")

    @property
    def records(self) -> tuple[BlockRecord, ...]:
        """What it takes from, in the order of the caps."""
        return tuple(BlockRecord(cap.cap_id, cap.subject or "") for cap in self.caps)


@dataclass(frozen=True, slots=True)
class Room:
    """How much room a cap had, and when it has some again; a shadow cap stops nothing.

    `pending` of what is used other blocks have not started yet, and may free in a moment.
    """

    cap_id: str
    used: int
    limit: int
    resets_at: datetime
    over: Over
    is_shadow: bool
    pending: int = 0

    @property
    def left(self) -> int:
        """How much of it was left."""
        return max(self.limit - self.used, 0)


@dataclass(frozen=True, slots=True)
class Taken:
    """How much of a block was granted, and how each of its caps stood before."""

    granted: int
    rooms: tuple[Room, ...]


BlockOutcome = Taken | Lapsed


class StartedBlock(Protocol):
    """A block that was started, as whoever started it remembers it."""

    @property
    def id(self) -> str:
        """Its id."""
        ...

    @property
    def bucket(self) -> int:
        """Its bucket."""
        ...

    @property
    def records(self) -> Sequence[BlockRecord]:
        """What it takes from, in the order of the caps that it was reserved with."""
        ...


class BlockStore(Protocol):
    """Where blocks are counted; raises what `FrequencyStore` raises."""

    async def reserve_block(self, block: Block, turn: Turn) -> BlockOutcome:
        """Take as much as all its caps that bind have room for, the same of each."""
        ...

    async def start_block(self, block_id: str, records: Sequence[BlockRecord], used: int) -> bool:
        """Say how much is about to be used and free the rest; False if it expired or was lost."""
        ...

    async def give_back_block(
        self, block_id: str, records: Sequence[BlockRecord], number: int, attempt: int
    ) -> bool:
        """Free so many of a started block; an attempt (counted from 1) does so once.

        False for a block that is final or unknown. What was restored meanwhile stays as it is.
        """
        ...

    async def commit_block(self, bucket: int, block_id: str) -> None:
        """Make a started block final."""
        ...

    async def restore_blocks(
        self, turn: Turn, counted: Mapping[BlockRecord, Sequence[Counted]]
    ) -> None:
        """Do what `FrequencyStore.restore` does, for a bucket of blocks."""
        ...

    async def use_blocks(self, caps: Sequence[CapWindow]) -> tuple[Use, ...]:
        """Read how much of each cap is used by all recipients of its subject; changes nothing."""
        ...


class Counters(FrequencyStore, BlockStore, Protocol):
    """Everything that is counted: recipients' slots and blocks."""
