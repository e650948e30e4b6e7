"""Claiming tickets: lease, heartbeat, fencing number; and how long the queue is."""

import asyncio
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import NamedTuple

from app.audit.events import Actor, ActorKind, AuditKind
from app.audit.record import record
from app.clock import Clock
from app.db.session import Database, Tx
from app.errors import FieldProblem, Invalid, Words
from app.review import repository
from app.review.day import OwnDays
from app.review.health import QueueHealth
from app.review.pass_repository import Pass, insert_pass, passed_by, passes_of
from app.review.presence import Presence
from app.review.queue_repository import QueueFilter, queue
from app.review.rechecks import Rechecks
from app.review.ruling_repository import under_seal
from app.review.states import PassWay, Refusal, Reviewer, Ticket, why_not_claim, why_not_hold

_GAUGE_SECONDS = 2.0
LONGEST_PASS_REASON = 500
_PASSES = {
    PassWay.SKIP: AuditKind.TICKET_SKIPPED,
    PassWay.RECUSE: AuditKind.TICKET_RECUSED,
    PassWay.ESCALATE: AuditKind.TICKET_ESCALATED,
}


@dataclass(frozen=True, slots=True)
class Passing:
    """How a ticket is passed on and why; a skip alone needs no reason."""

    way: PassWay
    reason: str


class _Gauge(NamedTuple):
    """How many open tickets come before each (rank, minute), and until when that is good enough."""

    good_until: float
    keys: list[tuple[int, str]]
    sums: list[int]


@dataclass(frozen=True, slots=True)
class Wait:
    """How many tickets come first, and in how many seconds it may be ruled on; None unknown."""

    ahead: int
    seconds: int | None


class Review:
    """The review queue."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        claim_seconds: int,
        leads_for: Callable[[Tx, str], frozenset[str]],
    ) -> None:
        """Let a claim last `claim_seconds` from the last heartbeat.

        `leads_for(tx, provider_id)` are the leads who may rule on that provider now.
        """
        self.presence = Presence(db, clock)
        self.rechecks = Rechecks(db, clock)
        self._leads_for = leads_for
        self._db = db
        self._clock = clock
        self._lease = timedelta(seconds=claim_seconds)
        self.health = QueueHealth(db, clock)
        self.days = OwnDays(db, clock)
        self._gauge: _Gauge | None = None
        self._counting = asyncio.Lock()

    async def claim_next(self, reviewer: Reviewer) -> Ticket | Refusal:
        """Claim the most urgent ticket that this person may rule on."""

        def work(tx: Tx) -> Ticket | Refusal:
            now = self._clock.now()
            held = repository.live_claims(tx, reviewer.staff_id, now)
            ticket = repository.next_ticket(tx, reviewer, now)
            if ticket is None:
                return Refusal.NOTHING_WAITING
            refusal = why_not_claim(ticket, reviewer, now, len(held))
            return self._take(tx, ticket, reviewer, now) if refusal is None else refusal

        return await self._db.write(work)

    async def claim(self, reviewer: Reviewer, ticket_id: str) -> Ticket | Refusal:
        """Claim one ticket; one's own live claim is renewed and keeps its fencing number."""

        def work(tx: Tx) -> Ticket | Refusal:
            now = self._clock.now()
            ticket = repository.lock_ticket(tx, ticket_id)
            if ticket is None:
                return Refusal.NOT_FOUND
            asking = replace(reviewer, passed=passed_by(tx, reviewer.staff_id))
            others = [
                held
                for held in repository.live_claims(tx, reviewer.staff_id, now)
                if held.id != ticket_id
            ]
            refusal = why_not_claim(ticket, asking, now, len(others))
            return self._take(tx, ticket, reviewer, now) if refusal is None else refusal

        return await self._db.write(work)

    async def heartbeat(self, reviewer: Reviewer, ticket_id: str, fencing: int) -> Ticket | Refusal:
        """Extend a live claim; a lapsed or overtaken one is refused."""

        def work(tx: Tx) -> Ticket | Refusal:
            now = self._clock.now()
            ticket = repository.lock_ticket(tx, ticket_id)
            if ticket is None:
                return Refusal.NOT_FOUND
            refusal = why_not_hold(ticket, reviewer, now, fencing)
            if refusal is not None:
                return refusal
            until = now + self._lease
            repository.set_claim(tx, ticket_id, reviewer.staff_id, until, fencing)
            return repository.ticket_by_id(tx, ticket_id) or Refusal.NOT_FOUND

        return await self._db.write(work)

    async def hand_back(self, reviewer: Reviewer, ticket_id: str, fencing: int) -> Refusal | None:
        """Give a claim up, so that somebody else can take the ticket at once."""

        def work(tx: Tx) -> Refusal | None:
            now = self._clock.now()
            ticket = repository.lock_ticket(tx, ticket_id)
            if ticket is None:
                return Refusal.NOT_FOUND
            refusal = why_not_hold(ticket, reviewer, now, fencing)
            if refusal is None:
                repository.set_claim(tx, ticket_id, None, None, fencing)
                self._record(tx, AuditKind.TICKET_RETURNED, reviewer, ticket_id, fencing)
            return refusal

        return await self._db.write(work)

    async def pass_on(
        self, reviewer: Reviewer, ticket_id: str, fencing: int, passing: Passing
    ) -> Refusal | None:
        """Give a claim up for good: the ticket never comes back to this person.

        Invalid without a reason where one is due. An escalation is refused if no other lead is
        left who could take it, for nobody would ever rule on the ticket.
        """
        _check(passing)

        def work(tx: Tx) -> Refusal | None:
            now = self._clock.now()
            ticket = repository.lock_ticket(tx, ticket_id)
            if ticket is None:
                return Refusal.NOT_FOUND
            refusal = why_not_hold(ticket, reviewer, now, fencing)
            if refusal is not None:
                return refusal
            if passing.way is PassWay.ESCALATE and not self._has_lead(tx, ticket, reviewer):
                return Refusal.NO_LEAD
            reason = passing.reason.strip()
            insert_pass(tx, Pass(ticket_id, reviewer.staff_id, passing.way, reason, now))
            repository.set_claim(tx, ticket_id, None, None, fencing)
            actor = Actor(ActorKind.STAFF, reviewer.staff_id)
            noted = {"push": ticket.push_id, "reason": reason, "fencing": fencing}
            record(tx, now, _PASSES[passing.way], actor, ticket_id, **noted)
            return None

        return await self._db.write(work)

    async def under_seal(self) -> frozenset[str]:
        """Return the pushes, and their tickets, on which sealed rulings wait for others."""
        return await self._db.read(under_seal)

    async def ticket(self, ticket_id: str) -> Ticket | None:
        """Return a ticket."""
        return await self._db.read(lambda tx: repository.ticket_by_id(tx, ticket_id))

    async def queue(
        self, wanted: QueueFilter, limit: int = 50, offset: int = 0
    ) -> tuple[list[Ticket], int]:
        """Return a page of open tickets in the order of work, and how many match."""
        now = self._clock.now()
        return await self._db.read(lambda tx: queue(tx, wanted, now, limit, offset))

    async def my_claims(self, staff_id: str) -> list[Ticket]:
        """Return the tickets that this person holds."""
        now = self._clock.now()
        return await self._db.read(lambda tx: repository.live_claims(tx, staff_id, now))

    async def waiting_ahead(self, rank: int, deadline: datetime) -> int:
        """Return how many open tickets come before one of that rank and deadline.

        Deadlines count by the minute; the count is two seconds old at most, older only where
        counting itself takes long. One caller counts; others take the last count meanwhile.
        """
        gauge = self._gauge
        is_due = gauge is None or self._clock.monotonic() > gauge.good_until
        if gauge is None or (is_due and not self._counting.locked()):
            async with self._counting:
                # Whoever had to wait for the lock finds a new one.
                if self._gauge is None or self._gauge is gauge:
                    self._gauge = await self._count()
                gauge = self._gauge
        minute = deadline.astimezone(UTC).isoformat(" ", "minutes").removesuffix("+00:00")
        return gauge.sums[bisect_left(gauge.keys, (rank, minute))]

    async def wait(self, rank: int, deadline: datetime, behind: int = 0) -> Wait:
        """Return what a ticket of that rank and deadline has to expect.

        `behind` is how many of the same minute come before it, which `waiting_ahead` cannot tell.
        """
        ahead = await self.waiting_ahead(rank, deadline) + behind
        return Wait(ahead, (await self.health.pace()).wait(ahead))

    async def _count(self) -> "_Gauge":
        began = self._clock.monotonic()
        rows = await self._db.read(repository.open_deadlines)
        ended = self._clock.monotonic()
        return _Gauge(
            good_until=ended + max(_GAUGE_SECONDS, 20 * (ended - began)),
            keys=[(rank, minute) for rank, minute, _ in rows],
            sums=list(accumulate((count for _, _, count in rows), initial=0)),
        )

    def _take(self, tx: Tx, ticket: Ticket, reviewer: Reviewer, now: datetime) -> Ticket | Refusal:
        is_renewal = ticket.is_held(now) and ticket.claimed_by == reviewer.staff_id
        fencing = ticket.fencing if is_renewal else ticket.fencing + 1
        since = None if is_renewal else now
        until = now + self._lease
        repository.set_claim(tx, ticket.id, reviewer.staff_id, until, fencing, since)
        if not is_renewal:
            self._record(tx, AuditKind.TICKET_CLAIMED, reviewer, ticket.id, fencing)
        return repository.ticket_by_id(tx, ticket.id) or Refusal.NOT_FOUND

    def _has_lead(self, tx: Tx, ticket: Ticket, reviewer: Reviewer) -> bool:
        """Tell whether a lead is left who is none of those who may not rule."""
        out = {one.staff_id for one in passes_of(tx, ticket.id)}
        out |= {reviewer.staff_id, ticket.first_by or "", ticket.second_by or ""}
        left = self._leads_for(tx, ticket.provider_id) - out
        return any(ticket.submitter != f"staff:{lead}" for lead in left)

    def _record(
        self, tx: Tx, kind: AuditKind, reviewer: Reviewer, ticket_id: str, fencing: int
    ) -> None:
        actor = Actor(ActorKind.STAFF, reviewer.staff_id)
        record(tx, self._clock.now(), kind, actor, ticket_id, fencing=fencing)


def _check(passing: Passing) -> None:
    reason = passing.reason.strip()
    pointer = "/pass_reason"
    if passing.way is not PassWay.SKIP and not reason:
        words = Words("回避或升级须填写理由", "To recuse or escalate, give a reason")
        raise Invalid(problems=(FieldProblem(pointer, "required", words),))
    if len(reason) > LONGEST_PASS_REASON or any(
        char == "\0" or "\ud800" <= char <= "\udfff" for char in reason
    ):
        words = Words(
            f"最多 {LONGEST_PASS_REASON} 个字，且不得含空字符或残缺字符",
            f"At most {LONGEST_PASS_REASON} characters, no null characters or halves of one",
        )
        raise Invalid(problems=(FieldProblem(pointer, "bad_text", words),))
