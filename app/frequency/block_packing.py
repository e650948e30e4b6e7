"""What the scripts of blocks are given and what they answer, as bytes."""

import math
import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from app.errors import CountersUnavailable, Words
from app.frequency import keys
from app.frequency.blocks import Block, BlockRecord, Room, Taken
from app.frequency.cap_window import GRACE, CapWindow
from app.frequency.store import Counted

_CAP: Final = struct.Struct(">BBBII")
_END: Final = struct.Struct(">I")
_GRANTED: Final = struct.Struct(">I")
_ROOM: Final = struct.Struct(">IBI")
_COUNTER: Final = struct.Struct(">II")
_SHADOW: Final = 2


def block_deadline(block: Block) -> int:
    """Return when a block lapses: no later than the first of its windows closes."""
    ends = [cap.last_moment for cap in block.caps]
    return int(min([block.expires_at, *ends]).timestamp())


def record_keys(bucket: int, records: Iterable[BlockRecord]) -> list[str]:
    """Return the keys of records; ValueError for one that is not in the bucket."""
    places = [keys.block_place(one.cap_id, one.subject) for one in records]
    if any(place != bucket for place, _ in places):
        raise ValueError(f"a cap that is not counted in bucket {bucket}")
    return [name for _, name in places]


def pack_cap(cap: CapWindow) -> bytes:
    """Return a cap as `block_reserve.lua` reads it."""
    parts = cap.parts
    early = int((GRACE - cap.grace).total_seconds())
    head = _CAP.pack(_SHADOW * cap.is_shadow, len(parts), cap.own + 1, cap.limit, early)
    return head + b"".join(
        keys.block_counter_mark(cap.cap_id, part.window)
        + _END.pack(math.ceil(part.ends_at.timestamp()))
        for part in parts
    )


def block_outcome(block: Block, answer: bytes) -> Taken:
    """Return what `block_reserve.lua` answered."""
    (granted,) = _GRANTED.unpack_from(answer)
    rooms = _ROOM.iter_unpack(answer[_GRANTED.size :])
    return Taken(
        granted,
        tuple(
            Room(
                cap.cap_id,
                used,
                cap.limit,
                cap.parts[part - 1].ends_at,
                cap.over,
                cap.is_shadow,
                pending,
            )
            for cap, (used, part, pending) in zip(block.caps, rooms, strict=True)
        ),
    )


def block_counters(counted: Sequence[Counted]) -> bytes:
    """Return one record's counters as `block_restore.lua` reads them."""
    return b"".join(
        keys.block_counter_mark(one.cap_id, one.window)
        + _COUNTER.pack(int(one.ends_at.timestamp()), one.used)
        for one in counted
    )


def block_counts(answer: bytes, number: int) -> Iterator[int]:
    """Return the counts that `block_use.lua` answered; CountersUnavailable unless so many."""
    if len(answer) != number * _GRANTED.size:
        raise CountersUnavailable(
            Words(
                f"计数器的答复长度不符：{len(answer)} 字节，应有 {number} 个数",
                f"the counters answered {len(answer)} bytes instead of {number} counts",
            )
        )
    return (count for (count,) in _GRANTED.iter_unpack(answer))
