"""A person's ruling on a push, and taking it back within the undo window."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from app.audit.events import Actor, ActorKind, AuditKind
from app.audit.record import record
from app.clock import Clock
from app.db.session import Database, Tx
from app.domain.decision import Ruling, RulingVerdict
from app.domain.state import PushState
from app.ids import new_id
from app.policy.pair_classes import PairSettings
from app.policy.pair_repository import active_classes
from app.pushes import pairing, repository
from app.pushes.changes import Cause, Changes
from app.pushes.pairing import IsTied, Settled
from app.pushes.records import RULED, StoredPush, said_by
from app.pushes.ruling_refusals import why_not_now, why_not_undo
from app.pushes.ruling_request import RulingRequest, check
from app.pushes.stored import decision_from
from app.review import repository as review
from app.review import ruling_repository as ruling_rows
from app.review.rechecks import take_for_recheck
from app.review.ruling_repository import StoredRuling
from app.review.states import Refusal, Reviewer, Ticket


class Rulings:
    """Gives and undoes rulings; the only writer of the table."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        changes: Changes,
        undo_seconds: int,
        is_tied: IsTied,
    ) -> None:
        """Allow an approval to be undone for `undo_seconds`.

        `is_tied(tx, staff_id, provider_id)` asks for interests as they stand in the transaction.
        """
        self.pairs = PairSettings(db, clock)
        self._is_tied = is_tied
        self._db = db
        self._clock = clock
        self._changes = changes
        self._undo = timedelta(seconds=undo_seconds)

    async def rule(self, reviewer: Reviewer, request: RulingRequest) -> StoredRuling | Refusal:
        """Record a ruling, or why it is refused; a refused one is in the ledger too.

        Invalid where clause or reason are missing. An approval must name every open hold. Ties
        are looked up again: one may have been declared since the page was shown.
        """
        check(request)

        def work(tx: Tx) -> StoredRuling | Refusal:
            now = self._clock.now()
            ticket = review.lock_ticket(tx, request.ticket_id)
            if ticket is None:
                return Refusal.NOT_FOUND
            push = repository.lock_push(tx, ticket.push_id)
            judge = self._as_tied_now(tx, reviewer, ticket.provider_id)
            refusal = why_not_now(tx, ticket, push, judge, request, now)
            if push is None or refusal is not None:
                self._reject(tx, judge, request, refusal or Refusal.NOT_FOUND, now)
                return refusal or Refusal.NOT_FOUND
            return self._give(tx, ticket, push, judge, request, now)

        return await self._db.write(work)

    async def undo(self, reviewer: Reviewer, ruling_id: str) -> Ticket | Refusal:
        """Take one's own approval back while its window is open; the ticket is open again."""

        def work(tx: Tx) -> Ticket | Refusal:
            now = self._clock.now()
            stored = ruling_rows.ruling_by_id(tx, ruling_id)
            if stored is None or stored.ruling.reviewer != reviewer.person:
                return Refusal.NOT_YOURS
            push = repository.lock_push(tx, stored.ruling.push_id)
            refusal = why_not_undo(push, stored, now)
            if push is None or refusal is not None:
                return refusal or Refusal.STATE_CHANGED
            self._take_back(tx, push, stored, reviewer, now)
            return review.ticket_by_id(tx, stored.ticket_id) or Refusal.NOT_FOUND

        return await self._db.write(work)

    def last_undoable_in(self, tx: Tx, person: str) -> tuple[StoredRuling, str] | None:
        """Return a person's last ruling and its push's title, as long as it can be undone."""
        for stored in ruling_rows.rulings_by(tx, person, 1):
            push = repository.push_by_id(tx, stored.ruling.push_id)
            if push is not None and why_not_undo(push, stored, self._clock.now()) is None:
                return stored, push.title
        return None

    async def pair_reasons(self, tickets: Sequence[Ticket]) -> dict[str, tuple[str, ...]]:
        """Return why the pushes of tickets need two persons, by the id of the ticket."""
        return await self._db.read(lambda tx: self.pair_reasons_in(tx, tickets))

    def pair_reasons_in(self, tx: Tx, tickets: Sequence[Ticket]) -> dict[str, tuple[str, ...]]:
        """Return the same as the transaction sees it."""
        now, classes = self._clock.now(), active_classes(tx)
        pushes = repository.pushes_by_ids(tx, [one.push_id for one in tickets])
        return {
            one.id: pairing.reasons(tx, pushes[one.push_id], classes, one.holds, now)
            for one in tickets
        }

    def _take_back(
        self, tx: Tx, push: StoredPush, stored: StoredRuling, reviewer: Reviewer, now: datetime
    ) -> None:
        cause = _cause(reviewer, AuditKind.RULING_UNDONE)
        note = {"ruling": stored.ruling.id, "why": "undone"}
        if push.state is PushState.IN_REVIEW:
            pairing.reopen(tx, stored, now)
            record(tx, now, cause.kind, cause.actor, push.id, digest=push.digest, **note)
            return
        review.reopen_ticket(tx, push.id, stored.ruling.clears)
        if push.pair_reasons is None:
            ruling_rows.end_ruling(tx, stored.ruling.id, now)
        else:
            pairing.reopen(tx, stored, now)
        self._changes.to(tx, push, PushState.IN_REVIEW, cause, now, note)

    def _as_tied_now(self, tx: Tx, reviewer: Reviewer, provider_id: str) -> Reviewer:
        if not self._is_tied(tx, reviewer.staff_id, provider_id):
            return reviewer
        return replace(reviewer, tied_to=reviewer.tied_to | {provider_id})

    def _give(
        self,
        tx: Tx,
        ticket: Ticket,
        push: StoredPush,
        reviewer: Reviewer,
        request: RulingRequest,
        now: datetime,
    ) -> StoredRuling:
        latest = repository.latest_decision(tx, push.id)
        seen = () if latest is None else decision_from(latest.decision).open_holds
        stored = self._made(push, reviewer, request, seen, now)
        stored = replace(stored, claimed_at=ticket.claimed_at)
        reasons = pairing.needed(tx, push, seen, now)
        if not reasons:
            ruling_rows.insert_ruling(tx, stored)
            settled = Settled(request.verdict, (stored,), stored)
            self._conclude(tx, push, reviewer, settled, now)
            return stored
        earlier = pairing.counting(tx, push, seen, self._is_tied, now)
        stored = replace(stored, standing=False)
        ruling_rows.insert_ruling(tx, stored)
        settled_by = pairing.settle(tx, earlier, stored, now)
        if settled_by is None or settled_by.telling is not stored:
            actor = Actor(ActorKind.STAFF, reviewer.staff_id)
            noted = {"digest": push.digest, "pair": list(reasons), **_ruling_note(stored)}
            record(tx, now, AuditKind.RULING_SEALED, actor, push.id, **noted)
        if settled_by is None:
            review.note_text(tx, push.id, said_by(push))
            review.set_claim(tx, ticket.id, None, None, ticket.fencing + 1)
        else:
            self._conclude(tx, push, reviewer, settled_by, now)
        return ruling_rows.ruling_by_id(tx, stored.ruling.id) or stored

    def _made(
        self,
        push: StoredPush,
        reviewer: Reviewer,
        request: RulingRequest,
        seen: tuple[str, ...],
        now: datetime,
    ) -> StoredRuling:
        reason = request.reason.strip()
        if request.checked.strip():
            reason = f"{reason}\n核实 / checked: {request.checked.strip()}"
        approves = request.verdict is RulingVerdict.APPROVE
        return StoredRuling(
            Ruling(
                id=new_id("rul"),
                push_id=push.id,
                digest=push.digest,
                verdict=request.verdict,
                reviewer=reviewer.person,
                submitter=push.submitter,
                clause=request.clause,
                reason=reason,
                # No more than the reviewer saw: a hold that comes later is not cleared ahead.
                clears=seen if approves else (),
                given_at=now,
            ),
            ticket_id=request.ticket_id,
            undo_until=now + self._undo if approves else now,
            standing=True,
            ended_at=None,
        )

    def _conclude(
        self, tx: Tx, push: StoredPush, reviewer: Reviewer, settled: Settled, now: datetime
    ) -> None:
        """Close the ticket and change the state as the rulings that stand say."""
        said = said_by(push)
        review.close_ticket(tx, push.id, said, now)
        take_for_recheck(
            tx, settled.standing, sum(map(len, said)), active_classes(tx).recheck_percent, now
        )
        note = _ruling_note(settled.telling)
        if len(settled.standing) > 1:
            note["rulings"] = [one.ruling.id for one in settled.standing]
        cause = _cause(reviewer, AuditKind.RULING_GIVEN)
        self._changes.to(tx, push, RULED[settled.verdict], cause, now, note)
        if settled.verdict is RulingVerdict.APPROVE:
            due = max(one.undo_until for one in settled.standing)
            due = due if push.not_before is None else max(due, push.not_before)
            repository.set_release_at(tx, push.id, due)

    def _reject(
        self,
        tx: Tx,
        reviewer: Reviewer,
        request: RulingRequest,
        refusal: Refusal,
        now: datetime,
    ) -> None:
        record(
            tx,
            now,
            AuditKind.RULING_REJECTED,
            Actor(ActorKind.STAFF, reviewer.staff_id),
            request.ticket_id,
            why=refusal.value,
            verdict=request.verdict.value,
            fencing=request.fencing,
            digest=request.digest,
        )


def _ruling_note(stored: StoredRuling) -> dict[str, object]:
    ruling = stored.ruling
    return {
        "ruling": ruling.id,
        "verdict": ruling.verdict.value,
        "clause": ruling.clause,
        "reason": ruling.reason,
        "clears": list(ruling.clears),
    }


def _cause(reviewer: Reviewer, kind: AuditKind) -> Cause:
    return Cause("reviewer", Actor(ActorKind.STAFF, reviewer.staff_id), kind)
