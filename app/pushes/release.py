"""The one function that lets a push out: release, envelope and outbox rows together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import orjson

from app.db.session import Tx
from app.db.versions import VersionsStale
from app.delivery import repository as delivery
from app.delivery.outcomes import Outcome
from app.delivery.release_caps import Outgoing, Weighed, weigh
from app.delivery.release_repository import add_second
from app.delivery.repository import OutboxRow, Release
from app.domain.canonical import canonical_bytes
from app.domain.cap_json import counting_json
from app.domain.decision import Decision, Ruling, Verdict
from app.domain.envelope import RELEASE_TYPE, ReleaseFacts, release_payload
from app.domain.exemptions import Exemption, eased
from app.domain.facts import Caps, Facts
from app.domain.pairs import TWO
from app.domain.policy import Cap
from app.errors import GatewayError, Words
from app.frequency.keys import batches, qualified
from app.frequency.windows import Scope
from app.ids import new_id
from app.pushes import pairing
from app.pushes.facts import Standing
from app.pushes.records import StoredPush
from app.signing.dsse import Signature, seal

BATCH = 250


class NotReleasable(GatewayError):  # noqa: N818 - a refusal, see app.errors
    """The push must not leave: no decision that allows it, or no ruling over these bytes."""

    code = "not_releasable"
    status_code = 409
    title = Words("该推送不得下发", "The push must not be released")


class LacksTwo(NotReleasable):
    """The push needs two persons who cleared all that holds it, and fewer have."""


@dataclass(frozen=True, slots=True)
class Going:
    """A push with the facts and the decision under which it may go.

    `zone` is the time zone of its surface, `exemptions` are those in force.
    """

    push: StoredPush
    facts: Facts
    decision: Decision
    versions: Mapping[str, str]
    channel: str
    zone: str = "Asia/Shanghai"
    exemptions: Sequence[Exemption] = ()


def going_of(push: StoredPush, standing: Standing, facts: Facts, decision: Decision) -> Going:
    """Return a push with what was just decided on it; VersionsStale if its surface is gone."""
    surface = standing.register.surface(push.surface_id)
    if surface is None:
        raise VersionsStale
    versions, live = standing.versions, standing.exemptions
    return Going(push, facts, decision, versions, surface.channel.value, surface.time_zone, live)


@dataclass(frozen=True, slots=True)
class Released:
    """To how many recipients a push goes.

    `weighed` is what caps of pushes say: with `waits_until` nothing was released yet, with
    `left_out_by` it was and reaches nobody.
    """

    recipients: int
    weighed: Weighed


def release(
    tx: Tx, going: Going, sign: Callable[[bytes], Signature], public_url: str, now: datetime
) -> Released:
    """Put a decided push in the outbox, unless a cap of pushes makes it wait.

    The only way to a channel. The caller holds the push locked. Raises NotReleasable unless
    the decision allows and a standing approval by somebody else binds these very bytes, LacksTwo
    where it needs two such and has one; the database refuses the rows as well.
    """
    push = going.push
    approvals = _approvals(tx, going, now)
    held = delivery.release_of(tx, push.id)
    # What goes on after a new hold has been counted when it first went.
    weighed, let = _weigh(tx, going, now) if held is None else (Weighed(), {})
    if weighed.waits_until is not None:
        return Released(0, weighed)
    outgoing = held or _release(going, sign, public_url, now)
    if held is None:
        delivery.insert_release(tx, replace(outgoing, left_out_by=weighed.left_out_by))
    else:
        delivery.let_held_go(tx, push.id, going.versions)
        if len(approvals) == TWO:
            # What had left on one approval; of two persons at least one gave another than that.
            for one in approvals:
                add_second(tx, push.id, one.id, one.reviewer)
    sent = {token for row in delivery.rows_of(tx, push.id) for token in row.recipients}
    tokens = [token for token in _recipients(push) if token not in sent]
    rows = _rows(going, outgoing, approvals, tokens, now)
    delivery.insert_rows(tx, [_as_weighed(row, weighed, let) for row in rows])
    return Released(0 if weighed.left_out_by else len(tokens), weighed)


def _weigh(tx: Tx, going: Going, now: datetime) -> tuple[Weighed, dict[str, str]]:
    """Count a push for the caps of pushes; name the exemption by the caps that one has eased."""
    push, topic = going.push, going.facts.push.topic
    about = [
        one
        for one in going.exemptions
        if one.pushes.include(push.surface_id, push.provider_id, topic)
    ]
    caps, let = eased(_caps(going.facts), about)
    scope = Scope(push.provider_id, push.kind, topic, push.surface_id)
    return weigh(tx, Outgoing(push.id, scope, going.zone, push.expires_at), caps, now), let


def _as_weighed(row: OutboxRow, weighed: Weighed, let: Mapping[str, str]) -> OutboxRow:
    """Return a row with what caps of pushes say of it, of all its recipients the same."""
    number = len(row.recipients)
    if weighed.left_out_by is not None:
        outcomes, left_out = Outcome.CAPPED.value * number, {weighed.left_out_by: number}
        return replace(row, outcomes=outcomes, state="done", left_out=left_out)
    exempted: dict[str, dict[str, list[int]]] = {}
    for cap in weighed.stopped:
        if cap in let:
            exempted.setdefault(let[cap], {})[cap] = list(range(number))
    shadowed = dict.fromkeys((cap for cap in weighed.stopped if cap not in let), number)
    return replace(row, shadowed=shadowed, exempted=exempted)


def _approvals(tx: Tx, going: Going, now: datetime) -> tuple[Ruling, ...]:
    """Return the approval that lets a push out, or the two that it needs, the latest first."""
    push, decision, rulings = going.push, going.decision, going.facts.rulings
    if decision.verdict is not Verdict.ALLOW or going.facts.push_digest != push.digest:
        raise NotReleasable
    held = [one.rule for one in decision.findings if one.verdict is Verdict.HOLD]
    if pairing.needed(tx, push, held, now):
        both = pairing.two_approvals(push, decision, rulings)
        if len(both) < TWO:
            raise LacksTwo
        return tuple(both)
    for ruling in reversed(rulings):
        if pairing.is_approval(push, ruling):
            return (ruling,)
    raise NotReleasable


def _release(
    going: Going, sign: Callable[[bytes], Signature], public_url: str, now: datetime
) -> Release:
    push, facts = going.push, going.facts
    release_id = new_id("rel")
    payload = release_payload(
        facts.push,
        ReleaseFacts(
            release_id=release_id,
            push_id=push.id,
            digest=push.digest,
            provider_id=facts.provider.id,
            provider_name=facts.push.presentation.provider_name,
            complaint_url=f"{public_url}/c/{release_id}",
            released_at=now,
        ),
    )
    envelope = seal(RELEASE_TYPE, canonical_bytes(payload), sign)
    return Release(
        id=release_id,
        push_id=push.id,
        digest=push.digest,
        surface_id=push.surface_id,
        provider_id=push.provider_id,
        kind=push.kind,
        topic=facts.push.topic,
        personalised=facts.push.personalisation.used,
        envelope=envelope,
        released_at=now,
    )


def _rows(
    going: Going,
    outgoing: Release,
    approvals: tuple[Ruling, ...],
    tokens: Sequence[str],
    now: datetime,
) -> list[OutboxRow]:
    push, ruling = going.push, approvals[0]
    second = approvals[1] if len(approvals) > 1 else None
    prefix = len(qualified(push.surface_id, ""))
    caps = row_caps(going.facts)
    return [
        OutboxRow(
            id=new_id("obx"),
            release_id=outgoing.id,
            push_id=push.id,
            digest=push.digest,
            ruling_id=ruling.id,
            ruling_verdict=ruling.verdict.value,
            ruling_reviewer=ruling.reviewer,
            ruling_standing=True,
            second_ruling_id=None if second is None else second.id,
            second_verdict=None if second is None else second.verdict.value,
            second_reviewer=None if second is None else second.reviewer,
            second_standing=None if second is None else True,
            provider_id=push.provider_id,
            surface_id=push.surface_id,
            kind=push.kind,
            topic=going.facts.push.topic,
            minors=going.facts.push.minors.value,
            content_class=going.facts.push.content_class or "",
            personalised=going.facts.push.personalisation.used,
            channel=going.channel,
            bucket=bucket,
            recipients=tuple(name[prefix:] for name in names),
            outcomes=Outcome.WAITING.value * len(names),
            caps=caps,
            versions=dict(going.versions),
            state="pending",
            stop=None,
            created_at=now,
            expires_at=push.expires_at,
            next_at=now,
            lease_owner=None,
            lease_until=None,
            attempts=0,
            last_error=None,
        )
        for bucket, names in batches(qualified(push.surface_id, token) for token in tokens)
    ]


def row_caps(facts: Facts) -> tuple[dict[str, object], ...]:
    """Return the caps as outbox rows carry them; NotReleasable where they are not known."""
    return tuple(counting_json(cap) for cap in _caps(facts) if not cap.counts_pushes)


def _caps(facts: Facts) -> list[Cap]:
    if not isinstance(facts.caps, Caps):
        raise NotReleasable
    return [cap for cap in facts.caps.caps if isinstance(cap, Cap)]


def _recipients(push: StoredPush) -> list[str]:
    return [] if push.recipients is None else list(orjson.loads(push.recipients))
