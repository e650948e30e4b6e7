"""Workers that take due rows from the outbox, look at everything again and hand them over."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from app.clock import Clock
from app.db.session import Database, Tx
from app.delivery import dispatch_repository as rows
from app.delivery.attempts import Attempts, Started, merged
from app.delivery.channel import Channel, Handed
from app.delivery.outcomes import Outcome
from app.delivery.repository import OutboxRow
from app.delivery.screening import Addressees, addressees
from app.delivery.slots import take_slots
from app.egress.pause import pause
from app.errors import CannotJudge
from app.frequency.caps_in_force import CapsInForce
from app.frequency.ledger import CapLedger
from app.loops import in_turns, when_idle
from app.policy.service import Policies, Reach
from app.policy.timeline import POLICY
from app.providers.service import Register
from app.signing.dsse import EnvelopeError

log = structlog.get_logger("dispatcher")

_ROWS_AT_ONCE = 32
# Asking for one row at a time would cost a transaction each.
_CLAIM_FROM = 8
_IDLE_SECONDS = 0.1
_MOMENT = timedelta(seconds=1)
_SOON = timedelta(milliseconds=250)
USUAL_ZONE = "Asia/Shanghai"
"""The time zone of a surface that is not known any more."""
# Promise 8: what was looked up longer ago than this is looked up again before the call.
_FRESH_SECONDS = 0.7


class Dispatcher:
    """One dispatcher of possibly many; the lease keeps them apart."""

    def __init__(  # noqa: PLR0913 - everything that stands between a row and a screen
        self,
        *,
        db: Database,
        clock: Clock,
        policies: Policies,
        register: Register,
        ledger: CapLedger,
        attempts: Attempts,
        channels: Mapping[str, Channel],
        active_versions: Callable[[], Awaitable[dict[str, str]]],
        owner: str,
        lease_seconds: int,
    ) -> None:
        """`active_versions` names rule set, pack and policy in force, or raises CannotJudge."""
        self._db = db
        self._clock = clock
        self._policies = policies
        self._register = register
        self._ledger = ledger
        self._attempts = attempts
        self._channels = channels
        self._active_versions = active_versions
        self._owner = owner
        self._lease = timedelta(seconds=lease_seconds)
        self.turned_at: float | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`; an outage makes it wait and go on by itself.

        Rows are carried side by side: a receiver that takes its time holds up its own row alone.
        """
        going: set[asyncio.Task[None]] = set()

        async def turn() -> int:
            nonlocal going
            room = _ROWS_AT_ONCE - len(going)
            if room >= _CLAIM_FROM:
                carried = [task.get_name() for task in going]
                claimed = await self._claim(self._clock.now(), room, carried)
                self.turned_at = self._clock.monotonic()
                going |= {
                    asyncio.create_task(self._carry_safely(row), name=row.id) for row in claimed
                }
            busy = len(going)
            if going:
                _, going = await asyncio.wait(
                    going, timeout=_IDLE_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
            return busy

        await in_turns("dispatcher", turn, stop, when_idle(_IDLE_SECONDS))
        await asyncio.gather(*going)

    async def _claim(
        self, now: datetime, limit: int = _ROWS_AT_ONCE, carried: Collection[str] = ()
    ) -> list[OutboxRow]:
        until = now + self._lease

        def work(tx: Tx) -> list[OutboxRow]:
            return [
                replace(row, state="sending", lease_owner=self._owner, lease_until=until)
                for row in rows.claim_rows(tx, self._owner, now, until, limit, carried)
            ]

        is_due = await self._db.read(lambda tx: rows.any_due(tx, now))
        return await self._db.write(work) if is_due else []

    async def _carry_safely(self, row: OutboxRow) -> None:
        """Carry one row; what cannot be judged or fails is put off and hinders no other."""
        try:
            try:
                await self._carry(row)
            except CannotJudge as error:
                await self._put_off(row, _MOMENT, error.code)
            except Exception as error:
                log.exception("row_failed", row=row.id)
                await self._put_off(row, pause(row.attempts + 1), type(error).__name__)
        except CannotJudge as error:
            # The database is gone: the lease lapses, and somebody takes the row up again.
            log.warning("row_left_to_its_lease", row=row.id, code=error.code)

    async def _carry(self, row: OutboxRow) -> None:
        if await self._ended(row):
            return
        seen = self._attempts.look()
        if await self._has_to_wait(row):
            return
        if Outcome.STARTED in row.outcomes:
            await self._carry_on(row, seen)
            return
        who = await self._addressees(row)
        outcomes = merged(row, row.outcomes, who.left_out)
        if not who.open:
            await self._attempts.finish(row, outcomes)
            return
        await self._count(row, who, outcomes, seen)

    async def _count(
        self, row: OutboxRow, who: Addressees, outcomes: str, seen: Mapping[str, int]
    ) -> None:
        """Take a slot for everybody who may be reached, and hand over to those who got one."""
        exempted = await self._policies.exemptions.live()
        surfaces = (await self._register.current()).surfaces
        now = self._clock.now()
        counting = CapsInForce(
            await self._policies.counted(),
            now,
            {POLICY: seen[POLICY]},
            lambda surface: surfaces[surface].time_zone if surface in surfaces else USUAL_ZONE,
        )
        slots = await take_slots(self._ledger.under(counting), row, who, now, exempted)
        if slots is None:
            await self._put_off(row, _SOON, "reservation_lapsed")
            return
        outcomes = merged(row, outcomes, slots.left_out)
        if not slots.granted:
            if Outcome.WAITING in outcomes and not slots.deferred:
                await self._put_off(row, _SOON, "reservation_lapsed")
            else:
                await self._attempts.leave_out(row, outcomes, slots)
            return
        try:
            started = await self._attempts.start(row, outcomes, slots, seen)
        except EnvelopeError as error:
            # Another try would find the same bytes.
            await self._attempts.free(row, slots)
            broken = outcomes.replace(Outcome.WAITING, Outcome.FAILED)
            await self._attempts.finish(row, broken, f"envelope: {error}")
            return
        if started is None:
            await self._attempts.free(row, slots)
        await self._hand_over(row, started)

    async def _carry_on(self, row: OutboxRow, seen: Mapping[str, int]) -> None:
        """Try a hand-over again whose outcome is unknown, unless somebody in it refused since.

        The receiver knows it by its event id and its recipients; it cannot be sent to fewer.
        """
        who = await self._addressees(
            replace(row, outcomes=row.outcomes.replace(Outcome.STARTED, Outcome.WAITING))
        )
        if who.left_out:
            given_up = row.outcomes.replace(Outcome.STARTED, Outcome.UNKNOWN)
            await self._attempts.finish(row, given_up, "refused before another try")
            return
        await self._hand_over(row, await self._attempts.resume(row, seen))

    async def _ended(self, row: OutboxRow) -> bool:
        """Finish a row that nothing may be sent of any more."""
        why = Outcome.STOPPED if row.stop is not None else None
        if why is None and row.expires_at <= self._clock.now():
            why = Outcome.EXPIRED
        if why is None:
            return False
        # What was started and never answered stays unknown; its slots stay used.
        outcomes = row.outcomes.replace(Outcome.WAITING, why)
        await self._attempts.finish(row, outcomes.replace(Outcome.STARTED, Outcome.UNKNOWN))
        return True

    async def _has_to_wait(self, row: OutboxRow) -> bool:
        """Put a row off whose versions are not in force, or that somebody has stopped for now."""
        if row.versions != await self._active_versions():
            await self._put_off(row, _SOON, "versions_changed")
            return True
        if rows.has_waited_long(row, self._clock.now()):
            next_at = self._clock.now() + _SOON
            await self._db.write(lambda tx: rows.ask_again(tx, row, self._owner, next_at))
            return True
        provider = (await self._register.current()).provider(row.provider_id)
        switches = await self._policies.switches()
        reach = Reach(row.provider_id, row.surface_id, row.kind, row.topic, row.channel)
        switch = switches.stopping(reach)
        if switch is not None:
            await self._put_off(row, _MOMENT, f"kill_switch {switch.id}")
        elif provider is None or provider.suspended:
            await self._put_off(row, _MOMENT, "provider_suspended")
        else:
            return False
        return True

    async def _addressees(self, row: OutboxRow) -> Addressees:
        surface = (await self._register.current()).surface(row.surface_id)
        zone = USUAL_ZONE if surface is None else surface.time_zone
        return await self._db.read(lambda tx: addressees(tx, row, zone))

    async def _hand_over(self, row: OutboxRow, started: Started | None) -> None:
        if started is None:
            await self._put_off(row, _SOON, None)
            return
        everybody = started.hand_over.recipients
        if self._clock.monotonic() - started.began > _FRESH_SECONDS:
            # This process stood still between the check and the call: nothing has left yet.
            waiting = dict.fromkeys(everybody, Outcome.WAITING)
            await self._attempts.end(started, Handed(waiting, "stood still before the call"))
            return
        try:
            handed = await self._channels[row.channel].send(started.hand_over)
        except CannotJudge as error:
            handed = Handed(dict.fromkeys(everybody, Outcome.STARTED), error.code)
        await self._attempts.end(started, handed)

    async def _put_off(self, row: OutboxRow, wait: timedelta, why: str | None) -> None:
        next_at = self._clock.now() + wait
        await self._db.write(lambda tx: rows.put_off(tx, row.id, self._owner, next_at, why))
