"""A person's ruling on a push, and taking it back within the undo window."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.audit.events import Actor, ActorKind, AuditKind
from app.audit.record import record
from app.clock import Clock
from app.db.session import Database, Tx
from app.domain.decision import Decision, Ruling, RulingVerdict, Verdict
from app.domain.state import PushState
from app.errors import FieldProblem, Invalid, Words
from app.ids import new_id
from app.pushes import repository
from app.pushes.changes import Cause, Changes
from app.pushes.records import StoredPush
from app.pushes.stored import decision_from
from app.review import repository as review
from app.review.repository import StoredRuling
from app.review.states import Refusal, Reviewer, Ticket, why_not_rule

_STATES = {
    RulingVerdict.APPROVE: PushState.APPROVED,
    RulingVerdict.REFUSE: PushState.REFUSED,
    RulingVerdict.RETURN: PushState.RETURNED,
}
LONGEST_REASON = 2_000
LONGEST_CLAUSE = 200


@dataclass(frozen=True, slots=True)
class RulingRequest:
    """What a reviewer decided, with the claim and the content that it was decided on.

    `clears` are the ids of the rules whose holds the reviewer saw; `checked` says what was
    checked by hand where a fact is unknowable.
    """

    ticket_id: str
    fencing: int
    digest: str
    verdict: RulingVerdict
    clause: str | None
    reason: str
    clears: tuple[str, ...] = ()
    checked: str = ""


class Rulings:
    """Gives and undoes rulings; the only writer of the table."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        changes: Changes,
        undo_seconds: int,
        is_tied: Callable[[Tx, str, str], bool],
    ) -> None:
        """Allow an approval to be undone for `undo_seconds`.

        `is_tied(tx, staff_id, provider_id)` asks for interests as they stand in the transaction.
        """
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
        _check(request)

        def work(tx: Tx) -> StoredRuling | Refusal:
            now = self._clock.now()
            ticket = review.ticket_by_id(tx, request.ticket_id)
            if ticket is None:
                return Refusal.NOT_FOUND
            push = repository.lock_push(tx, ticket.push_id)
            judge = self._as_tied_now(tx, reviewer, ticket.provider_id)
            refusal = _why_not(tx, ticket, push, judge, request, now)
            if push is None or refusal is not None:
                self._reject(tx, judge, request, refusal or Refusal.NOT_FOUND, now)
                return refusal or Refusal.NOT_FOUND
            return self._give(tx, ticket, push, judge, request, now)

        return await self._db.write(work)

    async def undo(self, reviewer: Reviewer, ruling_id: str) -> Ticket | Refusal:
        """Take one's own approval back while its window is open; the ticket is open again."""

        def work(tx: Tx) -> Ticket | Refusal:
            now = self._clock.now()
            stored = review.ruling_by_id(tx, ruling_id)
            if stored is None or stored.ruling.reviewer != reviewer.person:
                return Refusal.NOT_YOURS
            push = repository.lock_push(tx, stored.ruling.push_id)
            if push is None or push.state is not PushState.APPROVED or not stored.standing:
                return Refusal.STATE_CHANGED
            if now >= stored.undo_until:
                return Refusal.UNDO_OVER
            review.end_ruling(tx, ruling_id, now)
            review.reopen_ticket(tx, push.id, stored.ruling.clears)
            cause = _cause(reviewer, AuditKind.RULING_UNDONE)
            note = {"ruling": ruling_id, "why": "undone"}
            self._changes.to(tx, push, PushState.IN_REVIEW, cause, now, note)
            return review.ticket_by_id(tx, stored.ticket_id) or Refusal.NOT_FOUND

        return await self._db.write(work)

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
        reason = request.reason.strip()
        if request.checked.strip():
            reason = f"{reason}\n核实 / checked: {request.checked.strip()}"
        approves = request.verdict is RulingVerdict.APPROVE
        latest = repository.latest_decision(tx, push.id)
        seen = () if latest is None else decision_from(latest.decision).open_holds
        stored = StoredRuling(
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
            ticket_id=ticket.id,
            undo_until=now + self._undo if approves else now,
            standing=True,
            ended_at=None,
            claimed_at=ticket.claimed_at,
        )
        review.insert_ruling(tx, stored)
        review.close_ticket(tx, push.id, now)
        ruling = stored.ruling
        self._changes.to(
            tx,
            push,
            _STATES[request.verdict],
            _cause(reviewer, AuditKind.RULING_GIVEN),
            now,
            {
                "ruling": ruling.id,
                "verdict": ruling.verdict.value,
                "clause": ruling.clause,
                "reason": ruling.reason,
                "clears": list(ruling.clears),
            },
        )
        if approves:
            due = (
                stored.undo_until
                if push.not_before is None
                else max(stored.undo_until, push.not_before)
            )
            repository.set_release_at(tx, push.id, due)
        return stored

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


def _cause(reviewer: Reviewer, kind: AuditKind) -> Cause:
    return Cause("reviewer", Actor(ActorKind.STAFF, reviewer.staff_id), kind)


def _why_not(
    tx: Tx,
    ticket: Ticket,
    push: StoredPush | None,
    reviewer: Reviewer,
    request: RulingRequest,
    now: datetime,
) -> Refusal | None:
    refusal = why_not_rule(ticket, reviewer, now, request.fencing, request.digest)
    if refusal is not None:
        return refusal
    if push is None or push.state is not PushState.IN_REVIEW:
        return Refusal.STATE_CHANGED
    if push.expires_at <= now:
        return Refusal.PUSH_EXPIRED
    if request.verdict is not RulingVerdict.APPROVE:
        return None
    stored = repository.latest_decision(tx, push.id)
    return (
        Refusal.STATE_CHANGED
        if stored is None
        else why_not_approve(decision_from(stored.decision), request)
    )


def why_not_approve(decision: Decision, request: RulingRequest) -> Refusal | None:
    """Return why these holds cannot be cleared by this approval, or None.

    A block is cleared by nobody, an outage by nothing but the fact; every other hold has to be
    named, and where a fact is unknowable the reviewer says what was checked by hand.
    """
    if decision.verdict is Verdict.BLOCK:
        return Refusal.BLOCKED
    if decision.waits_for_outage:
        return Refusal.OUTAGE
    if not set(decision.open_holds) <= set(request.clears):
        return Refusal.HOLDS_NOT_CLEARED
    unknowable = any(one.unverifiable == "unknowable" for one in decision.findings)
    return Refusal.NOT_CHECKED if unknowable and not request.checked.strip() else None


def _check(request: RulingRequest) -> None:
    problems = []
    if not request.reason.strip():
        problems.append(
            FieldProblem("/reason", "required", Words("请填写理由", "A reason is required"))
        )
    if request.verdict is not RulingVerdict.APPROVE and not (request.clause or "").strip():
        problems.append(
            FieldProblem(
                "/clause",
                "required",
                Words("驳回或退回须注明条款", "A refusal or return names a clause"),
            )
        )
    texts = (
        ("/reason", request.reason, LONGEST_REASON),
        ("/checked", request.checked, LONGEST_REASON),
        ("/clause", request.clause or "", LONGEST_CLAUSE),
    )
    problems += [_bad_text(*text) for text in texts if not _is_good_text(*text[1:])]
    if problems:
        raise Invalid(problems=tuple(problems))


def _is_good_text(text: str, longest: int) -> bool:
    return len(text) <= longest and not any(
        char == "\0" or "\ud800" <= char <= "\udfff" for char in text
    )


def _bad_text(pointer: str, _text: str, longest: int) -> FieldProblem:
    return FieldProblem(
        pointer,
        "bad_text",
        Words(
            f"最多 {longest} 个字，且不得含空字符或残缺字符",
            f"At most {longest} characters, no null characters or halves of one",
        ),
    )
