"""What the push API answers, as frozen values; unknown members are kept in `raw`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.client.problem import ProblemError
from app.domain.decision import Topic, Verdict
from app.domain.state import PushState

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FoundFinding:
    """One thing that a rule noticed, with its clause, words and place."""

    rule: str
    topic: Topic
    verdict: Verdict
    clause: str
    message_zh: str
    message_en: str
    fix_zh: str
    fix_en: str
    pointer: str
    span: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class FoundDecision:
    """The worst verdict and all findings."""

    verdict: Verdict
    rule_set: str
    rule_pack: str
    findings: tuple[FoundFinding, ...]


@dataclass(frozen=True, slots=True)
class PushStatus:
    """A push as the gateway answers it; `delivery` counts recipients by outcome.

    `estimated_wait` is in seconds, None where no ruling is due or nobody can tell.
    """

    id: str
    state: PushState
    digest: str
    external_id: str | None
    decision: FoundDecision
    deadline: datetime | None
    waiting_ahead: int | None
    delivery: Mapping[str, int] | None
    raw: Json
    estimated_wait: int | None = None


@dataclass(frozen=True, slots=True)
class StateChange:
    """One change of state; `role` is who made it."""

    at: datetime
    came_from: PushState | None
    to: PushState
    role: str
    versions: dict[str, str]


@dataclass(frozen=True, slots=True)
class PushPage:
    """Pushes, the newest first, and the cursor of the next page if there is one."""

    items: tuple[PushStatus, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Recipients that were spared, and inboxes that it was taken back from."""

    state: PushState
    stopped: int
    recalled: int


def read_decision(value: Json) -> FoundDecision:
    """Read a decision from the wire."""
    return FoundDecision(
        verdict=Verdict(value["verdict"]),
        rule_set=value["rule_set"],
        rule_pack=value["rule_pack"],
        findings=tuple(_finding(one) for one in value["findings"]),
    )


def read_push(value: Json) -> PushStatus:
    """Read a push from the wire."""
    review = value.get("review")
    return PushStatus(
        id=value["id"],
        state=PushState(value["state"]),
        digest=value["digest"],
        external_id=value.get("external_id"),
        decision=read_decision(value["decision"]),
        deadline=None if review is None else datetime.fromisoformat(review["deadline"]),
        waiting_ahead=None if review is None else review["waiting_ahead"],
        estimated_wait=None if review is None else review.get("estimated_wait_seconds"),
        delivery=value.get("delivery"),
        raw=value,
    )


def read_batch(value: Json) -> tuple[PushStatus | ProblemError, ...]:
    """Read the results of a batch: a push or the problem of each item, in order."""
    return tuple(
        read_push(one["push"])
        if one.get("push") is not None
        else ProblemError(one["status"], one["problem"])
        for one in value["results"]
    )


def read_change(value: Json) -> StateChange:
    """Read one line of a timeline."""
    before = value["from"]
    return StateChange(
        at=datetime.fromisoformat(value["at"]),
        came_from=None if before is None else PushState(before),
        to=PushState(value["to"]),
        role=value["role"],
        versions=dict(value["versions"]),
    )


def _finding(value: Json) -> FoundFinding:
    span, citation = value["span"], value["citation"]
    return FoundFinding(
        rule=value["rule"],
        topic=Topic(value["topic"]),
        verdict=Verdict(value["verdict"]),
        clause="" if citation is None else f"《{citation['instrument']}》{citation['clause']}",
        message_zh=value["message"]["zh"],
        message_en=value["message"]["en"],
        fix_zh=value["fix"]["zh"],
        fix_en=value["fix"]["en"],
        pointer=value["pointer"],
        span=None if span is None else (span[0], span[1]),
    )
