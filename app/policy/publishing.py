"""Versions of the policy: proposed by one admin, approved by another, in force at once or later."""

from datetime import datetime, timedelta
from typing import Final

from app.audit.events import Actor, ActorKind, AuditKind, instant_text
from app.audit.record import record
from app.clock import Clock
from app.db.session import Database, Tx
from app.domain.cap_json import cap_json
from app.domain.policy import Cap
from app.domain.policy_faults import PolicyFault, date_faults, faults
from app.domain.policy_topics import unregistered
from app.errors import Conflict, Forbidden, Invalid, NotFound, Words
from app.ids import new_id
from app.policy import repository
from app.policy.repository import PolicyVersion
from app.policy.timeline import hold_policy
from app.policy.topic_repository import registered_names
from app.policy.wording import invalid, problem

LONGEST_REASON: Final = 2_000
TOO_LATE: Final = timedelta(seconds=2)
"""What comes into force so soon may already be in force by another process's clock."""


class Publishing:
    """Commands on versions of the policy."""

    def __init__(self, db: Database, clock: Clock) -> None:
        """Work on the database."""
        self._db = db
        self._clock = clock

    async def versions(self) -> list[PolicyVersion]:
        """Return the newest policy versions first."""
        return await self._db.read(repository.policy_versions)

    async def check(self, caps: tuple[Cap, ...], effective_from: datetime | None = None) -> None:
        """Raise Invalid with all that is wrong with caps, as proposing them would."""
        await self._db.read(lambda tx: _check(tx, caps, self._clock.now(), effective_from))

    async def propose(
        self,
        staff_id: str,
        caps: tuple[Cap, ...],
        reason: str,
        effective_from: datetime | None = None,
    ) -> PolicyVersion:
        """Keep a draft of all caps; Invalid names what is wrong with them.

        Without `effective_from` (aware) they come into force once they are approved.
        """
        check_reason(reason)

        def work(tx: Tx) -> PolicyVersion:
            now = self._clock.now()
            _check(tx, caps, now, effective_from)
            version = PolicyVersion(
                new_id("pol"), repository.next_number(tx), caps, "draft", reason, staff_id, now,
                None, None, effective_from=effective_from,
            )  # fmt: skip
            repository.insert_policy(tx, version)
            self._record(tx, AuditKind.POLICY_PROPOSED, version, staff_id)
            return version

        return await self._db.write(work)

    async def approve(self, policy_id: str, staff_id: str) -> datetime | None:
        """Put a draft in force, or schedule it; return from when on, None if at once.

        One whose date has passed meanwhile comes into force at once. Forbidden for the admin who
        proposed it; Conflict where another is to come into force at the same instant.
        """

        def work(tx: Tx) -> datetime | None:
            now = hold_policy(tx, self._clock)
            version = _in_state(repository.policy_by_id(tx, policy_id), "draft")
            if version.proposed_by == staff_id:
                raise Forbidden(
                    Words(
                        "提出人不能批准自己的策略，须由另一位管理员批准",
                        "Whoever proposed the policy cannot approve it; another admin has to",
                    )
                )
            _check_still_fits(tx, version)
            repository.approve_policy(tx, policy_id, staff_id, now)
            if version.effective_from is not None and version.effective_from > now:
                self._record(tx, AuditKind.POLICY_SCHEDULED, version, staff_id)
                return version.effective_from
            repository.put_in_force(tx, policy_id, now)
            self._record(tx, AuditKind.POLICY_PUBLISHED, version, staff_id)
            return None

        return await self._db.write(work)

    async def withdraw(self, policy_id: str, staff_id: str, reason: str) -> None:
        """Let a scheduled version never come into force. One admin may: nothing changes.

        Conflict for one that is in force, or is about to be.
        """
        check_reason(reason)

        def work(tx: Tx) -> None:
            now = hold_policy(tx, self._clock)
            version = _in_state(repository.policy_by_id(tx, policy_id), "scheduled")
            if version.effective_from is not None and version.effective_from <= now + TOO_LATE:
                words = Words(
                    "该版本即将生效，来不及撤回；生效后可撤回最近一次发布",
                    "It is about to come into force: undo the last publishing once it has",
                )
                raise Conflict(words, code="about_to_be_in_force")
            repository.set_policy_state(tx, policy_id, "withdrawn")
            self._record(tx, AuditKind.POLICY_WITHDRAWN, version, staff_id, why=reason)

        await self._db.write(work)

    async def roll_back(self, staff_id: str, reason: str) -> PolicyVersion:
        """Undo the last publishing: the caps that were in force before are again, at once.

        One admin may: two approved what comes back (app/README.md, 29). Conflict where nothing
        was in force before, or the last publishing was itself a rollback.
        """
        check_reason(reason)

        def work(tx: Tx) -> PolicyVersion:
            now = hold_policy(tx, self._clock)
            active, before = repository.active_policy(tx), repository.replaced_policy(tx)
            if active is None or before is None or active.restores is not None:
                words = Words(
                    "没有可撤回的发布；再往前须另提新版本并由两人办理",
                    "There is no publishing to undo; further back takes a new version and two",
                )
                raise Conflict(words, code="nothing_to_roll_back")
            version = PolicyVersion(
                new_id("pol"), repository.next_number(tx), before.caps, "active", reason, staff_id,
                now, None, now, before.id, now,
            )  # fmt: skip
            repository.supersede_active(tx)
            repository.insert_policy(tx, version)
            self._record(tx, AuditKind.POLICY_ROLLED_BACK, version, staff_id)
            return version

        return await self._db.write(work)

    async def discard(self, policy_id: str, staff_id: str) -> None:
        """Drop a draft."""

        def work(tx: Tx) -> None:
            version = _in_state(repository.policy_by_id(tx, policy_id), "draft")
            repository.set_policy_state(tx, policy_id, "discarded")
            self._record(tx, AuditKind.PROPOSAL_REJECTED, version, staff_id)

        await self._db.write(work)

    def _record(
        self, tx: Tx, kind: AuditKind, version: PolicyVersion, by: str, **more: str
    ) -> None:
        starts = version.effective_from
        body = {
            "number": version.number,
            "caps": [cap_json(cap) for cap in version.caps],
            "reason": version.reason,
            "effective_from": None if starts is None else instant_text(starts),
        }
        actor = Actor(ActorKind.STAFF, by)
        record(tx, self._clock.now(), kind, actor, version.id, **body, **more)


def check_reason(reason: str) -> None:
    """Raise Invalid for no reason, or one that is too long."""
    if not reason.strip():
        raise invalid("/reason", "required", "请填写理由", "A reason is required")
    if len(reason) > LONGEST_REASON or "\0" in reason:
        raise invalid(
            "/reason", "too_long", f"最多 {LONGEST_REASON} 个字",
            f"At most {LONGEST_REASON} characters",
        )  # fmt: skip


def _in_state(version: PolicyVersion | None, state: str) -> PolicyVersion:
    if version is None:
        raise NotFound(Words("没有这个策略版本", "There is no such policy version"))
    if version.state != state:
        words = {
            "draft": Words("该策略版本已不是草稿", "The policy is no longer a draft"),
            "scheduled": Words(
                "该策略版本不在等待生效", "The policy does not wait to come into force"
            ),
        }
        raise Conflict(words[state], code=f"not_{state}")
    return version


def _before(tx: Tx, at: datetime | None) -> tuple[Cap, ...]:
    """Return the caps in force and those of versions that come into force before an instant."""
    active = repository.active_policy(tx)
    versions = [] if active is None else [active]
    if at is not None:
        coming = repository.scheduled_policies(tx)
        versions += [one for one in coming if one.effective_from and one.effective_from < at]
    return tuple(cap for one in versions for cap in one.caps)


def _taken(tx: Tx, at: datetime | None) -> list[PolicyFault]:
    """Return the fault of an instant at which another version comes into force."""
    return [
        PolicyFault("/effective_from", "date_taken", {"number": one.number})
        for one in repository.scheduled_policies(tx)
        if one.effective_from == at
    ]


def _check(tx: Tx, caps: tuple[Cap, ...], now: datetime, starts: datetime | None) -> None:
    """Raise Invalid with everything that is wrong with proposed caps and their date."""
    date = date_faults("/effective_from", starts, now)
    starts = None if date else starts
    before = _before(tx, starts)
    found = (
        *date,
        *_taken(tx, starts),
        *faults(caps, now, before, starts),
        *unregistered(caps, before, registered_names(tx)),
    )
    if found:
        raise Invalid(problems=tuple(problem(fault) for fault in found))


def _check_still_fits(tx: Tx, version: PolicyVersion) -> None:
    """Raise Conflict if a draft's instant or a topic that it names is gone meanwhile."""
    before = _before(tx, version.effective_from)
    lost = (
        *unregistered(version.caps, before, registered_names(tx)),
        *_taken(tx, version.effective_from),
    )
    for fault in lost:
        raise Conflict(problem(fault).message, code=fault.code)
