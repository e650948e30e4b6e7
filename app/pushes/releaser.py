"""Deciding again when the time has come: release, back to review, block, wait or expire."""

import asyncio
from dataclasses import replace
from datetime import datetime
from functools import partial

import orjson
import structlog

from app.audit.events import AuditKind, system
from app.clock import Clock
from app.db.session import Database, Tx
from app.db.together import after_commit
from app.db.versions import VersionWatch
from app.delivery import repository as delivery
from app.domain.decision import Decision, Verdict
from app.domain.facts import Facts
from app.domain.push import PushRequest
from app.domain.state import PushState
from app.errors import CannotJudge
from app.loops import in_turns, when_idle
from app.policy.service import Policies, Reach
from app.pushes import repository
from app.pushes.changes import Cause, Changes
from app.pushes.deciding import LOOK_AGAIN, count, decide_again, decision_note, stored_decision
from app.pushes.facts import Gatherer, Standing, Subject
from app.pushes.late_repository import known_of
from app.pushes.records import StoredPush, said_by
from app.pushes.release import Going, LacksTwo, going_of, release, row_caps
from app.pushes.settling import settled_state
from app.pushes.stored import facts_from
from app.review import repository as review
from app.review import ruling_repository as ruling_rows
from app.rules.engine import decide
from app.signing.dsse import Signature
from app.signing.keyring import Keyring
from app.signing.keys import Purpose

log = structlog.get_logger("releaser")

_BATCH = 50
_IDLE_SECONDS = 0.25
_CAUSE = Cause("system", system("releaser"))
_LOOKED_AT_WHEN_DUE = frozenset({PushState.IN_REVIEW, PushState.APPROVED})
_GOING = _LOOKED_AT_WHEN_DUE | {PushState.RELEASING}
_ENDED_BY_DELIVERY = frozenset(
    {PushState.RELEASED, PushState.PARTLY_RELEASED, PushState.FAILED, PushState.EXPIRED}
)


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
        self.turned_at: float | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; an outage makes it wait and go on by itself."""
        await in_turns("releaser", self.run_once, stop, when_idle(_IDLE_SECONDS))

    async def run_once(self) -> int:
        """Move everything that is due once; return how many pushes moved."""
        moved = await self._expire()
        moved += await self._settle()
        moved += await self._release_due()
        moved += await self._decide_outdated_again()
        self.turned_at = self._clock.monotonic()
        return moved

    async def _release_due(self) -> int:
        now = self._clock.now()
        due = await self._db.read(lambda tx: repository.due_pushes(tx, now, _BATCH))
        return sum([await self._one_by_one(push) for push in due])

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
        return sum([await self._one_by_one(push) for push in outdated])

    async def _one_by_one(self, push: StoredPush) -> bool:
        """Decide on one push again; what fails here is put off and hinders no other."""
        try:
            return await self._decide(push)
        except CannotJudge:
            raise
        except Exception:
            log.exception("push_not_decided", push=push.id)
            await self._put_off(push)
            return False

    async def _decide(self, push: StoredPush) -> bool:
        """Decide on a push as things stand now; tell whether that moved it."""
        if push.state is PushState.APPROVED and await self._is_switched_off(push):
            await self._put_off(push)
            return False
        standing = await self._gatherer.standing()
        request = await self._request(push)
        known = await self._db.read(lambda tx: known_of(tx, push.id, request))
        subject = Subject(push.provider_id, push.submitter, push.digest, request, push.id, *known)
        rulings = await self._db.read(lambda tx: ruling_rows.standing_rulings(tx, [push.id]))
        facts, decision = decide_again(
            self._gatherer, standing, subject, rulings.get(push.id, ()), self._clock.now()
        )
        return await self._db.write(lambda tx: self._apply(tx, push, standing, facts, decision))

    def _apply(
        self, tx: Tx, seen: StoredPush, standing: Standing, facts: Facts, decision: Decision
    ) -> bool:
        """Write what the decision means, after looking again at what it relied on."""
        push = repository.lock_push(tx, seen.id)
        if push is None or push.state is not seen.state or self._watch.is_stale:
            return False
        now = self._clock.now()
        live = ruling_rows.standing_rulings(tx, [push.id]).get(push.id, ())
        if push.expires_at <= now or live != facts.rulings:
            return False
        if decision.waits_for_outage and decision.verdict is not Verdict.BLOCK:
            if push.state in _LOOKED_AT_WHEN_DUE:
                repository.set_release_at(tx, push.id, now + LOOK_AGAIN)
            return False
        self._store(tx, push, facts, decision)
        after_commit(tx, partial(count, "release", decision))
        self._act(tx, going_of(push, standing, facts, decision), now)
        return True

    def _act(self, tx: Tx, going: Going, now: datetime) -> None:
        push, decision = going.push, going.decision
        if push.state not in _GOING:
            self._about_dead_letters(tx, going, now)
        elif decision.verdict is Verdict.BLOCK:
            self._block(tx, push, decision, now)
        elif push.state is PushState.IN_REVIEW:
            # It had waited for a fact, which is there now; a person decides.
            review.set_holds(tx, push.id, decision.open_holds)
            repository.set_release_at(tx, push.id, None)
        elif decision.verdict is Verdict.ALLOW:
            self._let_go(tx, going, now)
        else:
            self._back_to_review(tx, going, now)

    def _store(self, tx: Tx, push: StoredPush, facts: Facts, decision: Decision) -> None:
        latest = repository.latest_decision(tx, push.id)
        number = 1 if latest is None else latest.number + 1
        repository.insert_decisions(
            tx, [stored_decision(push.id, number, "release", facts, decision)]
        )
        repository.set_verdict(tx, push.id, decision.verdict)

    def _let_go(self, tx: Tx, going: Going, now: datetime) -> None:
        push = going.push
        if push.state is PushState.RELEASING:
            delivery.decided_again(tx, push.id, going.versions, row_caps(going.facts), now)
            return

        def sign(data: bytes) -> Signature:
            return self._keyring.sign(Purpose.ENVELOPE, data)

        try:
            released = release(tx, going, sign, self._public_url, now)
        except LacksTwo:
            self._back_to_review(tx, going, now, why="needs_two")
            return
        if released.weighed.waits_until is not None:
            repository.set_release_at(tx, push.id, released.weighed.waits_until)
            return
        cause = Cause("system", system("releaser"), AuditKind.RELEASE)
        ruling = going.facts.rulings[-1].id
        note = {"recipients": released.recipients, "ruling": ruling, **going.versions}
        if released.weighed.left_out_by is not None:
            note["left_out_by"] = released.weighed.left_out_by
        self._changes.to(tx, push, PushState.RELEASING, cause, now, note)

    def _about_dead_letters(self, tx: Tx, going: Going, now: datetime) -> None:
        """Let the replayed dead letters of a push that has ended go, or stop them."""
        push, verdict = going.push, going.decision.verdict
        if verdict is Verdict.ALLOW and push.state in _ENDED_BY_DELIVERY:
            delivery.decided_again(tx, push.id, going.versions, row_caps(going.facts), now)
        else:
            why = "blocked" if verdict is Verdict.BLOCK else delivery.HELD
            delivery.stop_rows(tx, push.id, why, now)

    def _block(self, tx: Tx, push: StoredPush, decision: Decision, now: datetime) -> None:
        review.close_ticket(tx, push.id, said_by(push), now)
        delivery.stop_rows(tx, push.id, "blocked", now)
        delivery.recall_inbox(tx, push.id, now)
        self._changes.to(tx, push, PushState.BLOCKED, _CAUSE, now, decision_note(decision))

    def _back_to_review(
        self, tx: Tx, going: Going, now: datetime, *, why: str = "new_hold"
    ) -> None:
        """Let people look again: the approval does not cover a new hold, or two are needed now.

        What was on its way is stopped and what lies in inboxes is taken back. The decision
        that the person sees is the one without the approval, so that a new one clears all.
        """
        push, facts = going.push, going.facts
        delivery.drop_unstarted(tx, push.id)
        delivery.stop_rows(tx, push.id, delivery.HELD, now)
        delivery.recall_inbox(tx, push.id, now)
        for stored in ruling_rows.rulings_of(tx, push.id):
            if stored.standing and not delivery.hangs_on(tx, stored.ruling.id):
                ruling_rows.end_ruling(tx, stored.ruling.id, now)
        left = replace(facts, rulings=ruling_rows.standing_rulings(tx, [push.id]).get(push.id, ()))
        undecided = decide(left)
        self._store(tx, push, left, undecided)
        review.reopen_ticket(tx, push.id, undecided.open_holds)
        note = decision_note(going.decision) | {"why": why}
        self._changes.to(tx, push, PushState.IN_REVIEW, _CAUSE, now, note)

    async def _settle(self) -> int:
        """Give pushes whose rows are all finished the state that the rows add up to."""
        ended = await self._db.read(lambda tx: delivery.pushes_to_settle(tx, _BATCH))

        def work(tx: Tx) -> int:
            settled = 0
            for push_id in ended:
                push = repository.lock_push(tx, push_id)
                delivery.looked_at(tx, push_id)
                state = settled_state(delivery.outcomes_of(tx, push_id))
                if push is None or state is None or push.state is not PushState.RELEASING:
                    continue
                outcomes = delivery.outcome_counts(tx, push.id)
                self._changes.to(tx, push, state, _CAUSE, self._clock.now(), outcomes)
                settled += 1
            return settled

        return await self._db.write(work) if ended else 0

    async def _expire(self) -> int:
        now = self._clock.now()
        late = await self._db.read(lambda tx: repository.expired_pushes(tx, now, _BATCH))

        def work(tx: Tx) -> int:
            for seen in late:
                push = repository.lock_push(tx, seen.id)
                if push is None or push.state is not seen.state:
                    continue
                review.close_ticket(tx, push.id, said_by(push), now)
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
        """Look at a push again in a moment."""
        later = self._clock.now() + LOOK_AGAIN

        def work(tx: Tx) -> None:
            locked = repository.lock_push(tx, push.id)
            if locked is not None and locked.state in _LOOKED_AT_WHEN_DUE:
                repository.set_release_at(tx, push.id, later)

        await self._db.write(work)
