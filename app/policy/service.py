"""The frequency policy in force, and kill switches, which one admin engages and lifts."""

import asyncio
from dataclasses import dataclass

from app.audit.events import Actor, ActorKind, AuditKind, system
from app.audit.record import record
from app.clock import Clock
from app.db.session import Database, Tx
from app.db.versions import POLL_SECONDS, Followed, VersionWatch, bump
from app.domain.cap_json import cap_json
from app.domain.counting import CountedCap
from app.domain.policy import Policy
from app.domain.push import ContentKind
from app.errors import Conflict, NotFound, Words
from app.ids import new_id
from app.loops import in_turns, when_idle
from app.policy import repository
from app.policy.cap_uses import CapUses
from app.policy.default import DEFAULT_CAPS
from app.policy.exemptions import CapExemptions
from app.policy.publishing import Publishing, check_reason
from app.policy.repository import KillSwitch, PolicyVersion
from app.policy.timeline import POLICY, Timeline, hold_policy, load_timeline
from app.policy.topics import Topics
from app.policy.wording import invalid

SWITCHES = "switches"
SCOPES = ("everything", "surface", "provider", "kind", "topic", "channel")
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


class Policies(Publishing):
    """The frequency policy in force and the kill switches."""

    def __init__(self, db: Database, watch: VersionWatch, clock: Clock) -> None:
        """Load on demand; both values follow their versions."""
        self.topics = Topics(db, clock)
        self.exemptions = CapExemptions(db, watch, clock)
        self.uses = CapUses(db, watch, clock)
        super().__init__(db, clock)
        self._watch = watch
        self.turned_at: float | None = None
        self._timeline = Followed(db, watch, POLICY, load_timeline)
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
                effective_from=now,
            )  # fmt: skip
            repository.insert_policy(tx, version)
            bump(tx, POLICY, self._clock)
            caps = [cap_json(cap) for cap in version.caps]
            record(tx, now, AuditKind.POLICY_PUBLISHED, system("default"), version.id, caps=caps)

        await self._db.write(work)

    async def active(self) -> Policy | None:
        """Return the policy in force; VersionsStale when this worker cannot tell.

        One whose instant has come is put in force first, for every process.
        """
        return (await self._current()).active

    async def counted(self) -> tuple[CountedCap, ...]:
        """Return the caps of the policy in force, with since when each counts what is sent."""
        return (await self._current()).counted

    async def _current(self) -> Timeline:
        timeline = await self._timeline.get()
        if timeline.is_over(self._clock.now()):
            await self._db.write(lambda tx: hold_policy(tx, self._clock))
            await self._watch.refresh()
            timeline = await self._timeline.get()
        return timeline

    async def run(self, stop: asyncio.Event) -> None:
        """Put in force what is due, until `stop`, though nobody asks for the policy."""

        async def turn() -> int:
            await self.active()
            self.turned_at = self._clock.monotonic()
            return 0

        await in_turns("policies", turn, stop, when_idle(POLL_SECONDS))

    async def switches(self) -> Switches:
        """Return the switches that are on; VersionsStale when this worker cannot tell."""
        return await self._switches.get()

    async def versions(self) -> list[PolicyVersion]:
        """Return the newest policy versions first."""
        return await self._db.read(repository.policy_versions)

    async def all_switches(self) -> list[KillSwitch]:
        """Return the newest switches first, lifted ones too."""
        return await self._db.read(repository.all_switches)

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
        check_reason(reason)

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


def switches_on(tx: Tx) -> Switches:
    """Return the switches that are on as this transaction sees them."""
    return Switches(repository.engaged_switches(tx))


def check_switch(scope: str, value: str, reason: str, order_number: str) -> None:
    """Raise Invalid unless a kill switch may be engaged like this."""
    if scope not in SCOPES:
        raise invalid("/scope", "unknown", "未知的停推范围", "The scope is not known")
    if scope != "everything" and not value.strip():
        raise invalid("/value", "required", "请选择要停推的对象", "Say what is to be stopped")
    if scope in _NAMED and value not in _NAMED[scope]:
        raise invalid("/value", "unknown", "没有这样的对象", "There is no such thing to stop")
    check_reason(reason)
    for pointer, text, longest in (("/value", value, 64), ("/order_number", order_number, 100)):
        if len(text) > longest or not text.isprintable():
            raise invalid(
                pointer, "bad_text", f"最多 {longest} 个可见字符",
                f"At most {longest} printable characters",
            )  # fmt: skip
