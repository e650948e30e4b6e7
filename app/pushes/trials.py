"""Back-testing a rule pack on stored pushes: in the background, bounded, and cancelled at will."""

import asyncio
import contextlib
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import structlog

from app.audit.events import AuditKind
from app.clock import Clock
from app.db.session import Database, Tx
from app.errors import Conflict, GatewayError, NotFound, Words
from app.ids import new_id
from app.packs.authoring import Authoring
from app.packs.moves import PackView, note_pack
from app.packs.pack_repository import RulePack
from app.packs.service import Packs
from app.packs.trying import draft_screener
from app.pushes import trial_repository as repository
from app.pushes.comparing import Difference, Judge, compare, shadow_name
from app.pushes.stored import facts_from
from app.pushes.summing import summary
from app.pushes.trial_repository import PushDifference, Trial
from app.review.ruling_repository import standing_rulings

CHOICES: Final = (200, 1_000, 5_000)
"""How many of the newest pushes a trial may look at."""
_PAGE: Final = 25
_GONE: Final = timedelta(seconds=60)
_SHOWN: Final = 100

_log = structlog.get_logger("popgate.trials")


@dataclass(frozen=True, slots=True)
class Shadow:
    """What a staged pack found on pushes since it was staged; `seen` counts those pushes."""

    seen: int
    summary: dict[str, object]
    differences: tuple[PushDifference, ...]


class Trials:
    """Trials of this process; one at a time in the whole gateway."""

    def __init__(self, db: Database, clock: Clock, packs: Packs, authoring: Authoring) -> None:
        """Run nothing yet."""
        self._db = db
        self._clock = clock
        self._packs = packs
        self._authoring = authoring
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closing = False

    async def start(self, pack_id: str, staff_id: str, wanted: int) -> Trial:
        """Begin to compare a pack with what is in force on the newest pushes.

        Conflict while another trial runs; Invalid for a pack that does not compile.
        """
        view = await self._authoring.view(pack_id)
        after = Judge(
            await draft_screener(self._packs.loader.compiler, view.content),
            view.content.over(self._packs.loader.limits),
        )
        active = await self._packs.active()
        before = Judge(active.screener, active.limits)
        trial = await self._db.write(
            lambda tx: self._begin(tx, view, staff_id, min(wanted, CHOICES[-1]), active.version)
        )
        task = asyncio.create_task(self._run(trial, before, after))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return trial

    async def cancel(self, trial_id: str) -> Trial:
        """End a trial where it is; what it has found so far stays."""

        def work(tx: Tx) -> Trial:
            trial = _must_exist(repository.trial_by_id(tx, trial_id))
            if trial.state == "running":
                trial = replace(trial, state="cancelled", ended_at=self._clock.now())
                repository.update_trial(tx, self._summed(tx, trial))
            return trial

        return await self._db.write(work)

    async def of_pack(self, pack_id: str) -> list[Trial]:
        """Return the newest trials of a pack first."""
        trials = await self._db.read(lambda tx: repository.trials_of(tx, pack_id))
        return [self._as_seen(trial) for trial in trials]

    async def trial(self, trial_id: str) -> tuple[Trial, tuple[PushDifference, ...]]:
        """Return a trial and the newest of what it found; NotFound."""

        def work(tx: Tx) -> tuple[Trial, tuple[PushDifference, ...]]:
            trial = _must_exist(repository.trial_by_id(tx, trial_id))
            return trial, tuple(repository.differences(tx, trial_id, _SHOWN))

        trial, found = await self._db.read(work)
        return self._as_seen(trial), found

    async def shadow(self, pack: RulePack) -> Shadow | None:
        """Return what a pack found in the shadow; None if it was never staged."""
        since = pack.approved_at
        if since is None:
            return None

        def work(tx: Tx) -> Shadow:
            until = pack.published_at or pack.ended_at
            found = repository.differences(tx, shadow_name(pack.id, pack.digest), CHOICES[-1])
            rulings = standing_rulings(tx, [one.push_id for one in found])
            seen = repository.count_pushes(tx, since, until)
            return Shadow(seen, summary(found, rulings), tuple(found[:_SHOWN]))

        return await self._db.read(work)

    async def close(self) -> None:
        """End the trials of this process where they are."""
        self._is_closing = True
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, tx: Tx, view: PackView, staff_id: str, wanted: int, over: str) -> Trial:
        now = self._clock.now()
        if repository.running_trials(tx, now - _GONE):
            words = Words(
                "已有回测在运行，请等它结束或取消它", "Another trial runs; wait or cancel it"
            )
            raise Conflict(words, code="trial_running")
        trial = Trial(
            id=new_id("trl"),
            pack_id=view.pack.id,
            pack_revision=view.pack.revision,
            over=over,
            asked_by=staff_id,
            asked_at=now,
            wanted=wanted,
            total=min(wanted, repository.count_pushes(tx)),
            done=0,
            state="running",
            beat_at=now,
            ended_at=None,
            summary={},
            fault="",
        )
        repository.insert_trial(tx, trial)
        note_pack(tx, AuditKind.RULE_PACK_TRIED, view.pack, staff_id, now, pushes=trial.total)
        return trial

    async def _run(self, trial: Trial, before: Judge, after: Judge) -> None:
        try:
            last: str | None = None
            while trial.state == "running":
                if self._is_closing:
                    await self.cancel(trial.id)
                    return
                page = await self._page(last, min(_PAGE, trial.total - trial.done))
                found = await asyncio.to_thread(_compared, page, before, after)
                trial = await self._note(trial.id, len(page), found)
                last = page[-1][0] if page else None
        except Exception as error:  # noqa: BLE001 - whatever ends it is shown
            _log.exception("trial_failed", trial=trial.id)
            await self._fail(trial.id, type(error).__name__)

    async def _page(self, last: str | None, size: int) -> list[tuple[str, bytes]]:
        if size <= 0:
            return []
        return await self._db.read(lambda tx: repository.newest_facts(tx, last, size))

    async def _note(
        self, trial_id: str, looked_at: int, found: list[tuple[str, Difference]]
    ) -> Trial:
        """Write down a page of results; a trial that somebody cancelled stays cancelled."""

        def work(tx: Tx) -> Trial:
            trial = _must_exist(repository.trial_by_id(tx, trial_id))
            if trial.state != "running":
                return trial
            now = self._clock.now()
            repository.insert_differences(tx, trial_id, found, now)
            trial = replace(trial, done=trial.done + looked_at, beat_at=now)
            if looked_at == 0 or trial.done >= trial.total:
                trial = self._summed(tx, replace(trial, state="done", ended_at=now))
            repository.update_trial(tx, trial)
            return trial

        return await self._db.write(work)

    async def _fail(self, trial_id: str, fault: str) -> None:
        def work(tx: Tx) -> None:
            trial = _must_exist(repository.trial_by_id(tx, trial_id))
            ended = replace(trial, state="failed", ended_at=self._clock.now(), fault=fault)
            repository.update_trial(tx, ended)

        # During an outage it stays as it is, and counts as abandoned before long.
        with contextlib.suppress(GatewayError):
            await self._db.write(work)

    def _summed(self, tx: Tx, trial: Trial) -> Trial:
        found = repository.differences(tx, trial.id, CHOICES[-1])
        rulings = standing_rulings(tx, [one.push_id for one in found])
        return replace(trial, summary=summary(found, rulings))

    def _as_seen(self, trial: Trial) -> Trial:
        """Return a trial whose process is gone as abandoned."""
        is_gone = self._clock.now() - trial.beat_at > _GONE
        return replace(trial, state="abandoned") if trial.state == "running" and is_gone else trial


def _compared(
    page: list[tuple[str, bytes]], before: Judge, after: Judge
) -> list[tuple[str, Difference]]:
    found = []
    for push_id, facts in page:
        difference = compare(facts_from(facts), before, after)
        if difference is not None:
            found.append((push_id, difference))
    return found


def _must_exist(trial: Trial | None) -> Trial:
    if trial is None:
        raise NotFound(Words("没有这次回测", "There is no such trial"))
    return trial
