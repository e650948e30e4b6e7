"""Policies that change while pushes go out, against a naive reference that keeps every send.

Whatever the policy was when something was sent: a cap that is in force counts it. Time passes over
borders of days and of clocks, counters are lost, processes restart, hand-overs fail or are never
heard of again.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.schema import CreateIndex, CreateTable

from app.db.metadata import metadata
from app.db.session import Database, Tx
from app.delivery import dispatch_repository as rows
from app.delivery.dispatch_repository import Attempt
from app.delivery.models import outbox
from app.delivery.recount import OutboxSlots
from app.delivery.repository import OutboxRow
from app.delivery.screening import Addressees
from app.delivery.slots import Slots, take_slots
from app.domain.cap_json import counting_json
from app.domain.counting import InForce, counted_caps
from app.domain.policy import A_DAY, Calendar, CalendarUnit, Cap, Covers, Gap, Mode, Per, Rolling
from app.domain.push import ContentKind, MinorsAudience
from app.frequency import keys
from app.frequency.bearing import Sending
from app.frequency.caps_in_force import CapsInForce
from app.frequency.ledger import CapLedger
from app.frequency.redis_store import connect
from app.frequency.windows import Scope, calendar
from app.recipients.models import recipients
from tests.fixtures.clock import START, ManualClock
from tests.fixtures.valkey import flush

SURFACE, ZONE = "srf_a", "America/New_York"
STARTS = (START, datetime(2026, 10, 31, 21, 30, tzinfo=UTC))
TABLES = ("versions", "recipients", "counter_buckets", "outbox", "attempts", "counted_blocks")
EACH, TOPICS = (Per.RECIPIENT,), (Per.RECIPIENT, Per.TOPIC)
NEWS = Covers(kinds=(ContentKind.NEWS,))
CAPS = (
    Cap("day", 2, A_DAY),
    Cap("day", 3, A_DAY, NEWS),
    Cap("day", 2, A_DAY, mode=Mode.SHADOW),
    Cap("day", 2, Calendar(CalendarUnit.DAY, "Asia/Shanghai"), per=TOPICS),
    Cap("week", 4, Calendar(CalendarUnit.WEEK)),
    Cap("span", 3, Rolling(90_000)),
    Cap("span", 2, Rolling(7_200)),
    Cap("gap", 1, Gap(1_800)),
    Cap("gap", 1, Gap(1_800), mode=Mode.SHADOW),
    Cap("all", 6, A_DAY, per=()),
    Cap("all", 4, Rolling(7_200), per=()),
    Cap("all", 5, A_DAY, NEWS, per=(Per.TOPIC,)),
    Cap("surface", 9, Calendar(CalendarUnit.WEEK), per=(Per.SURFACE,)),
)


def tokens() -> list[str]:
    """Three recipients who share a bucket."""
    found = (f"r_{n}" for n in count())
    mine = (one for one in found if keys.bucket_of(keys.qualified(SURFACE, one)) == 7)
    return [next(mine) for _ in range(3)]


TOKENS = tokens()
ZONES = dict(zip(TOKENS, (ZONE, "Pacific/Apia", ZONE), strict=True))


@dataclass(frozen=True)
class Send:
    """One popup that reached somebody, or may have."""

    at: datetime
    sending: Sending
    token: str

    def subject(self, cap: Cap) -> str:
        """Tell what a cap counts it for."""
        of = self.sending
        return Scope(of.provider, of.kind, of.topic, SURFACE).suffix(cap.per)

    def counts_for(self, cap: Cap, other: "Send") -> bool:
        """Tell whether it counts where another one is about to be sent."""
        named = [
            Scope(one.sending.provider, one.sending.kind, one.sending.topic, SURFACE).suffix(
                cap.per
            )
            for one in (self, other)
        ]
        if named[0] != named[1] or (cap.is_each_recipients and self.token != other.token):
            return False
        if not cap.covers.holds_for(self.sending, self.sending.provider):
            return False
        match cap.window:
            case Calendar(unit, zone):
                here = zone or (ZONES[self.token] if cap.is_each_recipients else ZONE)
                ours, theirs = (calendar(unit, one.at, here).key for one in (self, other))
                return ours == theirs
            case Rolling(seconds) | Gap(seconds):
                return self.at > other.at - timedelta(seconds=seconds)
            case _:
                return False


class PolicyMachine(RuleBasedStateMachine):
    """Drives the ledger over real rows, and keeps every send beside it."""

    url, folder = "", Path()
    met: ClassVar[Counter[str]] = Counter()
    files: ClassVar[Iterator[int]] = count()

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.clock = ManualClock()
        self.store = connect(self.url, self.clock, timeout=10)
        self.db = Database(f"sqlite:///{self.folder / f'{next(self.files)}.db'}")
        self.runner.run(self.db.write(_make))
        self.versions: list[InForce] = []
        self.sends: list[Send] = []
        self.made = 0
        self.restart(lost=True)

    @initialize(start=st.sampled_from(STARTS))
    def begin(self, start: datetime) -> None:
        self.clock.set(start)
        self.versions = [InForce(1, start, ())]

    @rule(
        caps=st.lists(st.sampled_from(CAPS), unique_by=lambda cap: cap.id, min_size=1, max_size=4),
        later=st.sampled_from((0, 0, 1, 5)),
    )
    def publish(self, caps: list[Cap], later: int) -> None:
        """Put a version in force; with `later` its last cap has a day of its own."""
        now = self.clock.now()
        day = now + timedelta(hours=later) if later else None
        caps[-1] = replace(caps[-1], effective_from=day)
        self.versions.insert(0, InForce(len(self.versions) + 1, now, tuple(caps)))

    @rule(
        who=st.lists(st.sampled_from(TOKENS), unique=True, min_size=1),
        kind=st.sampled_from((ContentKind.NEWS, ContentKind.GENERAL)),
        topic=st.sampled_from((None, "weather")),
        letters=st.text("aaaausf", min_size=1, max_size=4),
    )
    def send(self, who: list[str], kind: ContentKind, topic: str | None, letters: str) -> None:
        sending = Sending(kind, SURFACE, "prv_a", topic, None, MinorsAudience.EXCLUDED)
        for letter in letters:
            self.send_one(sending, who, letter)

    def send_one(self, sending: Sending, who: list[str], letter: str) -> None:
        granted = self.runner.run(self._carry(sending, who, letter))
        now = self.clock.now()
        for token in granted:
            this = Send(now, sending, token)
            for cap in self.versions[0].caps:
                if not cap.is_in_force(now) or not cap.binds:
                    continue
                if cap.covers.holds_for(sending, sending.provider):
                    before = sum(one.counts_for(cap, this) for one in self.sends)
                    assert before < cap.limit, (cap, before)
            if letter != "f":
                self.sends.append(this)

    @rule(minutes=st.sampled_from((1, 29, 31, 61, 240, 1_440)))
    def time_passes(self, minutes: int) -> None:
        self.clock.advance(timedelta(minutes=minutes))

    @rule(lost=st.booleans())
    def restart(self, lost: bool) -> None:
        """Go on as another process, perhaps with counters that have lost everything."""
        if lost:
            flush(self.url)
        self.ledger = CapLedger(self.db, self.clock, self.store, OutboxSlots(self.db))

    async def _carry(self, sending: Sending, who: list[str], letter: str) -> tuple[str, ...]:
        """Send as the dispatcher does; a hand-over that failed gives its slots back."""
        now, policy = self.clock.now(), tuple(self.versions[0].caps)
        self.made += 1
        row = _row(f"obx_{self.made:04}", sending, who, policy, now)
        in_force = CapsInForce(counted_caps(self.versions), now, {}, lambda _: ZONE)
        addressees = Addressees(tuple(who), {token: ZONES[token] for token in who}, {}, ZONE)
        slots = await take_slots(self.ledger.under(in_force), row, addressees, now)
        assert slots is not None
        for cap_id in slots.capped.values():
            self.met[cap_id] += 1
        self.met["sent"] += len(slots.granted)
        outcomes = "".join(letter if token in slots.granted else "c" for token in who)
        await self.db.write(lambda tx: _note(tx, row, slots, outcomes, now))
        if letter == "f" and slots.granted:
            names = [keys.qualified(SURFACE, token) for token in slots.granted]
            await self.ledger.give_back(slots.reservation_id, names)
            await self.ledger.give_back_blocks(slots.blocks, len(names), 1)
        return slots.granted

    def teardown(self) -> None:
        self.runner.run(self.store.aclose())
        self.runner.run(self.db.close())
        self.runner.close()


def _make(tx: Tx) -> None:
    """Make the gateway's own tables, but for what ties them to pushes and rulings."""
    for name in TABLES:
        table = metadata.tables[name]
        tx.execute(CreateTable(table, include_foreign_key_constraints=[]))
        for index in table.indexes:
            tx.execute(CreateIndex(index))
    for token, zone in ZONES.items():
        own: dict[str, Any] = {"time_zone": None if zone == ZONE else zone}
        at = {"secret_hash": token, "minor": "no", "created_at": START}
        tx.execute(recipients.insert().values(surface_id=SURFACE, token=token, **own, **at))


def _row(
    name: str, sending: Sending, who: list[str], policy: tuple[Cap, ...], now: datetime
) -> OutboxRow:
    bearing = [cap for cap in policy if cap.covers.holds_for(sending, sending.provider)]
    fields = OutboxRow.__dataclass_fields__
    wanted: dict[str, Any] = dict.fromkeys(fields, "x")
    wanted |= dict.fromkeys(name for name in fields if name.startswith("second_"))
    wanted |= {
        "id": name, "ruling_standing": True, "personalised": False, "surface_id": SURFACE,
        "provider_id": sending.provider, "kind": sending.kind.value, "topic": sending.topic,
        "minors": "excluded", "content_class": "", "bucket": 7, "recipients": tuple(who),
        "outcomes": "w" * len(who), "caps": tuple(counting_json(cap) for cap in bearing),
        "versions": {}, "state": "sending", "stop": None, "created_at": now,
        "expires_at": now + timedelta(hours=1), "next_at": now, "attempts": 0,
        "lease_until": now + timedelta(seconds=30), "last_error": None, "left_out": {},
        "shadowed": {}, "exempted": {},
    }  # fmt: skip
    return OutboxRow(**wanted)


def _note(tx: Tx, row: OutboxRow, slots: Slots, outcomes: str, now: datetime) -> None:
    values = {name: getattr(row, name) for name in OutboxRow.__dataclass_fields__}
    lists = {"recipients": list(row.recipients), "caps": list(row.caps)}
    ruling = {"ruling_verdict": "approve", "state": "done"}
    tx.execute(outbox.insert().values(**values | lists | ruling))
    if slots.granted:
        counted = (slots.windows, slots.counts_until, slots.blocks)
        attempt = Attempt(f"att_{row.id}", slots.reservation_id, now, *counted)
        rows.start_attempt(tx, row, attempt, outcomes)
    else:
        rows.save_outcomes(tx, row.id, outcomes)


def test_a_cap_never_lets_more_through_than_if_it_had_always_been_there(
    valkey_url: str, tmp_path: Path
) -> None:
    met: Counter[str] = Counter()
    parts = {"url": valkey_url, "folder": tmp_path, "met": met}
    run_state_machine_as_test(
        type("Machine", (PolicyMachine,), parts),
        settings=settings(
            max_examples=15,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    # It is not that nothing was ever sent, or nothing ever stopped.
    stopped = sum(met.values()) - met["sent"]
    assert min(met["sent"], stopped) > 0, met
