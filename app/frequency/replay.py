"""Replaying sends against caps in memory: whom the ledger would have stopped, and by which cap.

Windows, quiet hours and their ends are those that the ledger asks for; a property test holds the
two together (tests/contract/frequency/test_replay.py), another one this and a reference that keeps
every send (tests/unit/frequency/test_replay_reference.py). What is counted is kept for one run.
"""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from app.domain.exemptions import Exemption
from app.domain.policy import Cap, Over, QuietHours
from app.frequency.bearing import Bearing, Bearings
from app.frequency.quiet import quiet_until
from app.frequency.replay_batch import OfZone, Shared, Slots
from app.frequency.replay_inbox import BatchState, Inboxes
from app.frequency.replayed import Asked, Met, Zones
from app.frequency.tallies import Full


class Replay:
    """Counts sends, in the order of time, under caps as if all of them were in force.

    Caps of pushes have been weighed before (`release_replay`); exemptions are those of the past.
    """

    def __init__(
        self, caps: Iterable[Cap], zones: Zones, exemptions: Iterable[Exemption] = ()
    ) -> None:
        """Begin with nothing counted."""
        self._bearings = Bearings(caps, exemptions)
        self._zones = zones
        self._inboxes = Inboxes()
        self._states: dict[str, BatchState] = {}
        self._quiet: dict[tuple[str, str], tuple[datetime, datetime | None]] = {}

    def run(self, batches: Iterable[Asked], until: datetime) -> Iterator[Met]:
        """Let batches ask, those that wait asking again in between, up to an instant.

        `batches` come in the order of `at` and `id`. Who still waits then has `again` ahead.
        """
        waiting: list[tuple[datetime, str, Asked]] = []
        for batch in batches:
            while waiting and waiting[0][:2] < (batch.at, batch.id):
                again, _, before = heapq.heappop(waiting)
                yield self._ask(before, again, waiting)
            yield self._first(batch, waiting)
        while waiting and waiting[0][0] <= until:
            again, _, before = heapq.heappop(waiting)
            yield self._ask(before, again, waiting)

    def _first(self, batch: Asked, waiting: list[tuple[datetime, str, Asked]]) -> Met:
        """Let a batch ask for the first time, unless its push goes later, or to nobody."""
        weighed = batch.weighed
        if weighed.left_out_by is not None:
            return Met(batch, batch.at, (), dict.fromkeys(batch.tokens, weighed.left_out_by))
        if weighed.goes_at is not None:
            heapq.heappush(waiting, (weighed.goes_at, batch.id, batch))
            return Met(batch, batch.at, (), waiting=batch.tokens, again=weighed.goes_at)
        return self._ask(batch, batch.at, waiting)

    def _ask(self, batch: Asked, at: datetime, waiting: list[tuple[datetime, str, Asked]]) -> Met:
        met = self._met(batch, at)
        if batch.id in self._states:
            self._states[batch.id].waits = met.again is not None
        if met.again is not None:
            heapq.heappush(waiting, (met.again, batch.id, replace(batch, tokens=met.waiting)))
        return met

    def _met(self, batch: Asked, at: datetime) -> Met:
        bearing = self._bearings.on(batch.sending, at)
        slots = Slots(batch, at, bearing)
        awake = []
        for zone, tokens in self._zones.grouped(batch.sending.surface, batch.tokens).items():
            quiet = self._quiet_now(bearing, at, zone)
            binding = [full for full in quiet if full.cap.binds]
            if binding:
                stop = max(binding, key=lambda one: (one.cap.over is Over.DROP, one.until))
                slots.stop(tokens, stop)
                continue
            opened = [counts.opened(at, zone, where, cap) for counts, where, cap in bearing.own]
            awake.append(OfZone(tokens, opened, [full.cap.id for full in quiet]))
        self._take(slots, awake)
        return slots.settled()

    def _take(self, slots: Slots, awake: Sequence[OfZone]) -> None:
        """Let those who may have a popup now take slots."""
        bearing, batch = slots.bearing, slots.batch
        now = (slots.at, self._zones.of(batch.sending.surface))
        shared = Shared.of(bearing.together, now, sum(len(part.tokens) for part in awake))
        for part in awake:
            slots.ask(part, shared)
        if bearing.replaces:
            slots.replace_older(self._inboxes, shared)
        slots.share(shared)
        if batch.unfetched:
            slots.put_into(self._inboxes, self._states.setdefault(batch.id, BatchState()))

    def _quiet_now(self, bearing: Bearing, at: datetime, zone: str) -> list[Full]:
        return [
            Full(cap, end)
            for cap in bearing.quiet
            if (end := self._quiet_end(cap, at, zone)) is not None
        ]

    def _quiet_end(self, cap: Cap, at: datetime, zone: str) -> datetime | None:
        """Return until when it is quiet; asked once a minute, for clocks change at whole ones."""
        assert isinstance(cap.window, QuietHours)  # noqa: S101 - for the type checker
        minute = at.replace(second=0, microsecond=0)
        known = self._quiet.get((cap.id, zone))
        if known is not None and known[0] == minute:
            return known[1]
        found = quiet_until(cap.window, at, zone)
        self._quiet[cap.id, zone] = minute, found
        return found
