"""Checking the whole ledger while everything else goes on: one check at a time in a process."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from app.audit.events import Actor, AuditKind
from app.audit.record import record
from app.audit.repository import last_checkpoint
from app.audit.verification import Verification, verify_ledger
from app.clock import Clock
from app.db.session import Database, Tx
from app.signing.keyring import Keyring
from app.signing.keys import Purpose

_KEPT: Final = 50
"""How many problems the ledger's own record of a check names."""

_log = structlog.get_logger("popgate.ledger_checks")


@dataclass(frozen=True, slots=True)
class Running:
    """A check under way: who asked when, and how many of the sealed entries were read.

    `of` is how many there were when it began, 0 until that is known; sealing goes on meanwhile.
    """

    by: str
    began_at: datetime
    read: int = 0
    of: int = 0

    @property
    def percent(self) -> int:
        """How far it has come, at most 100."""
        return min(100, 100 * self.read // self.of) if self.of else 0


@dataclass(frozen=True, slots=True)
class Failed:
    """A check that could not be finished, and so says nothing about the ledger."""

    by: str
    at: datetime
    reason: str


class LedgerChecks:
    """Runs checks in the background and records what each found.

    What runs and what failed is known to this process alone; what was found stands in the ledger.
    """

    def __init__(self, db: Database, clock: Clock, keyring: Keyring, files: Sequence[Path]) -> None:
        """Check against the public keys and the checkpoint `files` outside the database."""
        self._db = db
        self._clock = clock
        self._keyring = keyring
        self._files = tuple(files)
        self._task: asyncio.Task[None] | None = None
        self.running: Running | None = None
        self.failed: Failed | None = None

    def start(self, actor: Actor) -> bool:
        """Begin a check for somebody; False while one runs, which then is theirs as well."""
        if self.running is not None:
            return False
        self.running, self.failed = Running(actor.id, self._clock.now()), None
        self._task = asyncio.create_task(self._run(actor))
        return True

    async def ended(self) -> None:
        """Wait until nothing runs."""
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    async def close(self) -> None:
        """Break off what runs; nothing is recorded of it."""
        if self._task is not None:
            self._task.cancel()
        await self.ended()

    async def _run(self, actor: Actor) -> None:
        try:
            found = await self._verified()
            await self._db.write(partial(_record, at=self._clock.now(), actor=actor, found=found))
        except Exception as error:  # noqa: BLE001 - whatever it dies of is shown to who asked
            _log.exception("ledger_check_failed")
            self.failed = Failed(actor.id, self._clock.now(), f"{type(error).__name__}: {error}")
        finally:
            self.running = None

    async def _verified(self) -> Verification:
        last = await self._db.read(last_checkpoint)
        self._reached(0, 0 if last is None else last.size)
        keys = [key.raw for key in self._keyring.public_keys(Purpose.CHECKPOINT)]
        return await verify_ledger(self._db, keys, self._files, progress=self._reached)

    def _reached(self, read: int, of: int | None = None) -> None:
        if self.running is not None:
            whole = self.running.of if of is None else of
            self.running = replace(self.running, read=read, of=max(whole, read))


def _record(tx: Tx, at: datetime, actor: Actor, found: Verification) -> None:
    record(
        tx,
        at,
        AuditKind.LEDGER_VERIFIED,
        actor,
        "ledger",
        entries=found.entries,
        checkpoints=found.checkpoints,
        unsealed=found.unsealed,
        problems=[{"zh": one.zh, "en": one.en} for one in found.problems[:_KEPT]],
        notices=[{"zh": one.zh, "en": one.en} for one in found.notices],
    )
