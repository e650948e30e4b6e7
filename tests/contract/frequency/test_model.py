"""Random reservations against a naive reference that keeps every slot it ever gave."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from app.domain.policy import A_DAY, Calendar, CalendarUnit, Cap, Gap, Rolling
from app.frequency.cap_window import GRACE, CapWindow
from app.frequency.redis_store import connect
from app.frequency.store import Full, Lapsed, Reservation, Reserved
from app.frequency.windows import Scope, open_window
from tests.fixtures.clock import START, ManualClock
from tests.fixtures.frequency import Counting, members
from tests.fixtures.valkey import flush

RECIPIENTS = members(7, 3)
ZONES = ("Asia/Shanghai", "America/New_York", "Pacific/Apia")
CAPS = {
    "one": Cap("one", 1, A_DAY),
    "two": Cap("two", 2, A_DAY),
    "week": Cap("week", 3, Calendar(CalendarUnit.WEEK)),
    "two-hours": Cap("two-hours", 2, Rolling(7200)),
    "two-days": Cap("two-days", 4, Rolling(172_800)),
    "gap": Cap("gap", 1, Gap(1800)),
}
SCOPE = Scope("prv_a", "news", None)
STARTS = (START, datetime.fromisoformat("2026-11-01T03:00:00+00:00"))


@dataclass
class Slot:
    """One slot of one recipient; `final` can no longer be given back."""

    reservation: str
    recipient: str
    caps: tuple[CapWindow, ...]
    expires_at: datetime
    started: bool = False
    final: bool = False
    given_back: bool = False

    def lapsed(self, now: datetime) -> bool:
        return not self.started and not self.final and self.expires_at <= now

    def must_be_known(self, now: datetime) -> bool:
        """Whether the store may not yet have forgotten the slot with its windows."""
        return max([cap.noted_end for cap in self.caps] or [self.expires_at]) + GRACE > now


@dataclass
class Reference:
    """Counts by looking at every slot ever given."""

    slots: list[Slot] = field(default_factory=list)

    def live(self, now: datetime) -> Iterator[Slot]:
        for slot in self.slots:
            if not slot.given_back and not slot.lapsed(now):
                yield slot

    def lapsed(self, reservation: str, now: datetime) -> set[str]:
        """Return whose slot expired; the store may still have it lying about, uncounted."""
        slots = [slot for slot in self.slots if slot.reservation == reservation]
        return {slot.recipient for slot in slots if slot.lapsed(now)}

    def used(self, recipient: str, cap: CapWindow, now: datetime) -> int:
        return len(self.ends(recipient, cap, now))

    def ends(self, recipient: str, cap: CapWindow, now: datetime) -> list[datetime]:
        """Return when each slot that counts now stops to, in that order."""
        names = {(cap.cap_id, part.window) for part in cap.parts}
        return sorted(
            taken.ends_at
            for slot in self.live(now)
            if slot.recipient == recipient
            for taken in slot.caps
            if (taken.cap_id, taken.window) in names
        )

    def opens(self, recipient: str, cap: CapWindow, now: datetime) -> datetime:
        """Return when a full cap has room: once so many have gone that it is below its limit."""
        ends = self.ends(recipient, cap, now)
        # Who moves between time zones has slots of the same day with other ends.
        return ends[len(ends) - cap.limit] if cap.before else cap.ends_at

    def open_slots(self, reservation: str, now: datetime) -> list[Slot]:
        return [
            slot for slot in self.live(now) if slot.reservation == reservation and not slot.final
        ]

    def reserve(self, reservation: Reservation, now: datetime) -> Reserved | Lapsed:
        ends = [cap.last_moment for group in reservation.groups for cap in group.caps]
        deadline = min([reservation.expires_at, *ends])
        if deadline <= now:
            return Lapsed()
        granted, full = [], []
        for group in reservation.groups:
            for recipient in group.recipients:
                uses = [(cap, self.used(recipient, cap, now)) for cap in group.caps]
                over = [
                    (self.opens(recipient, cap, now), cap, used)
                    for cap, used in uses
                    if used >= cap.limit
                ]
                if over:
                    opens, cap, used = max(over, key=lambda one: ceil(one[0].timestamp()))
                    full.append(Full(recipient, cap.cap_id, used, cap.limit, opens))
                else:
                    granted.append(recipient)
                    self.slots.append(Slot(reservation.id, recipient, group.caps, deadline))
        return Reserved(tuple(granted), tuple(full))


class StoreMachine(RuleBasedStateMachine):
    """Drives a store and the reference side by side."""

    url = ""
    reservations = Bundle("reservations")

    def __init__(self) -> None:
        super().__init__()
        flush(self.url)
        self.runner = asyncio.Runner()
        self.clock = ManualClock()
        self.counting = Counting(connect(self.url, self.clock, timeout=10), self.clock)
        self.reference = Reference()
        self.made = 0
        self.answers: dict[str, Reserved | Lapsed] = {}

    @initialize(start=st.sampled_from(STARTS))
    def begin(self, start: datetime) -> None:
        self.clock.set(start)

    @rule(
        target=reservations,
        recipients=st.lists(st.sampled_from(RECIPIENTS), unique=True, min_size=1),
        caps=st.lists(st.sampled_from(sorted(CAPS)), unique=True),
        zone=st.sampled_from(ZONES),
        seconds=st.sampled_from((0, 1, 60, 7200)),
    )
    def reserve(
        self, recipients: list[str], caps: list[str], zone: str, seconds: int
    ) -> Reservation:
        self.made += 1
        windows = [self.window(cap, zone) for cap in caps]
        ask = self.counting.ask(f"r{self.made}", tuple(recipients), *windows, seconds=seconds)
        answer = self.runner.run(self.counting.store.reserve(ask))
        assert answer == self.reference.reserve(ask, self.clock.now())
        self.answers[ask.id] = answer
        return ask

    @rule(ask=reservations)
    def repeat_after_a_lost_reply(self, ask: Reservation) -> None:
        ends = [cap.last_moment for group in ask.groups for cap in group.caps]
        over = min([ask.expires_at, *ends]) <= self.clock.now()
        answer = self.runner.run(self.counting.store.reserve(ask))
        assert answer == (Lapsed() if over else self.answers[ask.id])

    @rule(ask=reservations, chosen=st.sets(st.sampled_from(RECIPIENTS), min_size=1))
    def start(self, ask: Reservation, chosen: set[str]) -> None:
        started = self.runner.run(self.counting.store.start(ask.id, sorted(chosen)))
        for slot in self._expect(ask, chosen, started):
            slot.started = True

    @rule(ask=reservations, chosen=st.sets(st.sampled_from(RECIPIENTS), min_size=1))
    def commit_what_started(self, ask: Reservation, chosen: set[str]) -> None:
        slots = self.reference.open_slots(ask.id, self.clock.now())
        chosen &= {slot.recipient for slot in slots if slot.started}
        done = self.runner.run(self.counting.store.commit(ask.id, sorted(chosen)))
        for slot in self._expect(ask, chosen, done):
            slot.final = True

    @rule(ask=consumes(reservations), chosen=st.sets(st.sampled_from(RECIPIENTS), min_size=1))
    def give_back(self, ask: Reservation, chosen: set[str]) -> None:
        lapsed = self.reference.lapsed(ask.id, self.clock.now())
        freed = self.runner.run(self.counting.store.give_back(ask.id, sorted(chosen)))
        for slot in self._expect(ask, chosen, freed - lapsed):
            slot.given_back = True

    @rule(minutes=st.sampled_from((1, 59, 60, 61, 600, 1440, 3000)))
    def time_passes(self, minutes: int) -> None:
        self.clock.advance(timedelta(minutes=minutes))

    @invariant()
    def counts_agree(self) -> None:
        caps = [self.window(cap, zone) for cap in CAPS for zone in ZONES]
        found = self.runner.run(self.counting.store.use(RECIPIENTS, caps))
        now = self.clock.now()
        for recipient, uses in found.items():
            expected = [self.reference.used(recipient, cap, now) for cap in caps]
            assert [use.used for use in uses] == expected
            assert all(use.used <= use.limit for use in uses)

    def window(self, name: str, zone: str) -> CapWindow:
        window = open_window(CAPS[name], self.clock.now(), zone, SCOPE)
        assert window is not None
        return window

    def _expect(self, ask: Reservation, chosen: set[str], changed: frozenset[str]) -> list[Slot]:
        """Return the slots that the store changed: all open ones but the long forgotten."""
        now = self.clock.now()
        slots = [s for s in self.reference.open_slots(ask.id, now) if s.recipient in chosen]
        assert changed <= {slot.recipient for slot in slots}
        assert {slot.recipient for slot in slots if slot.must_be_known(now)} <= changed
        return [slot for slot in slots if slot.recipient in changed]

    def teardown(self) -> None:
        self.runner.run(self.counting.store.aclose())
        self.runner.close()


def test_random_histories_agree_with_a_reference_that_keeps_every_slot(
    valkey_url: str,
) -> None:
    machine = type("Machine", (StoreMachine,), {"url": valkey_url})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
