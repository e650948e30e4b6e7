"""What a policy would have stopped: replays in processes of their own, watched and cancelled."""

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import orjson
import structlog

from app.audit.events import Actor, ActorKind, AuditKind
from app.audit.record import record
from app.clock import Clock
from app.db.session import Database, Tx
from app.errors import Conflict, GatewayError, NotFound, Words
from app.frequency.embedded import LAUNCHER
from app.ids import new_id
from app.policy.repository import policy_by_id
from app.providers.service import Register
from app.reports import repository
from app.reports.replaying import WHOLE, Job
from app.reports.repository import PolicyReplay

DAYS: Final = 30
_GONE: Final = timedelta(seconds=60)
_NOTED_EVERY_SECONDS: Final = 0.5
_LONGEST_LINE: Final = 16 * 1024 * 1024

_log = structlog.get_logger("popgate.what_if")


class WhatIf:
    """Replays of this process; one at a time in the whole gateway."""

    def __init__(self, db: Database, clock: Clock, register: Register, database: str) -> None:
        """Run nothing yet; `database` is the address that a replay reads itself."""
        self._db = db
        self._clock = clock
        self._register = register
        self._database = database
        self._tasks: set[asyncio.Task[None]] = set()
        self._processes: dict[str, Process] = {}

    async def start(self, policy_id: str, staff_id: str) -> PolicyReplay:
        """Begin to replay the last 30 days under a policy, whatever state it is in.

        Conflict while another replay runs; NotFound.
        """
        surfaces = (await self._register.current()).surfaces
        zones = {one.id: one.time_zone for one in surfaces.values()}
        replay, job = await self._db.write(lambda tx: self._begin(tx, policy_id, staff_id, zones))
        task = asyncio.create_task(self._run(replay, job))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return replay

    async def cancel(self, replay_id: str) -> PolicyReplay:
        """End a replay where it is; of what it has seen so far nothing stays."""

        def work(tx: Tx) -> PolicyReplay:
            replay = _must_exist(repository.replay_by_id(tx, replay_id))
            if replay.state == "running":
                replay = replace(replay, state="cancelled", ended_at=self._clock.now())
                repository.update_replay(tx, replay)
            return replay

        replay = await self._db.write(work)
        self._kill(replay_id)
        return replay

    async def replay(self, replay_id: str) -> PolicyReplay:
        """Return a replay; NotFound."""
        return self._as_seen(
            _must_exist(await self._db.read(lambda tx: repository.replay_by_id(tx, replay_id)))
        )

    async def of_policy(self, policy_id: str) -> list[PolicyReplay]:
        """Return the newest replays of a policy first."""
        found = await self._db.read(lambda tx: repository.replays_of(tx, policy_id))
        return [self._as_seen(one) for one in found]

    async def last_done(self, policy_ids: Collection[str]) -> dict[str, PolicyReplay]:
        """Return the newest replay that is done of each of these policies."""
        return await self._db.read(lambda tx: repository.last_done(tx, policy_ids))

    async def close(self) -> None:
        """End the replays of this process where they are."""
        for replay_id in list(self._processes):
            with contextlib.suppress(GatewayError):
                await self.cancel(replay_id)
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(
        self, tx: Tx, policy_id: str, staff_id: str, zones: dict[str, str]
    ) -> tuple[PolicyReplay, Job]:
        policy = policy_by_id(tx, policy_id)
        if policy is None:
            raise NotFound(Words("没有这个策略版本", "There is no such policy version"))
        now = self._clock.now()
        if repository.is_any_running(tx, now - _GONE):
            words = Words(
                "已有回放在运行，请等它结束或取消它", "Another replay runs; wait or cancel it"
            )
            raise Conflict(words, code="replay_running")
        since = now - timedelta(days=DAYS)
        replay = PolicyReplay(
            new_id("rpl"), policy_id, staff_id, now, since, now, "running", 0, now, None, {}, ""
        )
        repository.insert_replay(tx, replay)
        actor = Actor(ActorKind.STAFF, staff_id)
        record(tx, now, AuditKind.POLICY_REPLAYED, actor, policy_id, replay=replay.id)
        return replay, Job(self._database, policy.caps, since, now, zones)

    async def _run(self, replay: PolicyReplay, job: Job) -> None:
        try:
            process = await _process()
            self._processes[replay.id] = process
            try:
                result = await self._watch(replay.id, process, job)
            finally:
                self._kill(replay.id)
                del self._processes[replay.id]
                await process.wait()
            await self._end(replay.id, result)
        except Exception as error:  # noqa: BLE001 - whatever ends it is shown
            _log.exception("replay_failed", replay=replay.id)
            # During an outage it stays as it is, and counts as abandoned before long.
            with contextlib.suppress(GatewayError):
                await self._end(replay.id, None, type(error).__name__)

    async def _watch(self, replay_id: str, process: Process, job: Job) -> dict[str, Any] | None:
        """Note how far a process is until it has a result; None if it ended without one."""
        assert process.stdin is not None  # noqa: S101 - see _process, and below
        assert process.stdout is not None  # noqa: S101
        process.stdin.write(job.to_json())
        process.stdin.close()
        noted = self._clock.monotonic()
        async for line in process.stdout:
            told = orjson.loads(line)
            if isinstance(told, dict):
                return told
            if self._clock.monotonic() - noted >= _NOTED_EVERY_SECONDS:
                noted = self._clock.monotonic()
                if not await self._note(replay_id, told):
                    return None
        return None

    async def _note(self, replay_id: str, done: int) -> bool:
        """Write down how far it is; False once somebody has cancelled it."""

        def work(tx: Tx) -> bool:
            replay = _must_exist(repository.replay_by_id(tx, replay_id))
            if replay.state == "running":
                repository.update_replay(tx, replace(replay, done=done, beat_at=self._clock.now()))
            return replay.state == "running"

        return await self._db.write(work)

    async def _end(self, replay_id: str, result: dict[str, Any] | None, why: str = "") -> None:
        def work(tx: Tx) -> None:
            replay = _must_exist(repository.replay_by_id(tx, replay_id))
            if replay.state != "running":
                return
            ended = replace(replay, ended_at=self._clock.now())
            if result is None:
                ended = replace(ended, state="failed", fault=why or "ended_early")
            else:
                ended = replace(ended, state="done", done=WHOLE, result=result)
            repository.update_replay(tx, ended)

        await self._db.write(work)

    def _kill(self, replay_id: str) -> None:
        process = self._processes.get(replay_id)
        if process is not None and process.returncode is None:
            process.kill()

    def _as_seen(self, replay: PolicyReplay) -> PolicyReplay:
        """Return a replay whose process is gone as abandoned."""
        is_gone = self._clock.now() - replay.beat_at > _GONE
        return (
            replace(replay, state="abandoned") if replay.state == "running" and is_gone else replay
        )


async def _process() -> Process:
    """Start a replay's process, which the kernel ends with ours; the job goes by its input."""
    bound = ("-I", "-S", str(LAUNCHER), str(os.getpid()), sys.executable)
    return await asyncio.create_subprocess_exec(
        sys.executable, *bound, "-m", "app.reports.replaying", stdin=PIPE, stdout=PIPE,
        limit=_LONGEST_LINE,
    )  # fmt: skip


def _must_exist(replay: PolicyReplay | None) -> PolicyReplay:
    if replay is None:
        raise NotFound(Words("没有这次回放", "There is no such replay"))
    return replay
