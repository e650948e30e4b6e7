"""Telling senders what became of their pushes: signed, retried, given up, replayed."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import structlog

from app import metrics
from app.audit.events import Actor, AuditKind, system
from app.audit.record import record
from app.clock import Clock
from app.db.session import Database, Tx
from app.egress.pause import pause
from app.egress.signed_post import Heard, Reply, SignedPost, Target
from app.errors import Conflict, Words
from app.loops import in_turns, when_idle
from app.providers.service import Register
from app.webhooks import repository
from app.webhooks.events import QueuedEvent

log = structlog.get_logger("webhooks")

MOST_ATTEMPTS = 8
_AT_ONCE = 16
_IDLE_SECONDS = 0.25
_LEASE = timedelta(seconds=60)


class OutcomeWebhooks:
    """Sends outcome events; several workers may run, the lease keeps them apart."""

    def __init__(self, db: Database, clock: Clock, register: Register, post: SignedPost) -> None:
        """Take each provider's address and secret from the register."""
        self._db = db
        self._clock = clock
        self._register = register
        self._post = post
        self.turned_at: float | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`; an outage makes it wait and go on by itself."""
        await in_turns("outcome_webhooks", self.run_once, stop, when_idle(_IDLE_SECONDS))

    async def run_once(self) -> int:
        """Send due events once; return how many were tried."""
        tried = await self._send_due()
        self.turned_at = self._clock.monotonic()
        return tried

    async def _send_due(self) -> int:
        now = self._clock.now()
        if not await self._db.read(lambda tx: repository.any_due(tx, now)):
            return 0
        due = await self._db.write(
            lambda tx: repository.claim_events(tx, now, now + _LEASE, _AT_ONCE)
        )
        await asyncio.gather(*(self._send(queued) for queued in due))
        return len(due)

    async def newest(self, state: str | None, limit: int = 100) -> list[QueuedEvent]:
        """Return events, of one state if given, the newest first."""
        return await self._db.read(lambda tx: repository.newest_events(tx, state, limit))

    async def replay(self, actor: Actor, event_id: str) -> None:
        """Send a dead event again, the same id and body; Conflict if it is not dead."""

        def work(tx: Tx) -> None:
            now = self._clock.now()
            if not repository.revive(tx, event_id, now):
                raise Conflict(Words("它不是死信", "It is no dead letter"), code="not_dead")
            record(tx, now, AuditKind.DEAD_LETTER_REPLAYED, actor, event_id)

        await self._db.write(work)

    async def _send(self, queued: QueuedEvent) -> None:
        provider = (await self._register.current()).provider(queued.event.provider_id)
        if provider is None or provider.outcome_url is None or provider.outcome_secret is None:
            reply = Reply(Heard.GONE, None, "the provider has no address for outcome webhooks")
        else:
            target = Target(provider.outcome_url, provider.outcome_secret, provider.id)
            body = queued.event.body.encode()
            reply = await self._post.send(target, queued.event.id, body)
        tried = self._tried(queued, reply)

        def work(tx: Tx) -> None:
            repository.save_try(tx, tried)
            if tried.state == "dead":
                now = self._clock.now()
                event = queued.event
                actor = system("webhooks")
                why = reply.detail
                record(
                    tx, now, AuditKind.DEAD_LETTER, actor, event.push_id, event=event.id, why=why
                )

        await self._db.write(work)
        metrics.attempt_ended("outcome_webhook", reply.heard.value)

    def _tried(self, queued: QueuedEvent, reply: Reply) -> QueuedEvent:
        attempts = queued.attempts + 1
        now = self._clock.now()
        final = reply.heard in {Heard.REFUSED, Heard.GONE} or attempts >= MOST_ATTEMPTS
        state = "dead" if final else "pending"
        if reply.heard is Heard.ACCEPTED:
            state = "delivered"
        return replace(
            queued,
            state=state,
            attempts=attempts,
            next_at=now + pause(attempts, reply.retry_after),
            finished_at=None if state == "pending" else now,
            last_status=reply.status,
            last_error=None if state == "delivered" else reply.detail,
        )
