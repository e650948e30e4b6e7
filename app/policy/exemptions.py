"""Exemptions from caps: proposed by one admin, approved by another, few, and over by themselves."""

from datetime import datetime, timedelta
from typing import Final

from app.audit.events import Actor, ActorKind, AuditKind, instant_text
from app.audit.record import record
from app.clock import Clock
from app.db.session import Database, Tx
from app.db.versions import Followed, VersionWatch, bump
from app.domain.exemptions import MOST_LIVE, Exempted, Exemption, live
from app.errors import Conflict, Forbidden, Invalid, NotFound, Words
from app.ids import new_id
from app.policy import exemption_repository as rows
from app.policy.exemption_faults import NewExemption, problems, reason_problems
from app.policy.exemption_repository import CapExemption
from app.policy.repository import active_policy
from app.policy.topic_repository import registered_names

EXEMPTIONS: Final = "cap_exemptions"
_STILL_KNOWN: Final = timedelta(minutes=1)


class CapExemptions:
    """Commands on exemptions, and which are in force."""

    def __init__(self, db: Database, watch: VersionWatch, clock: Clock) -> None:
        """Load on demand; what is in force follows its version, and the clock."""
        self._db = db
        self._clock = clock
        self._standing = Followed(db, watch, EXEMPTIONS, self._load)

    async def live(self) -> tuple[Exemption, ...]:
        """Return those in force now; VersionsStale when this worker cannot tell."""
        return live(await self._standing.get(), self._clock.now())

    async def all(self) -> list[CapExemption]:
        """Return the newest exemptions first."""
        return await self._db.read(rows.all_exemptions)

    async def get(self, exemption_id: str) -> CapExemption:
        """Return one; NotFound."""
        return _found(await self._db.read(lambda tx: rows.exemption_by_id(tx, exemption_id)))

    async def propose(self, staff_id: str, new: NewExemption) -> CapExemption:
        """Keep a draft; Invalid names what is wrong with it."""

        def work(tx: Tx) -> CapExemption:
            now = self._clock.now()
            policy = active_policy(tx)
            caps = frozenset(cap.id for cap in (() if policy is None else policy.caps))
            found = problems(new, now, caps, registered_names(tx))
            if found:
                raise Invalid(problems=found)
            one = CapExemption(
                new_id("exm"), new.name, new.caps, new.pushes, new.reason, new.basis,
                new.starts_at, new.ends_at, "draft", staff_id, now,
            )  # fmt: skip
            rows.insert_exemption(tx, one)
            self._record(tx, AuditKind.CAP_EXEMPTION_PROPOSED, one, staff_id, one.reason)
            return one

        return await self._db.write(work)

    async def approve(self, exemption_id: str, staff_id: str) -> None:
        """Put a draft in force from its start on, within a second everywhere.

        Forbidden for the admin who proposed it; Conflict where too many stand already, its end
        has passed, or the caps or topics that it names are gone.
        """

        def work(tx: Tx) -> None:
            now = self._clock.now()
            # Raising the version first makes those who approve at once come one after another.
            bump(tx, EXEMPTIONS, self._clock)
            one = _in_state(rows.exemption_by_id(tx, exemption_id), "draft")
            if one.proposed_by == staff_id:
                raise Forbidden(
                    Words(
                        "提出人不能批准自己的豁免，须由另一位管理员批准",
                        "Whoever proposed the exemption cannot approve it; another admin has to",
                    )
                )
            _check_still_fits(tx, one, now)
            starts = max(one.starts_at or now, now)
            rows.change_exemption(
                tx,
                one.id,
                state="active",
                starts_at=starts,
                approved_by=staff_id,
                approved_at=now,
            )
            self._record(tx, AuditKind.CAP_EXEMPTION_APPROVED, one, staff_id, one.reason)

        await self._db.write(work)

    async def discard(self, exemption_id: str, staff_id: str) -> None:
        """Drop a draft."""

        def work(tx: Tx) -> None:
            one = _in_state(rows.exemption_by_id(tx, exemption_id), "draft")
            rows.change_exemption(tx, one.id, state="discarded")
            self._record(tx, AuditKind.PROPOSAL_REJECTED, one, staff_id, one.reason)

        await self._db.write(work)

    async def end(self, exemption_id: str, staff_id: str, reason: str) -> None:
        """End one before its time, within a second everywhere. One admin may: caps bind again."""
        found = reason_problems(reason)
        if found:
            raise Invalid(problems=found)

        def work(tx: Tx) -> None:
            now = self._clock.now()
            one = _in_state(rows.exemption_by_id(tx, exemption_id), "active")
            if one.ends_at <= now:
                raise Conflict(Words("豁免已到期", "It has ended already"), code="ended")
            rows.change_exemption(
                tx, one.id, state="ended", ended_by=staff_id, ended_at=now, end_reason=reason
            )
            bump(tx, EXEMPTIONS, self._clock)
            self._record(tx, AuditKind.CAP_EXEMPTION_ENDED, one, staff_id, reason)

        await self._db.write(work)

    def _load(self, tx: Tx) -> tuple[Exemption, ...]:
        since = self._clock.now() - _STILL_KNOWN
        return tuple(one.as_rule() for one in rows.standing_exemptions(tx, since))

    def _record(self, tx: Tx, kind: AuditKind, one: CapExemption, by: str, reason: str) -> None:
        body = {
            "name": one.name,
            "caps": list(one.caps),
            "pushes": exempted_json(one.pushes),
            "basis": one.basis,
            "starts_at": None if one.starts_at is None else instant_text(one.starts_at),
            "ends_at": instant_text(one.ends_at),
            "reason": reason,
        }
        actor = Actor(ActorKind.STAFF, by)
        record(tx, self._clock.now(), kind, actor, one.id, **body)


def exempted_json(pushes: Exempted) -> dict[str, list[str]]:
    """Return which pushes an exemption is about as JSON."""
    return {
        "surfaces": list(pushes.surfaces),
        "providers": list(pushes.providers),
        "topics": list(pushes.topics),
    }


def _found(one: CapExemption | None) -> CapExemption:
    if one is None:
        raise NotFound(Words("没有这个豁免", "There is no such exemption"))
    return one


def _in_state(one: CapExemption | None, state: str) -> CapExemption:
    found = _found(one)
    if found.state != state:
        words = Words("豁免的状态已经变了，请刷新", "Its state has changed; look again")
        raise Conflict(words, code="exemption_changed")
    return found


def _check_still_fits(tx: Tx, one: CapExemption, now: datetime) -> None:
    """Raise Conflict where a draft can no longer be approved."""
    policy = active_policy(tx)
    caps = {cap.id for cap in (() if policy is None else policy.caps)}
    if one.ends_at <= now:
        raise Conflict(Words("豁免的结束时间已过", "Its end has passed"), code="ended")
    if not set(one.caps) <= caps or not set(one.pushes.topics) <= registered_names(tx):
        words = Words(
            "所列的上限或话题已不存在，请重新提出",
            "A cap or topic that it names is gone; propose it anew",
        )
        raise Conflict(words, code="exemption_outdated")
    if len(rows.standing_exemptions(tx, now)) >= MOST_LIVE:
        words = Words(
            f"同时有效的豁免最多 {MOST_LIVE} 个，请先结束其他的",
            f"At most {MOST_LIVE} exemptions stand at once: end another first",
        )
        raise Conflict(words, code="too_many_exemptions")
