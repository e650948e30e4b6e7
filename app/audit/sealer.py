"""Seals new entries: a place in the tree, a signed checkpoint, a copy outside the database."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import structlog
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app.audit.chain import HASH_SIZE, Frontier
from app.audit.checkpoint import Checkpoint, CheckpointError, note_hash, parse_note, sign_checkpoint
from app.audit.events import instant_text
from app.audit.repository import (
    SealRacedError,
    StoredCheckpoint,
    checkpoint_at,
    checkpoints_after,
    insert_seal,
    last_checkpoint,
    unsealed,
)
from app.audit.sinks import CheckpointSink, LedgerError
from app.clock import Clock
from app.db.session import Database, Tx
from app.errors import GatewayError, Words
from app.signing.keyring import Keyring
from app.signing.keys import Purpose

INTERVAL_SECONDS: Final = 0.5
BATCH: Final = 5_000
_COPY: Final = 500
"""Checkpoints that are copied to a sink at a time."""
_RECENT: Final = 4_000
_SWEEP_SHARE: Final = 100
"""A look through the whole ledger may take one hundredth of the time; between two of them only the
most recent entries are looked at, as many as a batch that commits late may lie behind. A small
ledger is thus looked through every time."""
_RACES: Final = 20

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SealerStatus:
    """How sealing goes: leaves sealed, monotonic time of the last good run, what is wrong."""

    size: int = 0
    good_at: float | None = None
    failure: Words | None = None


class Sealer:
    """Takes entries without a leaf, in any number of processes, and seals them in batches."""

    def __init__(
        self,
        db: Database,
        keyring: Keyring,
        clock: Clock,
        sinks: Sequence[CheckpointSink],
        origin: str,
    ) -> None:
        """`origin` names this ledger in every checkpoint: no spaces, no plus sign."""
        self._db = db
        self._keyring = keyring
        self._clock = clock
        self._sinks = tuple(sinks)
        self._origin = origin
        self._trusted: StoredCheckpoint | None = None
        self._next_sweep = 0.0
        self.status = SealerStatus()

    async def run(self, stop: asyncio.Event) -> None:
        """Seal every half second until `stop`, then once more; an outage is tried again."""
        while not stop.is_set():
            await self._try_once()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), INTERVAL_SECONDS)
        await self._try_once()

    async def run_once(self) -> int:
        """Bring the sinks level, seal what has no leaf yet and return how many that were.

        Raises LedgerError when the database lacks a checkpoint that a sink has, or when the
        last checkpoint is not ours: then nothing is sealed. Call it before serving.
        """
        await self._bring_level()
        sealed = 0
        while (count := await self._seal_batch()) > 0:
            sealed += count
        if sealed:
            await self._bring_level()
        size = 0 if self._trusted is None else self._trusted.size
        self.status = SealerStatus(size, self._clock.monotonic())
        return sealed

    async def _try_once(self) -> None:
        try:
            await self.run_once()
        except (GatewayError, OSError, SealRacedError) as error:
            words = error.detail if isinstance(error, GatewayError) else _unwritten(error)
            self.status = replace(self.status, failure=words)
            _log.error("sealing_failed", reason=words.en)

    async def _bring_level(self) -> None:
        """Copy to every sink the checkpoints that it lacks; refuse where it is ahead."""
        for sink in self._sinks:
            try:
                await self._copy_to(sink)
            except CheckpointError as error:
                raise LedgerError(
                    Words(
                        "检查点已损坏，请运行 popgate audit verify",
                        "a checkpoint is damaged; run popgate audit verify",
                    )
                ) from error

    async def _copy_to(self, sink: CheckpointSink) -> None:
        # The sink first: what it holds was in the database before.
        head = await asyncio.to_thread(sink.head)
        size = parse_note(head).checkpoint.size if head else 0
        known = await self._db.read(partial(checkpoint_at, size=size))
        if head and (known is None or known.note != head):
            raise _rolled_back(size)
        while missing := await self._db.read(partial(checkpoints_after, size=size, limit=_COPY)):
            await asyncio.to_thread(sink.append, [one.note for one in missing])
            size = missing[-1].size

    async def _seal_batch(self) -> int:
        for _ in range(_RACES):
            previous = await self._db.read(last_checkpoint)
            tree = self._verified_tree(previous)
            batch = await self._take()
            if not batch:
                return 0
            grown = tree.extended(map(_leaf, batch))
            with contextlib.suppress(SealRacedError):
                sealed = self._signed(previous, grown)
                work = partial(insert_seal, previous=previous, batch=batch, sealed=sealed)
                if await self._db.write(work):
                    self._trusted = sealed
                    return len(batch)
        raise SealRacedError

    async def _take(self) -> list[tuple[str, str]]:
        """Return entries without a leaf: the whole ledger's when that is due, else recent ones."""
        began = self._clock.monotonic()
        if began < self._next_sweep:
            recent = await self._db.read(partial(unsealed, limit=_RECENT, newest=_RECENT))
            if len(recent) < _RECENT:
                return recent
        found = await self._db.read(_sweep)
        ended = self._clock.monotonic()
        self._next_sweep = ended + _SWEEP_SHARE * (ended - began)
        return found

    def _verified_tree(self, previous: StoredCheckpoint | None) -> Frontier:
        """Return the tree to go on with, once its root is known to be what one of us signed."""
        if previous is None:
            if self._trusted is not None:
                raise _rolled_back(self._trusted.size)
            return Frontier()
        if previous != self._trusted:
            if self._trusted is not None and previous.size < self._trusted.size:
                raise _rolled_back(self._trusted.size)
            self._verify(previous)
            self._trusted = previous
        return previous.tree()

    def _verify(self, stored: StoredCheckpoint) -> None:
        keys = {key.key_id: key.raw for key in self._keyring.public_keys(Purpose.CHECKPOINT)}
        try:
            note = parse_note(stored.note)
            stated = note.checkpoint
            Ed25519PublicKey.from_public_bytes(keys[stated.key_id]).verify(
                note.signature, stated.text().encode()
            )
            genuine = (
                stated.origin == self._origin
                and stated.size == stored.size
                and stated.root == stored.tree().root()
            )
        except (CheckpointError, KeyError, ValueError, InvalidSignature):
            genuine = False
        if not genuine:
            raise LedgerError(
                Words(
                    f"数据库中的检查点 {stored.size} 不是本网关签署的，请运行 popgate audit verify",
                    f"checkpoint {stored.size} in the database was not signed by this gateway; "
                    "run popgate audit verify",
                )
            )

    def _signed(self, previous: StoredCheckpoint | None, tree: Frontier) -> StoredCheckpoint:
        key = self._keyring.active(Purpose.CHECKPOINT)
        at = self._clock.now()
        checkpoint = Checkpoint(
            origin=self._origin,
            size=tree.size,
            root=tree.root(),
            previous=None if previous is None else note_hash(previous.note),
            at=instant_text(at),
            key_id=key.key_id,
        )
        note = sign_checkpoint(checkpoint, key.raw, partial(_sign, self._keyring, key.key_id))
        return StoredCheckpoint(tree.size, at, note, b"".join(tree.nodes).hex())


def _sweep(tx: Tx) -> list[tuple[str, str]]:
    return unsealed(tx, BATCH)


def _sign(keyring: Keyring, key_id: str, data: bytes) -> bytes:
    made = keyring.sign(Purpose.CHECKPOINT, data)
    if made.key_id != key_id:
        # The key was rotated in this very moment; the text names the old one.
        raise SealRacedError
    return made.value


def _leaf(entry: tuple[str, str]) -> bytes:
    entry_id, digest = entry
    try:
        leaf = bytes.fromhex(digest)
    except ValueError:
        leaf = b""
    if len(leaf) != HASH_SIZE:
        raise LedgerError(
            Words(
                f"留痕记录 {entry_id} 的摘要已损坏",
                f"the digest of audit entry {entry_id} is damaged",
            )
        )
    return leaf


def _rolled_back(size: int) -> LedgerError:
    return LedgerError(
        Words(
            f"检查点 {size} 存在于数据库之外，但数据库中没有：数据库被回退或篡改，已停止封存",
            f"checkpoint {size} exists outside the database and not in it: the database was "
            "rolled back or tampered with; nothing is sealed",
        )
    )


def _unwritten(error: Exception) -> Words:
    return Words(f"检查点写入失败（{error}）", f"the checkpoint could not be written ({error})")
