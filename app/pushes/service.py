"""Submitting, checking, following and withdrawing pushes."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from app import metrics
from app.audit.events import Actor, ActorKind, AuditKind
from app.audit.record import record
from app.audit.repository import append
from app.clock import Clock
from app.db.engines import long_work
from app.db.session import Database, Tx
from app.db.together import after_commit, answer_in, asking
from app.delivery import repository as delivery
from app.domain.cap_use import CapUse
from app.domain.decision import Decision
from app.domain.push import PushRequest
from app.domain.state import PushState, may_become
from app.errors import Conflict, GatewayError, Invalid, NotFound, Words
from app.fields import Fields
from app.loops import in_turns
from app.packs.operator_rules import ActiveRules
from app.providers.register import Caller
from app.pushes import repository
from app.pushes.answers import ReviewWait, json_bytes, submitted_json
from app.pushes.asking import store_parts
from app.pushes.cap_warnings import bearing
from app.pushes.changes import Cause, Changes
from app.pushes.conflicts import ANSWER_KEPT, replayed, room_for
from app.pushes.deciding import Prepared, count, only_decide, prepare
from app.pushes.facts import Gatherer, Standing
from app.pushes.parts import Answer, IdempotencyKey, PushParts
from app.pushes.records import SENT, StoredAnswer, StoredPush, said_by
from app.pushes.trial_repository import insert_shadow
from app.review.repository import close_ticket, open_ticket
from app.review.service import Review

CREATED = 201
# Answers forgotten at once, and how often somebody looks whether there are any.
_FORGET = 500
_FORGET_SECONDS = 600
# How many pushes of a batch are decided before other requests get a turn.
_TURN = 10

Content = tuple[PushRequest, PushParts]
Item = Content | GatewayError


class Pushes:
    """What a sender can do with pushes."""

    def __init__(
        self, db: Database, clock: Clock, gatherer: Gatherer, review: Review, changes: Changes
    ) -> None:
        """Every call is of one provider's sender and sees only that provider's pushes."""
        self._db = db
        self._clock = clock
        self._gatherer = gatherer
        self._review = review
        self._changes = changes

    async def check(
        self, caller: Caller, content: Content, own_rules: ActiveRules | None = None
    ) -> Decision:
        """Decide as `submit` would, or by other rules of the operator, and leave no trace."""
        standing = await self._gatherer.standing()
        if own_rules is not None:
            standing = replace(standing, own_rules=own_rules)
        decision = only_decide(self._gatherer, standing, caller, content, self._clock.now())
        count("check", decision)
        return decision

    async def warnings(self, provider_id: str, request: PushRequest) -> list[CapUse]:
        """Return the caps that a push would count for and that are nearly used up."""
        return bearing(await self._gatherer.standing(), request, provider_id)

    async def submit(
        self, caller: Caller, request: PushRequest, parts: PushParts, key: IdempotencyKey
    ) -> Answer:
        """Decide on a push and store it; durable when this returns.

        The same key and body get the stored bytes; Conflict for the same key with another
        body, a used `external_id`, or a `replaces` that cannot be replaced.
        """
        standing = await self._gatherer.standing()
        now = self._clock.now()
        prepared = prepare(self._gatherer, standing, caller, (request, parts), now)
        body = json_bytes(await self._submitted(standing, prepared))
        used_key = (caller.provider_id, key.key)

        def work(tx: Tx) -> StoredAnswer | None:
            used = answer_in(tx, repository.used_keys, used_key)
            if used is not None:
                return used
            try:
                self._store(tx, [prepared])
            except Conflict:
                # Another writer may have stored this very request since the group asked: what
                # is in the way is then the push itself.
                used = repository.used_key(tx, *used_key)
                if used is None:
                    raise
                return used
            answer = StoredAnswer(key.body_hash, prepared.push.id, CREATED, body, now)
            repository.insert_key(tx, caller.provider_id, key.key, answer)
            return None

        used = await self._db.write(asking(work, repository.used_keys, used_key))
        return Answer(CREATED, body) if used is None else replayed(used, key, self._clock.now())

    async def known(self, caller: Caller, key: IdempotencyKey) -> Answer | None:
        """Return the stored answer of a key, None if it is new; Conflict for another body."""
        used = await self._db.read(lambda tx: repository.used_key(tx, caller.provider_id, key.key))
        return None if used is None else replayed(used, key, self._clock.now())

    async def submit_batch(
        self,
        caller: Caller,
        items: Sequence[Item],
        key: IdempotencyKey,
        problem: Callable[[GatewayError], dict[str, Any]],
    ) -> Answer:
        """Submit many pushes at once; each gets its own result, in the order given.

        `problem` writes an error as problem details. The whole batch is one transaction and
        one idempotency key.
        """
        prepared = await self._prepare_all(caller, items)
        standing = await self._gatherer.standing()
        results = [
            {"status": item.status_code, "problem": problem(item)}
            if isinstance(item, GatewayError)
            else {"status": CREATED, "push": await self._submitted(standing, item)}
            for item in prepared
        ]
        now = self._clock.now()

        @long_work
        def work(tx: Tx) -> StoredAnswer:
            used = repository.used_key(tx, caller.provider_id, key.key)
            if used is not None:
                return used
            final = list(results)
            for position, item in enumerate(prepared):
                if isinstance(item, Prepared):
                    try:
                        self._store(tx, [item])
                    except Conflict as error:
                        final[position] = {"status": error.status_code, "problem": problem(error)}
            body = json_bytes({"results": final})
            answer = StoredAnswer(key.body_hash, None, 200, body, now)
            repository.insert_key(tx, caller.provider_id, key.key, answer)
            return answer

        return replayed(await self._db.write(work), key, now)

    async def withdraw(self, caller: Caller, push_id: str, reason: str) -> dict[str, Any]:
        """Stop what is not yet sent and recall what lies in inboxes; say how many.

        NotFound for another provider's push, Conflict once it is refused, blocked or expired.
        """
        cause = Cause("sender", Actor(ActorKind.SENDER, caller.sender_id), AuditKind.WITHDRAWAL)

        def work(tx: Tx) -> dict[str, Any]:
            push = repository.lock_push(tx, push_id)
            if push is None or push.provider_id != caller.provider_id:
                raise NotFound(Words("没有这条推送", "There is no such push"))
            return self.withdraw_locked(tx, push, cause, reason)

        return await self._db.write(work)

    async def withdraw_by_staff(
        self, actor: Actor, role: str, push_id: str, reason: str
    ) -> dict[str, Any]:
        """Withdraw any provider's push for the gateway; `role` is what the sender is told.

        NotFound; Invalid without a reason; Conflict once it is refused, blocked or expired.
        """
        fields = Fields()
        why = fields.text("/reason", reason, 500, lines=True)
        fields.finish()
        cause = Cause(role, actor, AuditKind.WITHDRAWAL)

        def work(tx: Tx) -> dict[str, Any]:
            push = repository.lock_push(tx, push_id)
            if push is None:
                raise NotFound(Words("没有这条推送", "There is no such push"))
            return self.withdraw_locked(tx, push, cause, why)

        return await self._db.write(work)

    def withdraw_locked(
        self, tx: Tx, push: StoredPush, cause: Cause, reason: str
    ) -> dict[str, Any]:
        """Withdraw a push that the caller has locked; what was delivered already is recalled."""
        now = self._clock.now()
        if not may_become(push.state, PushState.WITHDRAWN) and push.state not in SENT:
            raise Conflict(
                Words(
                    f"推送已处于 {push.state} 状态，无需撤回",
                    f"The push is {push.state}; there is nothing to withdraw",
                ),
                code="not_withdrawable",
            )
        close_ticket(tx, push.id, said_by(push), now)
        stopped = delivery.stop_rows(tx, push.id, "withdrawn", now)
        recalled = delivery.recall_inbox(tx, push.id, now)
        if may_become(push.state, PushState.WITHDRAWN):
            note = {"reason": reason, "stopped": stopped, "recalled": recalled}
            self._changes.to(tx, push, PushState.WITHDRAWN, cause, now, note)
            state = PushState.WITHDRAWN
        else:
            state = push.state
            told = {"reason": reason, "stopped": stopped, "recalled": recalled}
            record(tx, now, cause.kind, cause.actor, push.id, state=state.value, **told)
        return {"id": push.id, "state": state.value, "stopped": stopped, "recalled": recalled}

    async def forget_old_answers(self) -> int:
        """Empty some answers older than 72 hours; their keys stay used for ever."""
        before = self._clock.now() - ANSWER_KEPT
        return await self._db.write(lambda tx: repository.forget_answers(tx, before, _FORGET))

    async def run(self, stop: asyncio.Event) -> None:
        """Forget old answers until `stop`; an outage makes it wait and go on by itself."""

        def pause(forgotten: int) -> float:
            return 1 if forgotten == _FORGET else _FORGET_SECONDS

        await in_turns("old_answers", self.forget_old_answers, stop, pause)

    async def _prepare_all(
        self, caller: Caller, items: Sequence[Item]
    ) -> list[Prepared | GatewayError]:
        prepared: list[Prepared | GatewayError] = []
        standing = await self._gatherer.standing()
        for position, item in enumerate(items):
            if position % _TURN == 0:
                # A long batch outlasts the second after which no old pack decides.
                await asyncio.sleep(0)
                standing = await self._gatherer.standing()
            if isinstance(item, GatewayError):
                prepared.append(item)
                continue
            try:
                now = self._clock.now()
                prepared.append(prepare(self._gatherer, standing, caller, item, now))
            except Invalid as error:
                prepared.append(error)
        return prepared

    async def _submitted(self, standing: Standing, prepared: Prepared) -> dict[str, Any]:
        ticket = prepared.ticket
        wait = None
        if ticket is not None:
            due = await self._review.wait(ticket.rank, ticket.deadline)
            wait = ReviewWait(ticket.deadline, due.ahead, due.seconds)
        push = prepared.push
        uses = bearing(standing, prepared.request, push.provider_id)
        return submitted_json(push, prepared.decision, wait, uses)

    def _store(self, tx: Tx, new: Sequence[Prepared]) -> None:
        for prepared in new:
            push = prepared.push
            self._make_room(tx, push)
            repository.insert_pushes(tx, [push])
            repository.insert_decisions(tx, [prepared.stored])
            repository.insert_transitions(tx, [prepared.transition])
            store_parts(tx, prepared)
            if prepared.ticket is not None:
                open_ticket(tx, prepared.ticket)
                self._changes.begin(tx, push, prepared.request)
            insert_shadow(tx, push.id, prepared.shadow, push.submitted_at)
            append(tx, prepared.entry)
            after_commit(tx, partial(_count, prepared))

    def _make_room(self, tx: Tx, push: StoredPush) -> None:
        """Refuse an own id that is in use, then retire the push that is replaced.

        All checks come before the first change: a batch goes on after a refusal.
        """
        old = room_for(tx, push)
        if old is None:
            return
        repository.supersede(tx, old.id, push.id)
        if may_become(old.state, PushState.WITHDRAWN) and old.state is not PushState.RELEASING:
            cause = Cause("sender", Actor(ActorKind.SENDER, push.sender_id), AuditKind.WITHDRAWAL)
            close_ticket(tx, old.id, said_by(old), push.submitted_at)
            note = {"replaced_by": push.id}
            self._changes.to(tx, old, PushState.WITHDRAWN, cause, push.submitted_at, note)


def _count(prepared: Prepared) -> None:
    count("submit", prepared.decision)
    metrics.state_reached(prepared.push.state.value)
