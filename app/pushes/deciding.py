"""From a request to rows: gather, decide, and what is to be written."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from app import metrics
from app.audit.events import Actor, ActorKind, AuditEntry, AuditKind
from app.domain.canonical import sha256_digest
from app.domain.decision import Decision, Ruling, Verdict
from app.domain.facts import Facts
from app.domain.links import LinkTrail, TrailOutcome
from app.domain.pictures import PictureFacts, Reading
from app.domain.push import PushRequest, Urgency
from app.domain.state import PushState
from app.domain.values import dataclass
from app.errors import FieldProblem, Invalid, Words
from app.ids import new_id
from app.providers.register import Caller
from app.pushes.canonical import canonical_push, canonical_tokens
from app.pushes.comparing import Difference, in_shadow
from app.pushes.facts import Gatherer, Standing, Subject
from app.pushes.parts import PushParts
from app.pushes.records import StoredDecision, StoredPush, Transition
from app.pushes.stored import facts_bytes
from app.review.states import Ticket
from app.rules.engine import decide, encode
from app.rules.links import WEB, belongs, target

# How long to wait before looking again for a fact that could not be had.
LOOK_AGAIN = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A decided push with every row that submission writes; `ticket` is None when blocked."""

    push: StoredPush
    request: PushRequest
    decision: Decision
    stored: StoredDecision
    transition: Transition
    ticket: Ticket | None
    entry: AuditEntry
    parts: PushParts
    shadow: tuple[str, Difference] | None = None
    """What the staged pack finds otherwise, and under which name that is kept."""
    # What somebody has to find out before anybody can rule.
    asks_for_texts: bool = False
    asks_for_trail: str | None = None


def prepare(
    gatherer: Gatherer,
    standing: Standing,
    caller: Caller,
    content: tuple[PushRequest, PushParts],
    now: datetime,
) -> Prepared:
    """Decide on a new push; Invalid when its surface is in no register."""
    request, parts = content
    if standing.register.surface(request.surface) is None:
        raise Invalid(
            problems=(
                FieldProblem(
                    "/surface", "unknown_surface", Words("未登记的展示端", "Unknown surface")
                ),
            )
        )
    canonical = canonical_push(caller.provider_id, request)
    subject = Subject(
        caller.provider_id,
        caller.submitter,
        sha256_digest(canonical),
        request,
        pictures=_pictures(gatherer, parts),
        trail=_trail(gatherer, standing, caller, request),
    )
    facts = gatherer.gather(standing, subject, (), now)
    decision = decide(facts)
    push = _push(caller, subject, canonical, parts, decision, now)
    return Prepared(
        push=push,
        request=request,
        decision=decision,
        stored=stored_decision(push.id, 1, "submit", facts, decision),
        transition=Transition(
            push.id, 1, now, None, push.state, "sender", f"sender:{caller.sender_id}", {}
        ),
        ticket=_ticket(push, decision) if push.state is PushState.IN_REVIEW else None,
        entry=_entry(push, facts, decision, caller),
        parts=parts,
        shadow=in_shadow(standing, facts),
        asks_for_texts=gatherer.looking.pictures and push.state is PushState.IN_REVIEW,
        asks_for_trail=_to_follow(facts) if push.state is PushState.IN_REVIEW else None,
    )


def _pictures(gatherer: Gatherer, parts: PushParts) -> tuple[PictureFacts, ...]:
    reading = Reading.PENDING if gatherer.looking.pictures else Reading.OFF
    return tuple(replace(picture, reading=reading) for picture in parts.pictures)


def _trail(
    gatherer: Gatherer, standing: Standing, caller: Caller, request: PushRequest
) -> LinkTrail | None:
    """Return what is known of where a link leads: nothing yet; only declared ones are followed."""
    provider = standing.register.provider(caller.provider_id)
    if not gatherer.looking.links or request.link is None or provider is None:
        return None
    where = target(request.link.url)
    followed = where.scheme in WEB and belongs(where.host, provider.link_domains)
    return LinkTrail(TrailOutcome.PENDING) if followed else None


def _to_follow(facts: Facts) -> str | None:
    link = facts.push.link
    return None if facts.trail is None or link is None else link.url


def only_decide(
    gatherer: Gatherer,
    standing: Standing,
    caller: Caller,
    content: tuple[PushRequest, PushParts],
    now: datetime,
) -> Decision:
    """Decide as `prepare` does and leave no trace (`POST /v1/checks`)."""
    return prepare(gatherer, standing, caller, content, now).decision


def decide_again(
    gatherer: Gatherer,
    standing: Standing,
    subject: Subject,
    rulings: tuple[Ruling, ...],
    now: datetime,
) -> tuple[Facts, Decision]:
    """Decide on a stored push as things stand now, with its rulings as facts."""
    facts = gatherer.gather(standing, subject, rulings, now)
    return facts, decide(facts)


def count(stage: str, decision: Decision) -> None:
    """Count a decision and its findings; `stage` is check, submit or release."""
    metrics.decided(stage, decision.verdict.value)
    for finding in decision.findings:
        metrics.found(finding.rule, finding.verdict.value)


def stored_decision(
    push_id: str, number: int, stage: str, facts: Facts, decision: Decision
) -> StoredDecision:
    """Return the row of a decision."""
    return StoredDecision(
        push_id=push_id,
        number=number,
        stage=stage,
        facts=facts_bytes(facts),
        decision=encode(decision),
        verdict=decision.verdict,
        rule_set=decision.rule_set,
        decided_at=facts.now,
    )


def findings_note(decision: Decision) -> list[dict[str, Any]]:
    """Return all findings as the ledger keeps them."""
    return [
        {
            "rule": finding.rule,
            "verdict": finding.verdict.value,
            "code": finding.code,
            "pointer": finding.pointer,
            "cleared_by": finding.cleared_by,
        }
        for finding in decision.findings
    ]


def decision_note(decision: Decision) -> dict[str, object]:
    """Return verdict and findings as a change of state notes them."""
    return {"verdict": decision.verdict.value, "findings": findings_note(decision)}


def _push(
    caller: Caller,
    subject: Subject,
    canonical: bytes,
    parts: PushParts,
    decision: Decision,
    now: datetime,
) -> StoredPush:
    request = subject.request
    blocked = decision.verdict is Verdict.BLOCK
    return StoredPush(
        id=new_id("psh"),
        provider_id=caller.provider_id,
        sender_id=caller.sender_id,
        submitter=caller.submitter,
        surface_id=request.surface,
        external_id=request.external_id,
        replaces=request.replaces,
        superseded_by=None,
        kind=request.kind.value,
        title=request.title,
        digest=subject.digest,
        canonical=canonical,
        recipients=canonical_tokens(parts.recipients) if parts.recipients else None,
        audience_size=request.audience.size,
        state=PushState.BLOCKED if blocked else PushState.IN_REVIEW,
        verdict=decision.verdict,
        urgency=request.urgency.value,
        submitted_at=now,
        state_at=now,
        not_before=request.not_before,
        expires_at=request.expires_at,
        release_at=now + LOOK_AGAIN if decision.waits_for_outage and not blocked else None,
    )


def _ticket(push: StoredPush, decision: Decision) -> Ticket:
    return Ticket(
        id=new_id("tkt"),
        push_id=push.id,
        digest=push.digest,
        provider_id=push.provider_id,
        surface_id=push.surface_id,
        submitter=push.submitter,
        kind=push.kind,
        title=push.title,
        holds=decision.open_holds,
        state="open",
        rank=0 if push.urgency == Urgency.EMERGENCY.value else 1,
        deadline=review_deadline(push),
        expires_at=push.expires_at,
        opened_at=push.submitted_at,
        claimed_by=None,
        lease_until=None,
        fencing=0,
        closed_at=None,
        sender_id=push.sender_id,
    )


def review_deadline(push: StoredPush) -> datetime:
    """Return when a person has to have decided: `not_before` if it lies ahead, else expiry."""
    if push.not_before is not None and push.not_before > push.submitted_at:
        return push.not_before
    return push.expires_at


def _entry(push: StoredPush, facts: Facts, decision: Decision, caller: Caller) -> AuditEntry:
    kind = AuditKind.PUSH_BLOCKED if push.state is PushState.BLOCKED else AuditKind.PUSH_SUBMITTED
    return AuditEntry(
        id=new_id("aud"),
        at=push.submitted_at,
        kind=kind,
        actor=Actor(ActorKind.SENDER, caller.sender_id),
        subject=push.id,
        body={
            "digest": push.digest,
            "provider": push.provider_id,
            "submitter": push.submitter,
            "verdict": decision.verdict.value,
            "rule_set": decision.rule_set,
            "rule_pack": decision.rule_pack,
            "policy": facts.versions.policy,
            "findings": findings_note(decision),
        },
    )
