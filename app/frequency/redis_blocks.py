"""Blocks over the Redis protocol: the half of the store that counts all recipients together."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import timedelta
from hashlib import blake2b
from typing import Any, Final

from app.frequency import block_packing, keys
from app.frequency.block_packing import block_counters, block_counts, record_keys
from app.frequency.blocks import Block, BlockOutcome, BlockRecord
from app.frequency.cap_window import GRACE, CapWindow
from app.frequency.packing import uses
from app.frequency.store import LARGEST_BATCH, Counted, Lapsed, Turn, Use

ANSWER_GRACE: Final = timedelta(hours=1)
"""How long a reservation's answer is remembered after it can no longer be asked for."""

_GRACE: Final = int(GRACE.total_seconds())
_YES: Final = b"1"


class BlockCalls:
    """`app.frequency.blocks.BlockStore`, over whatever runs scripts."""

    async def reserve_block(self, block: Block, turn: Turn) -> BlockOutcome:
        """See `BlockStore.reserve_block`."""
        now, deadline = self._now(), block_packing.block_deadline(block)
        if deadline <= now:
            return Lapsed()
        names = record_keys(block.bucket, block.records)
        caps = [block_packing.pack_cap(cap) for cap in block.caps]
        asked = repr((names, deadline, block.amount, caps)).encode()
        remember = deadline - now + int(ANSWER_GRACE.total_seconds())
        answer = await self._run_in_turn(
            "block_reserve",
            turn,
            [keys.reservation_key(block.bucket, block.id), *names],
            [
                now,
                _GRACE,
                keys.reservation_mark(block.id),
                blake2b(asked, digest_size=16).digest(),
                deadline,
                remember,
                block.amount,
                *caps,
            ],
        )
        return block_packing.block_outcome(block, answer)

    async def start_block(self, block_id: str, records: Sequence[BlockRecord], used: int) -> bool:
        """See `BlockStore.start_block`."""
        mark = keys.reservation_mark(block_id)
        return await self._change_block("block_start", block_id, records, [mark, used])

    async def give_back_block(
        self, block_id: str, records: Sequence[BlockRecord], number: int, attempt: int
    ) -> bool:
        """See `BlockStore.give_back_block`."""
        return await self._change_block("block_give_back", block_id, records, [number, attempt])

    async def commit_block(self, bucket: int, block_id: str) -> None:
        """See `BlockStore.commit_block`."""
        await self._run("block_commit", [keys.started_key(bucket, block_id)], [])

    async def restore_blocks(
        self, turn: Turn, counted: Mapping[BlockRecord, Sequence[Counted]]
    ) -> None:
        """See `BlockStore.restore_blocks`."""
        await self._restore_blocks(turn, (0, 1), {})
        step = 1
        records = list(counted)
        for first in range(0, len(records), LARGEST_BATCH):
            part = records[first : first + LARGEST_BATCH]
            await self._restore_blocks(turn, (step, step + 1), {one: counted[one] for one in part})
            step += 1
        await self._restore_blocks(turn, (step, 0), {})

    async def use_blocks(self, caps: Sequence[CapWindow]) -> tuple[Use, ...]:
        """See `BlockStore.use_blocks`."""
        found: dict[int, Use] = {}
        buckets: dict[int, list[tuple[int, str]]] = {}
        for at, cap in enumerate(caps):
            bucket, name = keys.block_place(cap.cap_id, cap.subject or "")
            buckets.setdefault(bucket, []).append((at, name))
        for bucket, places in buckets.items():
            theirs = [caps[at] for at, _ in places]
            marks = [
                b"".join(keys.block_counter_mark(cap.cap_id, part.window) for part in cap.parts)
                for cap in theirs
            ]
            names = [keys.head_key(bucket), *(name for _, name in places)]
            answer = await self._read(bucket, "block_use", names, [self._now(), _GRACE, *marks])
            counts = block_counts(answer, sum(len(cap.parts) for cap in theirs))
            found |= zip((at for at, _ in places), uses(theirs, counts), strict=True)
        return tuple(found[at] for at in range(len(caps)))

    async def _change_block(
        self, script: str, block_id: str, records: Sequence[BlockRecord], args: list[Any]
    ) -> bool:
        bucket, _ = keys.block_place(records[0].cap_id, records[0].subject)
        names = [keys.started_key(bucket, block_id), *record_keys(bucket, records)]
        return await self._run(script, names, [self._now(), _GRACE, *args]) == _YES

    async def _restore_blocks(
        self, turn: Turn, steps: tuple[int, int], part: Mapping[BlockRecord, Sequence[Counted]]
    ) -> None:
        names = record_keys(turn.bucket, part)
        packed = [block_counters(counters) for counters in part.values()]
        args = [self._now(), _GRACE, *steps, *packed]
        await self._run_in_turn("block_restore", turn, names, args)

    @abstractmethod
    def _now(self) -> int: ...

    @abstractmethod
    async def _run(self, script: str, names: list[str], args: list[Any]) -> bytes: ...

    @abstractmethod
    async def _run_in_turn(
        self, script: str, turn: Turn, names: list[str], args: list[Any]
    ) -> bytes: ...

    @abstractmethod
    async def _read(self, bucket: int, script: str, names: list[str], args: list[Any]) -> bytes: ...
