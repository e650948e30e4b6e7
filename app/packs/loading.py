"""The compiled packs of this process: the one in force, the staged one, the one before."""

import asyncio
import contextlib
import os
import platform
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from app import metrics
from app.clock import Clock
from app.db.session import Database, Tx
from app.db.versions import POLL_SECONDS, Followed, VersionWatch
from app.domain.facts import Limit
from app.errors import CannotJudge, GatewayError, Words
from app.ids import new_id
from app.loops import in_turns
from app.packs import pack_repository as repository
from app.packs import worker_repository
from app.packs.compiling import Compiler
from app.packs.content import PackContent, items_digest
from app.packs.differences import Shipped
from app.packs.pack_repository import RulePack
from app.packs.worker_repository import Worker
from app.screening.rows import WordListError
from app.screening.screener import Screener

PACKS: Final = "packs"
"""The version that is raised when another pack comes into force."""
STAGED: Final = "packs_staged"
"""The version that is raised when another pack is to be loaded in advance."""
SHIPPED: Final = ""
"""Stands for no pack at all: the shipped lists alone."""

PATIENCE_SECONDS: Final = 3.0
"""How long a decision waits for the pack in force to be loaded, before it is refused."""
_BEAT_SECONDS: Final = 5.0
_AGAIN_SECONDS: Final = 5.0


class PackNotLoaded(CannotJudge):
    """The pack in force is still being loaded here; nothing is decided on the one before."""

    code = "pack_not_loaded"
    title = Words("规则包正在载入，暂停判定", "The rule pack is being loaded; nothing is decided")

    def __init__(self) -> None:
        """Ask the caller to wait a moment."""
        super().__init__(retry_after=1)


class PackBroken(CannotJudge):
    """A pack cannot be loaded: its rows are not those that were approved, or fit no list."""

    code = "pack_broken"
    title = Words("规则包无法载入，暂停判定", "The rule pack cannot be loaded; nothing is decided")


@dataclass(frozen=True, slots=True)
class Loaded:
    """One pack compiled; `pack_id` is empty and `number` 0 for the shipped lists alone."""

    pack_id: str
    number: int
    digest: str
    screener: Screener
    limits: tuple[Limit, ...]


@dataclass(frozen=True, slots=True)
class _InForce:
    """The pack in force (None: the shipped lists) and since when."""

    pack: RulePack | None
    since: datetime | None


class PackLoader:
    """Follows which pack is in force and has the next one ready before that."""

    def __init__(
        self,
        db: Database,
        watch: VersionWatch,
        clock: Clock,
        base: Screener,
        limits: tuple[Limit, ...],
    ) -> None:
        """Lay packs over `base`, the screener of the shipped lists and the operator's files."""
        self._db = db
        self._clock = clock
        self._watch = watch
        self.compiler = Compiler(base)
        self.base = base
        self.limits = limits
        self._shipped = Loaded(SHIPPED, 0, base.word_list_digest, base, limits)
        self._in_force = Followed(db, watch, PACKS, _read_in_force)
        self._to_stage = Followed(db, watch, STAGED, _read_staged)
        self._held: tuple[_InForce, Loaded] | None = None
        self._used_at: float | None = None
        self._ready: dict[tuple[str, str], Loaded] = {}
        self._loading: dict[tuple[str, str], asyncio.Task[Loaded]] = {}
        self._broken: dict[tuple[str, str], tuple[float, PackBroken]] = {}
        self._before: Loaded | None = None
        self.staged: Loaded | None = None
        self._me = Worker(
            id=new_id("wrk"),
            name=f"{platform.node()} · {os.getpid()}",
            seen_at=clock.now(),
            base_digest=base.word_list_digest,
            active_id=SHIPPED,
            staged_id=SHIPPED,
            load_ms=None,
            lag_ms=None,
            fault="",
        )
        self._told: Worker | None = None
        self.patience = PATIENCE_SECONDS
        self.turned_at: float | None = None

    @cached_property
    def ships(self) -> Shipped:
        """The shipped lists and limits as a pack would say them; only the console asks."""
        return Shipped(self.base.lexicon, self.limits)

    @property
    def last(self) -> Loaded | None:
        """The pack last decided with, however old; for what decides nothing."""
        return None if self._held is None else self._held[1]

    async def active(self) -> Loaded:
        """Return the pack in force, loading it if need be.

        Raises VersionsStale when this worker cannot tell which it is, PackNotLoaded when loading
        takes too long, PackBroken when it cannot be loaded. Never returns the one before.
        """
        loaded = await self._current(self.patience)
        self._used_at = self._clock.monotonic()
        return loaded

    async def load(self) -> None:
        """Read the versions and load the pack in force; PackBroken refuses to start."""
        await self._watch.refresh()
        await self._current(None)

    async def run(self, stop: asyncio.Event) -> None:
        """Switch, load in advance and say so, until `stop`; an outage only makes it wait."""
        await in_turns("packs", self.turn, stop, lambda _: POLL_SECONDS)
        with contextlib.suppress(GatewayError):
            await self._db.write(lambda tx: worker_repository.delete_worker(tx, self._me.id))

    async def turn(self) -> int:
        """Look once which packs are wanted, load them, and tell what is loaded; return how many."""
        faults = []
        for step in (lambda: self._current(None), self._stage):
            try:
                await step()
            except PackBroken as error:
                faults.append(error.detail.en)
        self._tidy()
        self._me = replace(
            self._me,
            active_id=SHIPPED if self.last is None else self.last.pack_id,
            staged_id=SHIPPED if self.staged is None else self.staged.pack_id,
            fault="; ".join(faults),
        )
        await self._tell()
        self.turned_at = self._clock.monotonic()
        return len(self._ready)

    async def _current(self, patience: float | None) -> Loaded:
        until = None if patience is None else self._clock.monotonic() + patience
        while True:
            wanted = await self._in_force.get()
            held = self._held
            if held is not None and held[0] is wanted:
                return held[1]
            left = None if until is None else until - self._clock.monotonic()
            loaded = await self._load(wanted.pack, left)
            # Loading takes a while, and meanwhile another may have come into force.
            if await self._in_force.get() is wanted:
                self._switch(wanted, loaded)
                return loaded

    def _switch(self, wanted: _InForce, loaded: Loaded) -> None:
        held = self._held
        if held is not None and held[0] is wanted:
            return
        if held is not None:
            self._before = held[1]
            if wanted.since is not None and self._used_at is not None:
                idle = timedelta(seconds=self._clock.monotonic() - self._used_at)
                lag = (self._clock.now() - idle - wanted.since).total_seconds()
                self._me = replace(self._me, lag_ms=max(0, round(lag * 1000)))
                metrics.pack_switched(max(0.0, lag))
        self._held = (wanted, loaded)

    async def _stage(self) -> None:
        wanted = await self._to_stage.get()
        self.staged = None if wanted is None else await self._load(wanted, None)

    async def _load(self, pack: RulePack | None, patience: float | None) -> Loaded:
        if pack is None:
            return self._shipped
        key = (pack.id, pack.digest)
        ready = self._ready.get(key)
        if ready is not None:
            return ready
        broken = self._broken.get(key)
        if broken is not None and self._clock.monotonic() - broken[0] < _AGAIN_SECONDS:
            raise broken[1]
        if key not in self._loading:
            task = asyncio.create_task(self._compile(pack))
            self._loading[key] = task
            task.add_done_callback(lambda _: self._loading.pop(key, None))
        try:
            return await asyncio.wait_for(asyncio.shield(self._loading[key]), patience)
        except TimeoutError:
            raise PackNotLoaded from None

    async def _compile(self, pack: RulePack) -> Loaded:
        key = (pack.id, pack.digest)
        began = self._clock.monotonic()
        try:
            loaded = await self._compiled(pack)
        except PackBroken as error:
            self._broken[key] = (self._clock.monotonic(), error)
            raise
        seconds = self._clock.monotonic() - began
        self._me = replace(self._me, load_ms=round(seconds * 1000))
        metrics.pack_loaded(seconds)
        self._ready[key] = loaded
        return loaded

    async def _compiled(self, pack: RulePack) -> Loaded:
        items = await self._db.read(lambda tx: repository.items_of(tx, pack.id))
        if items_digest(items) != pack.digest:
            words = Words(
                f"第 {pack.number} 版规则包的内容与批准时不符",
                f"Rule pack {pack.number} is not what was approved",
            )
            raise PackBroken(words)
        try:
            content = PackContent.read(items)
        except (KeyError, TypeError, ValueError) as error:
            raise _unreadable(pack, error) from error
        try:
            screener = await self.compiler.screener(content)
        except WordListError as error:
            raise _unreadable(pack, error) from error
        limits = content.over(self.limits)
        return Loaded(pack.id, pack.number, pack.digest, screener, limits)

    def _tidy(self) -> None:
        """Let go of all but the pack in force, the one before it, and the staged one."""
        wanted = {one.pack_id for one in (self.last, self._before, self.staged) if one is not None}
        for key in [key for key in self._ready if key[0] not in wanted]:
            del self._ready[key]

    async def _tell(self) -> None:
        now, told = self._clock.now(), self._told
        is_due = told is None or now - told.seen_at >= timedelta(seconds=_BEAT_SECONDS)
        if told is not None and not is_due and replace(self._me, seen_at=told.seen_at) == told:
            return
        me = replace(self._me, seen_at=now)
        await self._db.write(lambda tx: worker_repository.save_worker(tx, me))
        self._told = me


def _unreadable(pack: RulePack, error: Exception) -> PackBroken:
    return PackBroken(
        Words(
            f"第 {pack.number} 版规则包无法载入：{error}",
            f"Rule pack {pack.number} cannot be loaded: {error}",
        )
    )


def _read_in_force(tx: Tx) -> _InForce:
    newest = repository.activations(tx, 1)
    return _InForce(repository.active_pack(tx), newest[0].at if newest else None)


def _read_staged(tx: Tx) -> RulePack | None:
    return repository.staged_pack(tx)
