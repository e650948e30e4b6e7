"""Pure rules of the review queue: who may claim, who may rule, and why not."""

from datetime import datetime
from enum import StrEnum

from app.domain.values import dataclass


class Refusal(StrEnum):
    """Why a claim or a ruling is refused; the code goes out as it stands."""

    NOT_FOUND = "ticket_not_found"
    CLOSED = "ticket_closed"
    CLAIMED_BY_OTHER = "claimed_by_other"
    NOT_CLAIMED = "not_claimed"
    LAPSED = "claim_lapsed"
    STALE_FENCING = "stale_claim"
    STALE_CONTENT = "stale_content"
    OWN_PUSH = "own_push"
    TIED = "tied_to_provider"
    PUSH_EXPIRED = "push_expired"
    TOO_MANY_CLAIMS = "too_many_claims"
    NOTHING_WAITING = "nothing_waiting"
    STATE_CHANGED = "state_changed"
    OUTAGE = "fact_outage"
    BLOCKED = "push_blocked"
    HOLDS_NOT_CLEARED = "holds_not_cleared"
    NOT_CHECKED = "manual_check_missing"
    UNDO_OVER = "undo_over"
    NOT_YOURS = "not_your_ruling"
    PASSED = "passed_on"
    NEEDS_LEAD = "needs_lead"
    NO_LEAD = "no_lead_left"
    RULED = "ruled_already"
    NEEDS_ARBITER = "needs_arbiter"


class PassWay(StrEnum):
    """How somebody passes a ticket on; whichever way, it never comes back to them."""

    SKIP = "skip"
    RECUSE = "recuse"
    ESCALATE = "escalate"


MAX_CLAIMS = 3


@dataclass(frozen=True, slots=True)
class Reviewer:
    """A person who reviews.

    `tied_to` are the providers that this person may not rule on, `passed` the tickets that they
    passed on; only a lead rules on what was escalated.
    """

    staff_id: str
    tied_to: frozenset[str]
    is_lead: bool = False
    passed: frozenset[str] = frozenset()

    @property
    def person(self) -> str:
        """The person as rulings and pushes name one."""
        return f"staff:{self.staff_id}"


@dataclass(frozen=True, slots=True)
class Ticket:
    """One push that waits for a person.

    `first_by` and `second_by` have ruled on a push that needs two; nobody who may still rule on
    it is told. With a second it waits for an arbiter.
    """

    id: str
    push_id: str
    digest: str
    provider_id: str
    surface_id: str
    submitter: str
    kind: str
    title: str
    holds: tuple[str, ...]
    state: str
    rank: int
    deadline: datetime
    expires_at: datetime
    opened_at: datetime
    claimed_by: str | None
    lease_until: datetime | None
    fencing: int
    closed_at: datetime | None
    escalated_at: datetime | None = None
    sender_id: str = ""
    claimed_at: datetime | None = None
    first_by: str | None = None
    second_by: str | None = None

    @property
    def needs_arbiter(self) -> bool:
        """Whether two have ruled and disagree, so that a lead has the last word."""
        return self.second_by is not None

    def is_held(self, now: datetime) -> bool:
        """Whether somebody holds a claim whose lease has not run out."""
        return (
            self.claimed_by is not None and self.lease_until is not None and self.lease_until > now
        )


def why_not_review(ticket: Ticket, reviewer: Reviewer) -> Refusal | None:
    """Return why this person may never rule on this push (promise 1), or None."""
    is_no_lead = not reviewer.is_lead
    reasons = (
        (ticket.submitter == reviewer.person, Refusal.OWN_PUSH),
        (ticket.provider_id in reviewer.tied_to, Refusal.TIED),
        (ticket.id in reviewer.passed, Refusal.PASSED),
        (reviewer.staff_id in {ticket.first_by, ticket.second_by}, Refusal.RULED),
        (ticket.needs_arbiter and is_no_lead, Refusal.NEEDS_ARBITER),
        (ticket.escalated_at is not None and is_no_lead, Refusal.NEEDS_LEAD),
    )
    return next((refusal for applies, refusal in reasons if applies), None)


def why_not_claim(
    ticket: Ticket, reviewer: Reviewer, now: datetime, open_claims: int
) -> Refusal | None:
    """Return why this person may not claim the ticket now, or None.

    `open_claims` counts the person's other live claims.
    """
    if ticket.state != "open":
        return Refusal.CLOSED
    if ticket.expires_at <= now:
        return Refusal.PUSH_EXPIRED
    never = why_not_review(ticket, reviewer)
    if never is not None:
        return never
    if ticket.is_held(now) and ticket.claimed_by != reviewer.staff_id:
        return Refusal.CLAIMED_BY_OTHER
    return Refusal.TOO_MANY_CLAIMS if open_claims >= MAX_CLAIMS else None


def why_not_rule(
    ticket: Ticket, reviewer: Reviewer, now: datetime, fencing: int, digest: str
) -> Refusal | None:
    """Return why a ruling that carries this claim and content is refused, or None.

    A late ruling is refused even when nobody has taken the ticket since.
    """
    never = why_not_review(ticket, reviewer)
    if never is not None:
        return never
    held = why_not_hold(ticket, reviewer, now, fencing)
    if held is not None:
        return held
    return Refusal.STALE_CONTENT if ticket.digest != digest else None


def why_not_hold(ticket: Ticket, reviewer: Reviewer, now: datetime, fencing: int) -> Refusal | None:
    """Return why this person does not hold the claim with that fencing number, or None."""
    reasons = (
        (ticket.state != "open", Refusal.CLOSED),
        (ticket.claimed_by is None, Refusal.NOT_CLAIMED),
        (ticket.claimed_by != reviewer.staff_id, Refusal.CLAIMED_BY_OTHER),
        (ticket.fencing != fencing, Refusal.STALE_FENCING),
        (not ticket.is_held(now), Refusal.LAPSED),
    )
    return next((refusal for applies, refusal in reasons if applies), None)
