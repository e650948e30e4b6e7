"""Random policies and sends: the replay stops whom the real ledger stops, by the same cap."""

import asyncio
import heapq
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, cast

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from app.delivery.repository import OutboxRow
from app.delivery.screening import Addressees
from app.delivery.slots import Slots, take_slots
from app.domain.cap_json import counting_json
from app.domain.exemptions import Exempted, Exemption, live
from app.domain.policy import (
    Calendar,
    CalendarUnit,
    Cap,
    Covers,
    Gap,
    Mode,
    Over,
    Per,
    QuietHours,
    Rolling,
)
from app.domain.push import ContentKind, MinorsAudience
from app.frequency import keys
from app.frequency.bearing import Sending
from app.frequency.blocks import Block
from app.frequency.ledger import CapLedger, Granted, GrantedBlock
from app.frequency.redis_store import connect
from app.frequency.replay import Replay
from app.frequency.replayed import Asked, Met, Zones
from app.frequency.store import Lapsed, Reservation
from tests.fixtures.clock import START, ManualClock
from tests.fixtures.frequency import InTurn
from tests.fixtures.valkey import flush

SURFACES = ("srf_a", "srf_b")
USUAL = {"srf_a": "Asia/Shanghai", "srf_b": "America/New_York"}
# A day before the clocks of New York are put back, beside an ordinary one.
STARTS = (START, datetime(2026, 10, 31, 21, 30, 0, 250_000, tzinfo=UTC))
WAITS = (0.0, 0.4, 59.9, 600.0, 3_600.0, 21_600.0, 86_400.0, 700_000.0)


def tokens(surface: str) -> list[str]:
    """Four recipients of a surface who share a bucket."""
    found = (f"r_{n}" for n in count())
    mine = (one for one in found if keys.bucket_of(keys.qualified(surface, one)) == 7)
    return [next(mine) for _ in range(4)]


TOKENS = {surface: tokens(surface) for surface in SURFACES}
OWN = {
    surface: {names[1]: "Pacific/Apia", names[2]: "Europe/London"}
    for surface, names in TOKENS.items()
}
ZONES = Zones(USUAL, OWN)

windows = st.one_of(
    st.builds(
        Calendar,
        st.sampled_from(CalendarUnit),
        st.sampled_from((None, "Asia/Shanghai", "America/New_York")),
    ),
    st.builds(Rolling, st.sampled_from((60, 3_601, 90_000, 2_678_400))),
    st.builds(Gap, st.sampled_from((60, 1_800, 172_800))),
    st.builds(QuietHours, st.sampled_from((0, 1_320)), st.sampled_from((60, 430))),
)
covers = st.builds(
    Covers,
    kinds=st.sampled_from(((), (ContentKind.NEWS,))),
    surfaces=st.sampled_from(((), (), ("srf_a",))),
    topics=st.sampled_from(((), (), ("weather",))),
)


together = st.sampled_from(((), (Per.SURFACE,), (Per.PROVIDER,), (Per.TOPIC, Per.SURFACE)))
own = st.sampled_from(((Per.RECIPIENT,), (Per.RECIPIENT, Per.TOPIC), (Per.RECIPIENT, Per.PROVIDER)))


@st.composite
def caps(draw: st.DrawFn) -> tuple[Cap, ...]:
    found = []
    for number in range(draw(st.integers(1, 6))):
        window = draw(windows)
        per = draw(own if isinstance(window, QuietHours) else st.one_of(own, own, together))
        most = 3 if Per.RECIPIENT in per else 9
        limit = {Gap: 1, QuietHours: 0}.get(type(window), draw(st.integers(0, most)))
        may_wait = limit > 0 or isinstance(window, QuietHours)
        found.append(
            Cap(
                f"cap-{number}",
                limit,
                window,
                draw(covers),
                per,
                draw(st.sampled_from((Over.DEFER, Over.DEFER, Over.DROP)))
                if may_wait
                else Over.DROP,
                draw(st.sampled_from((Mode.ENFORCE, Mode.ENFORCE, Mode.SHADOW))),
            )
        )
    return tuple(found)


@st.composite
def sends(draw: st.DrawFn) -> list[Asked]:
    at, found = draw(st.sampled_from(STARTS)), []
    for number in range(draw(st.integers(1, 20))):
        at += timedelta(seconds=draw(st.sampled_from(WAITS)))
        surface = draw(st.sampled_from(SURFACES))
        sending = Sending(
            draw(st.sampled_from((ContentKind.NEWS, ContentKind.GENERAL))),
            surface,
            draw(st.sampled_from(("prv_a", "prv_b"))),
            draw(st.sampled_from((None, "weather"))),
            None,
            MinorsAudience.EXCLUDED,
        )
        who = draw(st.lists(st.sampled_from(TOKENS[surface]), unique=True, min_size=1))
        lasts = timedelta(seconds=draw(st.sampled_from((1_700, 90_000, 800_000))))
        found.append(Asked(f"obx_{number:02}", at, at + lasts, sending, tuple(who)))
    return found


@st.composite
def exemptions(draw: st.DrawFn) -> tuple[Exemption, ...]:
    """Up to three, which begin and end among the sends."""
    found = []
    for number in range(draw(st.sampled_from((0, 1, 3)))):
        starts = draw(st.sampled_from(STARTS)) + timedelta(hours=draw(st.sampled_from((-1, 7))))
        pushes = draw(
            st.sampled_from((Exempted(surfaces=("srf_a",)), Exempted(topics=("weather",))))
        )
        eases = tuple(f"cap-{n}" for n in draw(st.sets(st.integers(0, 5), min_size=3)))
        ends = starts + timedelta(days=draw(st.sampled_from((1, 12))))
        found.append(Exemption(f"exm_{number}", eases, pushes, starts, ends))
    return tuple(found)


class Turns:
    """Grants as the ledger does, its numbers counted here instead of in a database."""

    def __init__(self, store: InTurn) -> None:
        self.store = store
        self.number = 0

    async def give_back(self, reservation_id: str, recipients: Sequence[str]) -> None:
        if recipients:
            await self.store.inner.give_back(reservation_id, recipients)

    async def grant_block(self, asked: Block) -> GrantedBlock | Lapsed:
        taken = await self.store.reserve_block(asked)
        assert not isinstance(taken, Lapsed)
        return GrantedBlock(asked, self.store.numbers[asked.bucket], taken)

    async def start_block(self, granted: GrantedBlock, used: int) -> bool:
        block = granted.block
        return await self.store.inner.start_block(block.id, block.records, used)

    async def grant(self, asked: Reservation) -> Granted | Lapsed:
        outcome = await self.store.reserve(asked)
        assert not isinstance(outcome, Lapsed)
        self.number += 1
        started = await self.store.start(asked.id, outcome.granted) if outcome.granted else ()
        assert set(started) == set(outcome.granted)
        return Granted(asked.id, self.number, outcome.granted, outcome.full, outcome.shadowed)


def row_of(batch: Asked, policy: tuple[Cap, ...]) -> OutboxRow:
    sending = batch.sending
    bearing = [cap for cap in policy if cap.covers.holds_for(sending, sending.provider)]
    wanted: dict[str, Any] = dict.fromkeys(OutboxRow.__dataclass_fields__) | {
        "id": batch.id,
        "surface_id": sending.surface,
        "provider_id": sending.provider,
        "kind": sending.kind.value,
        "topic": sending.topic,
        "bucket": 7,
        "caps": tuple(counting_json(cap) for cap in bearing),
        "expires_at": batch.expires_at,
    }
    return OutboxRow(**wanted)


class Driver:
    """Sends as the dispatcher does: rows that wait are asked for again at their moment."""

    def __init__(
        self, url: str, policy: tuple[Cap, ...], exempt: tuple[Exemption, ...] = ()
    ) -> None:
        flush(url)
        self.clock = ManualClock()
        self.store = connect(url, self.clock, timeout=10)
        self.ledger = cast("CapLedger", Turns(InTurn(self.store)))
        self.policy = policy
        self.exempt = exempt

    async def run(self, batches: list[Asked], until: datetime) -> list[tuple[object, ...]]:
        heap = [(batch.at, batch.id, batch.tokens, batch) for batch in batches]
        heapq.heapify(heap)
        found: list[tuple[object, ...]] = []
        while heap and heap[0][0] <= until:
            at, name, who, batch = heapq.heappop(heap)
            self.clock.set(at)
            slots = await self._take(batch, who)
            waits = set(slots.deferred)
            again = min(slots.deferred.values(), default=None)
            found.append(
                (
                    name,
                    set(slots.granted),
                    dict(slots.capped),
                    slots.shadowed,
                    {
                        name: len({token for who in by_cap.values() for token in who})
                        for name, by_cap in slots.exempted.items()
                    },
                    waits,
                    again,
                )
            )
            if again is not None:
                rest = tuple(token for token in who if token in waits)
                heapq.heappush(heap, (again, name, rest, batch))
        await self.store.aclose()
        return found

    async def _take(self, batch: Asked, who: tuple[str, ...]) -> Slots:
        surface = batch.sending.surface
        zones = {token: OWN[surface].get(token, USUAL[surface]) for token in who}
        addressees = Addressees(who, zones, {}, USUAL[surface])
        now = self.clock.now()
        row = replace(row_of(batch, self.policy), lease_until=now + timedelta(seconds=30))
        slots = await take_slots(self.ledger, row, addressees, now, live(self.exempt, now))
        assert slots is not None
        return slots


def seen(met: Iterator[Met]) -> list[tuple[object, ...]]:
    return [
        (
            one.asked.id,
            set(one.granted),
            dict(one.capped),
            dict(one.shadowed),
            dict(one.exempted),
            set(one.waiting),
            one.again,
        )
        for one in met
    ]


def test_the_replay_and_the_ledger_agree(valkey_url: str) -> None:
    stopped = Counter[str]()

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(policy=caps(), exempt=exemptions(), batches=sends())
    def agree(policy: tuple[Cap, ...], exempt: tuple[Exemption, ...], batches: list[Asked]) -> None:
        until = batches[-1].at + timedelta(days=3)
        replayed = seen(Replay(policy, ZONES, exempt).run(batches, until))
        assume(len(replayed) < 200)
        driver = Driver(valkey_url, policy, exempt)
        assert replayed == asyncio.run(driver.run(batches, until))
        by_all = {cap.id for cap in policy if not cap.is_each_recipients}
        for _, granted, capped, shadowed, exempted, _, _ in replayed:
            stopped["granted"] += bool(granted)
            stopped["capped"] += bool(capped)
            stopped["capped together"] += bool(
                by_all & set(cast("dict[str, str]", capped).values())
            )
            stopped["shadowed"] += bool(shadowed)
            stopped["exempted"] += bool(exempted)

    agree()
    # It is not that nothing ever happened; that somebody waits is rare among so few examples.
    assert all(
        stopped[what] for what in ("granted", "capped", "capped together", "shadowed", "exempted")
    ), stopped
