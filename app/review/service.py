"""Claiming tickets: lease, heartbeat, fencing number; and how long the queue is."""

import asyncio
from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import NamedTuple

from app.audit.events import Actor, ActorKind, AuditKind
from app.audit.record import record
from app.clock import Clock
from app.db.session import Database, Tx
from app.review import repository
from app.review.repository import QueueFilter
from app.review.states import Refusal, Reviewer, Ticket, why_not_claim, why_not_hold

_GAUGE_SECONDS = 2.0


class _Gauge(NamedTuple):
    """How many open tickets come before each (rank, minute), and until when that is good enough."""

    good_until: float
    keys: list[tuple[int, str]]
    sums: list[int]


class Review:
    """The review queue."""

    def __init__(self, db: Database, clock: Clock, claim_seconds: int) -> None:
        """Let a claim last `claim_seconds` from the last heartbeat."""
        self._db = db
        self._clock = clock
        self._lease = timedelta(seconds=claim_seconds)
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
            ticket = repository.ticket_by_id(tx, ticket_id)
            if ticket is None:
                return Refusal.NOT_FOUND
            others = [
                held
                for held in repository.live_claims(tx, reviewer.staff_id, now)
                if held.id != ticket_id
            ]
            refusal = why_not_claim(ticket, reviewer, now, len(others))
            return self._take(tx, ticket, reviewer, now) if refusal is None else refusal

        return await self._db.write(work)

    async def heartbeat(self, reviewer: Reviewer, ticket_id: str, fencing: int) -> Ticket | Refusal:
        """Extend a live claim; a lapsed or overtaken one is refused."""

        def work(tx: Tx) -> Ticket | Refusal:
            now = self._clock.now()
            ticket = repository.ticket_by_id(tx, ticket_id)
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
            ticket = repository.ticket_by_id(tx, ticket_id)
            if ticket is None:
                return Refusal.NOT_FOUND
            refusal = why_not_hold(ticket, reviewer, now, fencing)
            if refusal is None:
                repository.set_claim(tx, ticket_id, None, None, fencing)
                self._record(tx, AuditKind.TICKET_RETURNED, reviewer, ticket_id, fencing)
            return refusal

        return await self._db.write(work)

    async def ticket(self, ticket_id: str) -> Ticket | None:
        """Return a ticket."""
        return await self._db.read(lambda tx: repository.ticket_by_id(tx, ticket_id))

    async def queue(
        self, wanted: QueueFilter, limit: int = 50, offset: int = 0
    ) -> tuple[list[Ticket], int]:
        """Return a page of open tickets in the order of work, and how many match."""
        now = self._clock.now()
        return await self._db.read(lambda tx: repository.queue(tx, wanted, now, limit, offset))

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
        repository.set_claim(tx, ticket.id, reviewer.staff_id, now + self._lease, fencing)
        if not is_renewal:
            self._record(tx, AuditKind.TICKET_CLAIMED, reviewer, ticket.id, fencing)
        return repository.ticket_by_id(tx, ticket.id) or Refusal.NOT_FOUND

    def _record(
        self, tx: Tx, kind: AuditKind, reviewer: Reviewer, ticket_id: str, fencing: int
    ) -> None:
        actor = Actor(ActorKind.STAFF, reviewer.staff_id)
        record(tx, self._clock.now(), kind, actor, ticket_id, fencing=fencing)
