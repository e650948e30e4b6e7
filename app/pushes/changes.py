"""The one place where a push changes its state: transition, ledger and outcome event together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import orjson

from app import metrics
from app.audit.events import Actor, AuditKind
from app.audit.record import record
from app.db.session import Tx
from app.db.together import after_commit
from app.domain.envelope import instant_text
from app.domain.push import PushRequest
from app.domain.state import PushState, may_become
from app.ids import new_id
from app.pushes import repository
from app.pushes.history import History
from app.pushes.history_repository import note_state
from app.pushes.records import StoredPush, Transition
from app.webhooks.events import OutcomeEvent
from app.webhooks.repository import insert_event


class WrongTransitionError(RuntimeError):
    """A change of state that the table of states does not know: a fault of ours."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Who changes a state and why: `role` is what a sender sees, `actor` what the ledger keeps."""

    role: str
    actor: Actor
    kind: AuditKind = AuditKind.STATE_CHANGED

    @property
    def person(self) -> str:
        """The actor as one word."""
        return f"{self.actor.kind.value}:{self.actor.id}"


class Changes:
    """Writes changes of state."""

    def __init__(self, tells: Callable[[str], bool], history: History) -> None:
        """`tells` says whether a provider has an address for outcome webhooks."""
        self._tells = tells
        self._history = history

    def begin(self, tx: Tx, push: StoredPush, request: PushRequest) -> None:
        """Let later pushes be compared with one that was taken in and may go out."""
        self._history.remember(tx, push, request)

    def to(
        self,
        tx: Tx,
        push: StoredPush,
        state: PushState,
        cause: Cause,
        at: datetime,
        note: Mapping[str, object] | None = None,
    ) -> None:
        """Move `push`, which the caller has locked, to `state`.

        Raises WrongTransitionError for a change that the table of states does not allow.
        """
        if not may_become(push.state, state):
            raise WrongTransitionError(f"{push.id}: {push.state} cannot become {state}")
        noted = dict(note or {})
        repository.set_state(tx, push.id, state, at)
        number = repository.next_transition(tx, push.id)
        repository.insert_transitions(
            tx,
            [Transition(push.id, number, at, push.state, state, cause.role, cause.person, noted)],
        )
        record(
            tx,
            at,
            cause.kind,
            cause.actor,
            push.id,
            digest=push.digest,
            **{"from": push.state.value, "to": state.value},
            **noted,
        )
        note_state(tx, push.id, state, at)
        after_commit(tx, partial(self._history.became, push.id, state, at))
        after_commit(tx, partial(metrics.state_reached, state.value))
        if self._tells(push.provider_id):
            insert_event(tx, _event(push, state, at, noted))


def _event(
    push: StoredPush, state: PushState, at: datetime, note: Mapping[str, object]
) -> OutcomeEvent:
    event_id = new_id("evt")
    body = {
        "id": event_id,
        "type": "push.state_changed",
        "at": instant_text(at),
        "push": {
            "id": push.id,
            "external_id": push.external_id,
            "digest": push.digest,
            "from": push.state.value,
            "state": state.value,
        },
        "note": dict(note),
    }
    text = orjson.dumps(body).decode()
    return OutcomeEvent(event_id, push.provider_id, push.id, "push.state_changed", text, at)
