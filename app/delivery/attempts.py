"""One attempt: committed as started before the call, its result and its slots settled after."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import orjson

from app import metrics
from app.audit.events import AuditKind, system
from app.audit.record import record
from app.clock import Clock
from app.db.session import Database, Tx
from app.db.versions import VersionWatch, are_current
from app.delivery import dispatch_repository as rows
from app.delivery.block_slots import CountedBlock, settle_blocks
from app.delivery.channel import Handed, HandOver
from app.delivery.dispatch_repository import Attempt
from app.delivery.exempted_repository import noted, save_noted
from app.delivery.outcomes import USED, Outcome, counts
from app.delivery.repository import OutboxRow, release_by_id
from app.delivery.screening import addressees
from app.delivery.slots import Slots
from app.delivery.zones import names
from app.domain.envelope import RELEASE_TYPE
from app.domain.exemptions import let_through
from app.egress.pause import pause
from app.errors import CountersUnavailable
from app.frequency.blocks import Counters
from app.frequency.repository import still_counts
from app.ids import new_id
from app.packs.loading import PACKS
from app.packs.service import SOURCES
from app.policy.cap_use_repository import note_uses
from app.policy.exemptions import EXEMPTIONS
from app.policy.service import SWITCHES
from app.policy.timeline import POLICY
from app.providers.writer import REGISTER
from app.signing.dsse import EnvelopeError, unseal
from app.signing.keyring import Keyring
from app.signing.keys import Purpose

MOST_ATTEMPTS = 6
_ACTOR = system("dispatcher")
_LOOKED_UP = (SOURCES, PACKS, POLICY, EXEMPTIONS, SWITCHES, REGISTER)


@dataclass(frozen=True, slots=True)
class Started:
    """An attempt that is committed as started; `began` is monotonic, before the last look.

    `deferred` are others of the row, who wait for the moment from which they may have room.
    `blocks` are what it uses of caps that count all recipients together.
    """

    row: OutboxRow
    attempt: Attempt
    hand_over: HandOver
    began: float
    deferred: Mapping[str, datetime]
    blocks: Sequence[CountedBlock] = ()


class Attempts:
    """Writes attempts of the rows that `owner` has leased."""

    def __init__(
        self,
        *,
        db: Database,
        clock: Clock,
        watch: VersionWatch,
        keyring: Keyring,
        store: Counters,
        owner: str,
    ) -> None:
        """Everything that changes a leased row names `owner`, so that a lapsed lease shows."""
        self._db = db
        self._clock = clock
        self._watch = watch
        self._keyring = keyring
        self._store = store
        self._owner = owner

    def look(self) -> dict[str, int]:
        """Return the versions that whatever is looked up from now on is not older than.

        VersionsStale when this worker cannot tell.
        """
        return self._watch.numbers(_LOOKED_UP)

    async def start(
        self, row: OutboxRow, outcomes: str, slots: Slots, seen: Mapping[str, int]
    ) -> Started | None:
        """Commit a first try as started; None if something changed since the row was claimed.

        Lease, stop flag, expiry, refusals, the signed bytes, and whether the slots are still in
        the counters and the versions `seen` at the last look still hold, are read in the same
        transaction. Raises EnvelopeError for bytes that are not ours.
        """
        outcomes = merged(row, outcomes, dict.fromkeys(slots.granted, Outcome.STARTED))
        return await self._start(row, outcomes, slots, seen)

    async def resume(self, row: OutboxRow, seen: Mapping[str, int]) -> Started | None:
        """Commit another try of a hand-over whose outcome is unknown, under its event id.

        The receiver de-duplicates by it; the slots were taken before and stay taken.
        """
        tokens = tuple(
            token
            for token, letter in zip(row.recipients, row.outcomes, strict=True)
            if letter == Outcome.STARTED
        )
        last = await self._db.read(lambda tx: rows.last_reservation(tx, row.id))
        if last is None:
            return None
        reservation, blocks = last
        started = await self._start(
            row, row.outcomes, Slots(reservation, {}, tokens, [], None), seen
        )
        return None if started is None else replace(started, blocks=blocks)

    async def end(self, started: Started, handed: Handed) -> None:
        """Write the result, then settle the slots: commit what was accepted, free what was not.

        If another dispatcher has taken the row meanwhile, it decides what becomes of it: only
        the attempt's own result is written, and no slot is freed.
        """
        row = started.row
        attempts = row.attempts + 1
        outcomes = merged(row, row.outcomes, handed.outcomes)
        if attempts % MOST_ATTEMPTS == 0:
            outcomes = outcomes.replace(Outcome.STARTED, Outcome.UNKNOWN)
            failed = {
                token: Outcome.FAILED
                for token, outcome in handed.outcomes.items()
                if outcome is Outcome.WAITING
            }
            outcomes = merged(row, outcomes, failed)

        def work(tx: Tx) -> bool:
            now = self._clock.now()
            rows.end_attempt(tx, started.attempt.id, now, _result(handed), handed.detail)
            if rows.attempted_row(tx, row.id, self._owner, attempts) is None:
                return False
            if Outcome.WAITING in outcomes or Outcome.STARTED in outcomes:
                rows.save_outcomes(tx, row.id, outcomes)
                until = deferred_until(row, outcomes, started.deferred)
                if until is not None:
                    rows.defer(tx, row.id, self._owner, until, now)
                else:
                    next_at = now + pause(attempts, handed.retry_after)
                    rows.put_off(tx, row.id, self._owner, next_at, handed.detail)
            else:
                self._finish(tx, row, outcomes, handed.detail)
            return True

        is_ours = await self._db.write(work)
        metrics.attempt_ended(row.channel, _result(handed))
        await self._settle_slots(started, handed, frees=is_ours)

    async def finish(self, row: OutboxRow, outcomes: str, why: str | None = None) -> None:
        """End a row to which nothing more is handed over; `why` makes it a dead letter."""

        def work(tx: Tx) -> None:
            if rows.leased_row(tx, row, self._owner, self._clock.now()) is not None:
                self._finish(tx, row, outcomes, why)

        await self._db.write(work)

    async def leave_out(self, row: OutboxRow, outcomes: str, slots: Slots) -> None:
        """Note of whom caps have left out; put the row off while somebody waits for room."""
        until = deferred_until(row, outcomes, slots.deferred)

        def work(tx: Tx) -> None:
            held = rows.leased_row(tx, row, self._owner, self._clock.now())
            if held is None:
                return
            rows.add_left_out(tx, held, slots.left_out_by, {})
            if until is None:
                self._finish(tx, row, outcomes, None)
            else:
                rows.save_outcomes(tx, row.id, outcomes)
                rows.defer(tx, row.id, self._owner, until, self._clock.now())

        await self._db.write(work)

    async def free(self, row: OutboxRow, slots: Slots) -> None:
        """Give back the slots of a hand-over that did not begin."""
        with contextlib.suppress(CountersUnavailable):
            await self._store.give_back(slots.reservation_id, names(row, slots.granted))
        await settle_blocks(self._store, slots.blocks, len(slots.granted), row.attempts + 1)

    async def _start(
        self,
        row: OutboxRow,
        outcomes: str,
        slots: Slots,
        seen: Mapping[str, int],
    ) -> Started | None:
        began = self._clock.monotonic()
        attempt_id = new_id("att")
        tokens = slots.granted

        def work(tx: Tx) -> Started | None:
            now = self._clock.now()
            held = rows.leased_row(tx, row, self._owner, now)
            release = release_by_id(tx, row.release_id)
            if held is None or release is None or not are_current(tx, seen):
                return None
            if not all(still_counts(tx, *number) for number in slots.numbers.items()):
                return None
            if held.stop is not None or held.expires_at <= now or held.versions != row.versions:
                return None
            if slots.good_until is not None and slots.good_until <= now:
                return None
            whole = replace(held, outcomes=outcomes.replace(Outcome.STARTED, Outcome.WAITING))
            if not set(tokens) <= set(addressees(tx, whole, "UTC").open):
                return None
            self._check_bytes(row, release.envelope)
            counted = (slots.windows, slots.counts_until, slots.blocks)
            attempt = Attempt(attempt_id, slots.reservation_id, now, *counted)
            rows.start_attempt(tx, held, attempt, outcomes)
            note_uses(tx, slots.uses)
            rows.add_left_out(tx, held, slots.left_out_by, slots.shadowed)
            exempted = noted(held, slots.exempted)
            if slots.exempted:
                save_noted(tx, row.id, exempted)
            hand_over = HandOver(f"evt_{slots.reservation_id}", row, release.envelope, tokens)
            going = replace(row, outcomes=outcomes, exempted=exempted)
            return Started(going, attempt, hand_over, began, slots.deferred, slots.blocks)

        return await self._db.write(work)

    def _check_bytes(self, row: OutboxRow, envelope: bytes) -> None:
        """Refuse bytes that are not signed by us or not those of the ruling's digest."""
        keys = {key.key_id: key.raw for key in self._keyring.public_keys(Purpose.ENVELOPE)}
        payload = orjson.loads(unseal(envelope, RELEASE_TYPE, keys))
        if payload["digest"] != row.digest or payload["push_id"] != row.push_id:
            raise EnvelopeError("the envelope is of another push than the row")

    async def _settle_slots(self, started: Started, handed: Handed, *, frees: bool) -> None:
        row = started.row
        asked = started.attempt.reservation_id
        accepted = [t for t, outcome in handed.outcomes.items() if outcome is Outcome.ACCEPTED]
        free = [
            token
            for token, outcome in handed.outcomes.items()
            if frees and outcome in {Outcome.WAITING, Outcome.FAILED}
        ]
        # Counters that are down now leave slots used: errors go towards fewer popups.
        with contextlib.suppress(CountersUnavailable):
            if accepted:
                await self._store.commit(asked, names(row, accepted))
            if free:
                await self._store.give_back(asked, names(row, free))
        if free or (frees and Outcome.STARTED not in handed.outcomes.values()):
            await settle_blocks(self._store, started.blocks, len(free), row.attempts + 1)

    def _finish(self, tx: Tx, row: OutboxRow, outcomes: str, why: str | None) -> None:
        troubled = Outcome.FAILED in outcomes or Outcome.UNKNOWN in outcomes
        is_dead = troubled and why is not None
        rows.finish_row(tx, row, outcomes, "dead" if is_dead else "done", why)
        kind = AuditKind.DEAD_LETTER if is_dead else AuditKind.ATTEMPT_ENDED
        met = {name: number for name, number in counts([outcomes]).items() if number}
        let = let_through(row.exempted, outcomes, USED)
        body = {"row": row.id, "release": row.release_id, "met": met}
        if let:
            body["exempted"] = {exemption: got[""] for exemption, got in let.items()}
        record(tx, self._clock.now(), kind, _ACTOR, row.push_id, **body)


def merged(row: OutboxRow, outcomes: str, met: Mapping[str, Outcome]) -> str:
    """Return the row's letters with what some recipients met filled in."""
    return "".join(
        met[token].value if token in met else letter
        for token, letter in zip(row.recipients, outcomes, strict=True)
    )


def deferred_until(
    row: OutboxRow, outcomes: str, deferred: Mapping[str, datetime]
) -> datetime | None:
    """Return when the first may have room, where all who still wait do so for room; else None."""
    waiting = [
        token
        for token, letter in zip(row.recipients, outcomes, strict=True)
        if letter in {Outcome.WAITING, Outcome.STARTED}
    ]
    if not waiting or not all(token in deferred for token in waiting):
        return None
    return min(deferred[token] for token in waiting)


def _result(handed: Handed) -> str:
    met = set(handed.outcomes.values())
    if met == {Outcome.ACCEPTED}:
        return "accepted"
    return "unknown" if Outcome.STARTED in met else "failed"
