"""Why a ruling is not taken, or not taken back, as things stand when it is given."""

from datetime import datetime

from app.db.session import Tx
from app.domain.decision import Decision, RulingVerdict, Verdict
from app.domain.state import PushState
from app.pushes import repository
from app.pushes.records import StoredPush
from app.pushes.ruling_request import RulingRequest
from app.pushes.stored import decision_from
from app.review.ruling_repository import StoredRuling
from app.review.states import Refusal, Reviewer, Ticket, why_not_rule


def why_not_undo(push: StoredPush | None, stored: StoredRuling, now: datetime) -> Refusal | None:
    """Return why a ruling cannot be taken back, or None.

    An approval can while its push is approved, one of two while it is sealed.
    """
    lasts = {PushState.APPROVED: stored.standing, PushState.IN_REVIEW: stored.is_sealed}
    if push is None or not lasts.get(push.state):
        return Refusal.STATE_CHANGED
    return Refusal.UNDO_OVER if now >= stored.undo_until else None


def why_not_now(
    tx: Tx,
    ticket: Ticket,
    push: StoredPush | None,
    reviewer: Reviewer,
    request: RulingRequest,
    now: datetime,
) -> Refusal | None:
    """Return why a ruling cannot be given now, or None."""
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
