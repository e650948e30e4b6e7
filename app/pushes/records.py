"""The rows of a push as frozen values."""

from datetime import datetime
from typing import Final

import orjson

from app.domain.decision import RulingVerdict, Verdict
from app.domain.state import PushState
from app.domain.values import dataclass

RULED: Final = {
    RulingVerdict.APPROVE: PushState.APPROVED,
    RulingVerdict.REFUSE: PushState.REFUSED,
    RulingVerdict.RETURN: PushState.RETURNED,
}
"""What a push becomes by a ruling."""
SENT: Final = frozenset(
    {PushState.RELEASED, PushState.PARTLY_RELEASED, PushState.FAILED, PushState.WITHDRAWN}
)
"""Something of it may be out, or go out: what failed has dead letters that can be replayed."""


@dataclass(frozen=True, slots=True)
class StoredPush:
    """A push as it is stored; it never changes but for its state.

    `pair_reasons` is why it needs two persons, None where nobody has found that it does.
    """

    id: str
    provider_id: str
    sender_id: str
    submitter: str
    surface_id: str
    external_id: str | None
    replaces: str | None
    superseded_by: str | None
    kind: str
    title: str
    digest: str
    canonical: bytes
    recipients: bytes | None
    audience_size: int | None
    state: PushState
    verdict: Verdict
    urgency: str
    submitted_at: datetime
    state_at: datetime
    not_before: datetime | None
    expires_at: datetime
    release_at: datetime | None
    pair_reasons: tuple[str, ...] | None = None


def said_by(push: StoredPush) -> tuple[str, str]:
    """Return title and body, which a reviewer has to read and searches look through."""
    said = orjson.loads(push.canonical)["push"]
    return said["title"], said["body"]


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """A decision with the facts that it was made from; `stage` is submit or release."""

    push_id: str
    number: int
    stage: str
    facts: bytes
    decision: bytes
    verdict: Verdict
    rule_set: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Transition:
    """One change of state: when, from what to what, who (role and id), and what goes with it."""

    push_id: str
    number: int
    at: datetime
    from_state: PushState | None
    to_state: PushState
    role: str
    actor: str
    note: dict[str, object]


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An idempotency key that was used; `answer` is None once its 72 hours are over."""

    body_hash: str
    push_id: str | None
    status: int
    answer: bytes | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class StoredAsset:
    """An image as it was handed in."""

    sha256: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Search:
    """What the console looks for: words of a title or an id, and filters; empty shows all."""

    text: str = ""
    state: str = ""
    kind: str = ""
    provider_id: str = ""
    surface_id: str = ""
