"""The JSON of the wire for decisions, pushes and timelines."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from app.delivery.outcomes import counts
from app.domain.cap_use import CapUse
from app.domain.decision import Decision, Ruling
from app.domain.envelope import instant_text
from app.domain.state import PushState
from app.pushes.cap_warnings import warning_json
from app.pushes.records import StoredPush, Transition
from app.rules.matrix import decision_json


@dataclass(frozen=True, slots=True)
class ReviewWait:
    """Until when a person has to decide, how many pushes come first, and the likely wait (s)."""

    deadline: datetime
    waiting_ahead: int
    estimated_wait: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A change of state, and the versions of the latest decision at that time."""

    transition: Transition
    versions: dict[str, str]


@dataclass(frozen=True, slots=True)
class PushView:
    """A push as its sender sees it; `outcomes` are the outbox rows' letters.

    `left_out` has how many each cap has left out, `shadowed` how many shadow caps would have,
    `exempted` how many each exemption has let through, `warnings` which caps it brought near their
    limits.
    """

    push: StoredPush
    state: PushState
    decision: Decision
    review: ReviewWait | None
    ruling: Ruling | None
    outcomes: tuple[str, ...] | None
    left_out: Mapping[str, int]
    shadowed: Mapping[str, int]
    exempted: Mapping[str, int]
    warnings: Sequence[CapUse] = ()


def submitted_json(
    push: StoredPush,
    decision: Decision,
    review: ReviewWait | None,
    warnings: Sequence[CapUse] = (),
) -> dict[str, Any]:
    """Return the answer to a submission; `warnings` are of caps that are nearly used up."""
    return {
        "id": push.id,
        "state": push.state.value,
        "digest": push.digest,
        "external_id": push.external_id,
        "decision": decision_json(decision),
        "review": _review_json(review),
        "warnings": [warning_json(one) for one in warnings],
    }


def push_json(view: PushView) -> dict[str, Any]:
    """Return a push as `GET /v1/pushes/{id}` shows it."""
    push = view.push
    return {
        "id": push.id,
        "state": view.state.value,
        "digest": push.digest,
        "external_id": push.external_id,
        "replaces": push.replaces,
        "superseded_by": push.superseded_by,
        "kind": push.kind,
        "surface": push.surface_id,
        "title": push.title,
        "submitted_at": instant_text(push.submitted_at),
        "not_before": None if push.not_before is None else instant_text(push.not_before),
        "expires_at": instant_text(push.expires_at),
        "decision": decision_json(view.decision),
        "review": _review_json(view.review),
        "ruling": _ruling_json(view.ruling),
        "delivery": delivery_json(push.audience_size, view.outcomes),
        "left_out_by": dict(view.left_out),
        "shadow_caps": dict(view.shadowed),
        "exempted_by": dict(view.exempted),
        "warnings": [warning_json(one) for one in view.warnings],
    }


def delivery_json(audience: int | None, outcomes: Iterable[str] | None) -> dict[str, Any] | None:
    """Return how many recipients met each outcome; None before release."""
    if outcomes is None:
        return None
    return {"recipients": audience, **counts(outcomes)}


def change_json(change: Change) -> dict[str, Any]:
    """Return one change of state: when, who by role and never by name, under which versions."""
    made = change.transition
    return {
        "at": instant_text(made.at),
        "from": None if made.from_state is None else made.from_state.value,
        "to": made.to_state.value,
        "role": made.role,
        "versions": change.versions,
        "note": made.note,
    }


def json_bytes(value: object) -> bytes:
    """Return JSON as it goes out."""
    return orjson.dumps(value)


def _review_json(review: ReviewWait | None) -> dict[str, Any] | None:
    if review is None:
        return None
    return {
        "deadline": instant_text(review.deadline),
        "waiting_ahead": review.waiting_ahead,
        "estimated_wait_seconds": review.estimated_wait,
    }


def _ruling_json(ruling: Ruling | None) -> dict[str, Any] | None:
    if ruling is None:
        return None
    return {
        "verdict": ruling.verdict.value,
        "clause": ruling.clause,
        "reason": ruling.reason,
        "given_at": instant_text(ruling.given_at),
    }
