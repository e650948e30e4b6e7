"""Deciding again when the time has come: release, back to review, block, wait or expire."""

import asyncio
import contextlib
from datetime import timedelta

import orjson
import structlog

from app.audit.events import AuditKind, system
from app.clock import Clock
from app.db.session import Database, Tx
from app.db.versions import VersionsStale, VersionWatch
from app.delivery import repository as delivery
from app.domain.decision import Decision, Verdict
from app.domain.facts import Facts
from app.domain.push import PushRequest
from app.domain.state import PushState
from app.errors import CannotJudge
from app.policy.service import Policies, Reach
from app.pushes import repository
from app.pushes.changes import Cause, Changes
from app.pushes.deciding import decide_again, findings_note, stored_decision
from app.pushes.facts import Gatherer, Standing, Subject
from app.pushes.records import StoredPush
from app.pushes.release import Going, release
from app.pushes.settling import settled_state
from app.pushes.stored import facts_from
from app.review import repository as review
from app.signing.keyring import Keyring
from app.signing.keys import Purpose

log = structlog.get_logger("releaser")

_BATCH = 50
_IDLE_SECONDS = 0.25
_RETRY = timedelta(seconds=5)
_CAUSE = Cause("system", system("releaser"))


class Releaser:
    """Moves pushes on: due approvals, outdated rows, settled rows, what has expired."""

    def __init__(  # noqa: PLR0913 - the collaborators of the last decision
        self,
        *,
        db: Database,
        clock: Clock,
        watch: VersionWatch,
        gatherer: Gatherer,
        policies: Policies,
        changes: Changes,
        keyring: Keyring,
        public_url: str,
    ) -> None:
        """Several releasers may run: each step locks its push and looks again."""
        self._db = db
        self._clock = clock
        self._watch = watch
        self._gatherer = gatherer
        self._policies = policies
        self._changes = changes
        self._keyring = keyring
        self._public_url = public_url

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; an outage makes it wait and go on by itself."""
        while not stop.is_set():
            moved = 0
            try:
                moved = await self.run_once()
            except CannotJudge as error:
                log.warning("releaser_waits", code=error.code)
            except Exception:
                log.exception("releaser_failed")
            if not moved:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), _IDLE_SECONDS)

    async def run_once(self) -> int:
        """Move everything that is due once; return how many pushes moved."""
        moved = await self._expire()
        moved += await self._settle()
        moved += await self._release_due()
        return moved + await self._decide_outdated_again()

    async def _release_due(self) -> int:
        now = self._clock.now()
        due = await self._db.read(lambda tx: repository.due_pushes(tx, now, _BATCH))
        for push in due:
            await self._one_by_one(push)
        return len(due)

    async def _decide_outdated_again(self) -> int:
        standing = await self._gatherer.standing()
        versions = standing.versions
        outdated = await self._db.read(
            lambda tx: [
                push
                for push_id in delivery.outdated_pushes(tx, versions, _BATCH)
                if (push := repository.push_by_id(tx, push_id)) is not None
            ]
        )
        for push in outdated:
            await self._one_by_one(push)
        return len(outdated)

    async def _one_by_one(self, push: StoredPush) -> None:
        """Decide on one push again; what fails here is put off and hinders no other."""
        try:
            await self._decide(push)
        except CannotJudge:
            raise
        except Exception:
            log.exception("push_not_decided", push=push.id)
            await self._put_off(push)

    async def _decide(self, push: StoredPush) -> None:
        if push.state is PushState.APPROVED and await self._is_switched_off(push):
            await self._put_off(push)
            return
        standing = await self._gatherer.standing()
        request = await self._request(push)
        subject = Subject(push.provider_id, push.submitter, push.digest, request)
        rulings = await self._db.read(lambda tx: review.standing_rulings(tx, [push.id]))
        facts, decision = decide_again(
            self._gatherer, standing, subject, rulings.get(push.id, ()), self._clock.now()
        )
        await self._db.write(lambda tx: self._apply(tx, push, standing, facts, decision))

    def _apply(
        self, tx: Tx, seen: StoredPush, standing: Standing, facts: Facts, decision: Decision
    ) -> None:
        """Write what the decision means, after looking again at what it relied on."""
        push = repository.lock_push(tx, seen.id)
        if push is None or push.state is not seen.state or self._watch.is_stale:
            return
        now = self._clock.now()
        if push.expires_at <= now:
            return
        live = review.standing_rulings(tx, [push.id]).get(push.id, ())
        if live != facts.rulings:
            return
        if decision.waits_for_outage and decision.verdict is not Verdict.BLOCK:
            if push.state is PushState.APPROVED:
                repository.set_release_at(tx, push.id, now + _RETRY)
            return
        self._store(tx, push, facts, decision)
        note: dict[str, object] = {
            "verdict": decision.verdict.value,
            "findings": findings_note(decision),
        }
        if decision.verdict is Verdict.ALLOW:
            self._let_go(tx, push, Going(push, facts, decision, standing.versions, _channel(facts)))
        elif decision.verdict is Verdict.HOLD:
            self._back_to_review(tx, push, decision, note)
        else:
            delivery.stop_rows(tx, push.id, "blocked", now)
            delivery.recall_inbox(tx, push.id, now)
            self._changes.to(tx, push, PushState.BLOCKED, _CAUSE, now, note)

    def _store(self, tx: Tx, push: StoredPush, facts: Facts, decision: Decision) -> None:
        latest = repository.latest_decision(tx, push.id)
        number = 1 if latest is None else latest.number + 1
        repository.insert_decisions(
            tx, [stored_decision(push.id, number, "release", facts, decision)]
        )
        repository.set_verdict(tx, push.id, decision.verdict)

    def _let_go(self, tx: Tx, push: StoredPush, going: Going) -> None:
        now = self._clock.now()
        if push.state is PushState.RELEASING:
            delivery.set_versions(tx, push.id, dict(going.versions))
            return
        recipients = release(
            tx,
            going,
            lambda data: self._keyring.sign(Purpose.ENVELOPE, data),
            self._public_url,
            now,
        )
        cause = Cause("system", system("releaser"), AuditKind.RELEASE)
        ruling = going.facts.rulings[-1].id
        note = {"recipients": recipients, "ruling": ruling, **going.versions}
        self._changes.to(tx, push, PushState.RELEASING, cause, now, note)

    def _back_to_review(
        self, tx: Tx, push: StoredPush, decision: Decision, note: dict[str, object]
    ) -> None:
        """Let a person look again: the approval does not cover a new hold."""
        now = self._clock.now()
        delivery.drop_unstarted(tx, push.id)
        for stored in review.rulings_of(tx, push.id):
            if stored.standing and not delivery.hangs_on(tx, stored.ruling.id):
                review.end_ruling(tx, stored.ruling.id, now)
        review.reopen_ticket(tx, push.id, decision.open_holds)
        self._changes.to(tx, push, PushState.IN_REVIEW, _CAUSE, now, note | {"why": "new_hold"})

    async def _settle(self) -> int:
        """Give pushes whose rows are all finished the state that the rows add up to."""

        def work(tx: Tx) -> int:
            settled = 0
            for seen in repository.pushes_in(tx, PushState.RELEASING, _BATCH):
                state = settled_state(delivery.outcomes_of(tx, seen.id))
                push = repository.lock_push(tx, seen.id) if state is not None else None
                if push is None or state is None or push.state is not PushState.RELEASING:
                    continue
                outcomes = delivery.outcome_counts(tx, push.id)
                self._changes.to(tx, push, state, _CAUSE, self._clock.now(), outcomes)
                settled += 1
            return settled

        waiting = await self._db.read(
            lambda tx: bool(repository.pushes_in(tx, PushState.RELEASING, 1))
        )
        return await self._db.write(work) if waiting else 0

    async def _expire(self) -> int:
        now = self._clock.now()
        late = await self._db.read(lambda tx: repository.expired_pushes(tx, now, _BATCH))

        def work(tx: Tx) -> int:
            for seen in late:
                push = repository.lock_push(tx, seen.id)
                if push is None or push.state is not seen.state:
                    continue
                review.close_ticket(tx, push.id, now)
                self._changes.to(tx, push, PushState.EXPIRED, _CAUSE, now)
            return len(late)

        return await self._db.write(work) if late else 0

    async def _request(self, push: StoredPush) -> PushRequest:
        stored = await self._db.read(lambda tx: repository.first_decision(tx, push.id))
        if stored is None:
            raise LookupError(push.id)
        return facts_from(stored.facts).push

    async def _is_switched_off(self, push: StoredPush) -> bool:
        standing = await self._gatherer.standing()
        surface = standing.register.surface(push.surface_id)
        switches = await self._policies.switches()
        topic = orjson.loads(push.canonical)["push"]["topic"]
        channel = "" if surface is None else surface.channel.value
        reach = Reach(push.provider_id, push.surface_id, push.kind, topic, channel)
        return switches.stopping(reach) is not None

    async def _put_off(self, push: StoredPush) -> None:
        """Look at an approved push again in a moment."""
        later = self._clock.now() + _RETRY

        def work(tx: Tx) -> None:
            locked = repository.lock_push(tx, push.id)
            if locked is not None and locked.state is PushState.APPROVED:
                repository.set_release_at(tx, push.id, later)

        await self._db.write(work)


def _channel(facts: Facts) -> str:
    channel = getattr(facts.surface, "channel", None)
    if channel is None:
        raise VersionsStale
    return str(channel)
