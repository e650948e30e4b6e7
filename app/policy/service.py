"""Publishing frequency policies by two admins, and kill switches by one."""

from dataclasses import dataclass
from datetime import datetime

from app.audit.events import Actor, ActorKind, AuditKind, system
from app.audit.record import record
from app.clock import Clock
from app.db.session import Database, Tx
from app.db.versions import Followed, VersionWatch, bump
from app.domain.cap_json import cap_json
from app.domain.policy import Cap, Policy
from app.domain.policy_faults import faults
from app.domain.policy_topics import unregistered
from app.domain.push import ContentKind
from app.errors import Conflict, FieldProblem, Forbidden, Invalid, NotFound, Words
from app.ids import new_id
from app.policy import repository
from app.policy.cap_uses import CapUses
from app.policy.default import DEFAULT_CAPS
from app.policy.exemptions import CapExemptions
from app.policy.repository import KillSwitch, PolicyVersion
from app.policy.topic_repository import registered_names
from app.policy.topics import Topics
from app.policy.wording import problem

POLICY = "policy"
SWITCHES = "switches"
SCOPES = ("everything", "surface", "provider", "kind", "topic", "channel")
_LONGEST_REASON = 2_000
# Scopes whose values are a closed set.
_NAMED = {"kind": frozenset(ContentKind), "channel": frozenset({"inbox", "webhook"})}


@dataclass(frozen=True, slots=True)
class Reach:
    """What a kill switch may name of a push."""

    provider: str
    surface: str
    kind: str
    topic: str | None
    channel: str


@dataclass(frozen=True, slots=True)
class Switches:
    """The kill switches that are on."""

    engaged: tuple[KillSwitch, ...]

    def stopping(self, reach: Reach) -> KillSwitch | None:
        """Return the first switch that stops this push, or None."""
        for switch in self.engaged:
            if switch.scope == "everything" or switch.value == getattr(reach, switch.scope):
                return switch
        return None


class Policies:
    """The frequency policy in force and the kill switches."""

    def __init__(self, db: Database, watch: VersionWatch, clock: Clock) -> None:
        """Load on demand; both values follow their versions."""
        self.topics = Topics(db, clock)
        self.exemptions = CapExemptions(db, watch, clock)
        self.uses = CapUses(db, watch, clock)
        self._db = db
        self._clock = clock
        self._policy = Followed(db, watch, POLICY, _load_policy)
        self._switches = Followed(db, watch, SWITCHES, switches_on)

    async def ship_default(self) -> None:
        """Put the shipped policy in force if there is none yet."""

        def work(tx: Tx) -> None:
            if repository.active_policy(tx) is not None:
                return
            now = self._clock.now()
            version = PolicyVersion(
                new_id("pol"), repository.next_number(tx), DEFAULT_CAPS, "active",
                "随产品提供的默认策略 / the policy that ships", "system:default", now, None, now,
            )  # fmt: skip
            repository.insert_policy(tx, version)
            bump(tx, POLICY, self._clock)
            caps = [cap_json(cap) for cap in version.caps]
            record(tx, now, AuditKind.POLICY_PUBLISHED, system("default"), version.id, caps=caps)

        await self._db.write(work)

    async def active(self) -> Policy | None:
        """Return the policy in force; VersionsStale when this worker cannot tell."""
        return await self._policy.get()

    async def switches(self) -> Switches:
        """Return the switches that are on; VersionsStale when this worker cannot tell."""
        return await self._switches.get()

    async def versions(self) -> list[PolicyVersion]:
        """Return the newest policy versions first."""
        return await self._db.read(repository.policy_versions)

    async def all_switches(self) -> list[KillSwitch]:
        """Return the newest switches first, lifted ones too."""
        return await self._db.read(repository.all_switches)

    async def check(self, caps: tuple[Cap, ...]) -> None:
        """Raise Invalid with all that is wrong with caps, as proposing them would."""
        await self._db.read(lambda tx: _check(tx, caps, self._clock.now()))

    async def propose(self, staff_id: str, caps: tuple[Cap, ...], reason: str) -> PolicyVersion:
        """Keep a draft of all caps; Invalid names what is wrong with them."""
        _check_reason(reason)

        def work(tx: Tx) -> PolicyVersion:
            now = self._clock.now()
            _check(tx, caps, now)
            version = PolicyVersion(
                new_id("pol"), repository.next_number(tx), caps, "draft", reason, staff_id, now,
                None, None,
            )  # fmt: skip
            repository.insert_policy(tx, version)
            self._record(tx, AuditKind.POLICY_PROPOSED, version, staff_id)
            return version

        return await self._db.write(work)

    async def approve(self, policy_id: str, staff_id: str) -> None:
        """Put a draft in force; Forbidden for the admin who proposed it."""

        def work(tx: Tx) -> None:
            version = _must_be_draft(repository.policy_by_id(tx, policy_id))
            if version.proposed_by == staff_id:
                raise Forbidden(
                    Words(
                        "提出人不能批准自己的策略，须由另一位管理员批准",
                        "Whoever proposed the policy cannot approve it; another admin has to",
                    )
                )
            _check_topics(tx, version)
            repository.publish_policy(tx, policy_id, staff_id, self._clock.now())
            bump(tx, POLICY, self._clock)
            self._record(tx, AuditKind.POLICY_PUBLISHED, version, staff_id)

        await self._db.write(work)

    async def roll_back(self, staff_id: str, reason: str) -> PolicyVersion:
        """Undo the last publishing: the caps that were in force before are again, at once.

        One admin may: two approved what comes back (app/README.md, 29). Conflict where nothing
        was in force before, or the last publishing was itself a rollback.
        """
        _check_reason(reason)

        def work(tx: Tx) -> PolicyVersion:
            active, before = repository.active_policy(tx), repository.replaced_policy(tx)
            if active is None or before is None or active.restores is not None:
                words = Words(
                    "没有可撤回的发布；再往前须另提新版本并由两人办理",
                    "There is no publishing to undo; further back takes a new version and two",
                )
                raise Conflict(words, code="nothing_to_roll_back")
            now = self._clock.now()
            version = PolicyVersion(
                new_id("pol"), repository.next_number(tx), before.caps, "active", reason, staff_id,
                now, None, now, before.id,
            )  # fmt: skip
            repository.supersede_active(tx)
            repository.insert_policy(tx, version)
            bump(tx, POLICY, self._clock)
            self._record(tx, AuditKind.POLICY_ROLLED_BACK, version, staff_id)
            return version

        return await self._db.write(work)

    async def discard(self, policy_id: str, staff_id: str) -> None:
        """Drop a draft."""

        def work(tx: Tx) -> None:
            version = _must_be_draft(repository.policy_by_id(tx, policy_id))
            repository.set_policy_state(tx, policy_id, "discarded")
            self._record(tx, AuditKind.PROPOSAL_REJECTED, version, staff_id)

        await self._db.write(work)

    async def engage(
        self, staff_id: str, scope: str, value: str, reason: str, order_number: str
    ) -> KillSwitch:
        """Stop everything that scope and value name, within a second, queued pushes too."""
        check_switch(scope, value, reason, order_number)

        def work(tx: Tx) -> KillSwitch:
            now = self._clock.now()
            switch = KillSwitch(
                new_id("ksw"), scope, "" if scope == "everything" else value, reason, order_number,
                staff_id, now, None, None, None,
            )  # fmt: skip
            repository.insert_switch(tx, switch)
            bump(tx, SWITCHES, self._clock)
            record(
                tx, now, AuditKind.KILL_SWITCH_ENGAGED, Actor(ActorKind.STAFF, staff_id), switch.id,
                scope=scope, value=switch.value, reason=reason, order_number=order_number,
            )  # fmt: skip
            return switch

        return await self._db.write(work)

    async def lift(self, switch_id: str, staff_id: str, reason: str) -> None:
        """Let pushes go again; what was stopped and has not expired goes on by itself."""
        _check_reason(reason)

        def work(tx: Tx) -> None:
            switch = repository.switch_by_id(tx, switch_id)
            if switch is None:
                raise NotFound(Words("没有这个停推开关", "There is no such kill switch"))
            if switch.lifted_at is not None:
                raise Conflict(Words("该开关已解除", "It is lifted already"), code="already_lifted")
            now = self._clock.now()
            repository.lift_switch(tx, switch_id, staff_id, now, reason)
            bump(tx, SWITCHES, self._clock)
            actor = Actor(ActorKind.STAFF, staff_id)
            record(tx, now, AuditKind.KILL_SWITCH_LIFTED, actor, switch_id, reason=reason)

        await self._db.write(work)

    def _record(self, tx: Tx, kind: AuditKind, version: PolicyVersion, by: str) -> None:
        caps = [cap_json(cap) for cap in version.caps]
        actor = Actor(ActorKind.STAFF, by)
        number = version.number
        reason = version.reason
        now = self._clock.now()
        record(tx, now, kind, actor, version.id, number=number, caps=caps, reason=reason)


def _load_policy(tx: Tx) -> Policy | None:
    version = repository.active_policy(tx)
    return None if version is None else Policy(f"{version.number}@{version.id}", version.caps)


def switches_on(tx: Tx) -> Switches:
    """Return the switches that are on as this transaction sees them."""
    return Switches(repository.engaged_switches(tx))


def _must_be_draft(version: PolicyVersion | None) -> PolicyVersion:
    if version is None:
        raise NotFound(Words("没有这个策略版本", "There is no such policy version"))
    if version.state != "draft":
        raise Conflict(
            Words("该策略版本已不是草稿", "The policy is no longer a draft"), code="not_a_draft"
        )
    return version


def _check(tx: Tx, caps: tuple[Cap, ...], now: datetime) -> None:
    """Raise Invalid with everything that is wrong with proposed caps."""
    active = repository.active_policy(tx)
    in_force = () if active is None else active.caps
    found = (*faults(caps, now, in_force), *unregistered(caps, in_force, registered_names(tx)))
    if found:
        raise Invalid(problems=tuple(problem(fault) for fault in found))


def _check_topics(tx: Tx, version: PolicyVersion) -> None:
    """Raise Conflict if a topic that a draft names was retired meanwhile."""
    active = repository.active_policy(tx)
    lost = unregistered(version.caps, () if active is None else active.caps, registered_names(tx))
    for fault in lost:
        raise Conflict(problem(fault).message, code=fault.code)


def check_switch(scope: str, value: str, reason: str, order_number: str) -> None:
    """Raise Invalid unless a kill switch may be engaged like this."""
    if scope not in SCOPES:
        raise _invalid("/scope", "unknown", "未知的停推范围", "The scope is not known")
    if scope != "everything" and not value.strip():
        raise _invalid("/value", "required", "请选择要停推的对象", "Say what is to be stopped")
    if scope in _NAMED and value not in _NAMED[scope]:
        raise _invalid("/value", "unknown", "没有这样的对象", "There is no such thing to stop")
    _check_reason(reason)
    for pointer, text, longest in (("/value", value, 64), ("/order_number", order_number, 100)):
        if len(text) > longest or not text.isprintable():
            raise _invalid(
                pointer, "bad_text", f"最多 {longest} 个可见字符",
                f"At most {longest} printable characters",
            )  # fmt: skip


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise _invalid("/reason", "required", "请填写理由", "A reason is required")
    if len(reason) > _LONGEST_REASON or "\0" in reason:
        raise _invalid(
            "/reason", "too_long", f"最多 {_LONGEST_REASON} 个字",
            f"At most {_LONGEST_REASON} characters",
        )  # fmt: skip


def _invalid(pointer: str, code: str, zh: str, en: str) -> Invalid:
    return Invalid(problems=(FieldProblem(pointer, code, Words(zh, en)),))
