"""The cap ledger on both databases: numbers, those who share a bucket, and those who come late."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from app.db.session import Database, Tx
from app.errors import CountersUnavailable
from app.frequency import patience
from app.frequency import repository as rows
from app.frequency.blocks import Counters
from app.frequency.caps_in_force import CapsInForce
from app.frequency.handed_over import Slot
from app.frequency.ledger import CapLedger, Granted
from app.frequency.models import counter_buckets
from app.frequency.redis_store import connect
from app.frequency.store import BucketClosed, Lapsed
from tests.fixtures.clock import ManualClock
from tests.fixtures.frequency import Counting, members
from tests.fixtures.valkey import flush

(ANA,) = members(7, 1)
BUCKET = 7


@dataclass
class Sent:
    """What was handed over, as an outbox would know it."""

    slots_used: list[Slot] = field(default_factory=list)

    def settle(self, tx: Tx, bucket: int) -> None:
        """Nobody is starting anything."""

    async def slots(
        self, bucket: int, since: datetime, counting: CapsInForce | None = None
    ) -> AsyncIterator[Iterable[Slot]]:
        assert bucket == BUCKET
        assert counting is None
        yield [slot for slot in self.slots_used if slot.ends_at > since]


@dataclass
class Bench:
    """A database, counters and one ledger over them; `another` is that of another process."""

    db: Database
    counting: Counting
    url: str
    sent: Sent = field(default_factory=Sent)

    def __post_init__(self) -> None:
        self.ledger = self.another()

    def another(self, store: Counters | None = None) -> CapLedger:
        return CapLedger(self.db, self.counting.clock, store or self.counting.opened, self.sent)

    async def grant(
        self, name: str, limit: int = 5, ledger: CapLedger | None = None, seconds: float = 60
    ) -> Granted | Lapsed:
        cap = self.counting.day("daily", limit)
        asked = self.counting.ask(name, (ANA,), cap, seconds=seconds)
        given = await (ledger or self.ledger).grant(asked)
        if isinstance(given, Granted) and given.granted:
            self.sent.slots_used.append(Slot(ANA, "daily", cap.window, cap.ends_at))
        return given

    async def granted(self, name: str, limit: int = 5, ledger: CapLedger | None = None) -> bool:
        given = await self.grant(name, limit, ledger)
        return isinstance(given, Granted) and given.granted == (ANA,)


@pytest.fixture
async def bench(database_url: str, valkey_url: str, clock: ManualClock) -> AsyncIterator[Bench]:
    db, store = Database(database_url), connect(valkey_url, clock, timeout=10)
    yield Bench(db, Counting(store, clock), valkey_url)
    await store.aclose()
    await db.close()


async def numbers(bench: Bench) -> list[int]:
    """The number of the bucket that is in use."""

    def read(tx: Tx) -> list[int]:
        query = counter_buckets.select().where(counter_buckets.c.bucket == BUCKET)
        return [row.number for row in tx.execute(query)]

    return await bench.db.read(read)


async def test_processes_that_share_a_bucket_wait_for_one_another(bench: Bench) -> None:
    assert await bench.granted("first", 7)
    ledgers = [bench.another() for _ in range(3)]
    granted = await asyncio.gather(*(bench.granted(f"r{n}", 7, ledgers[n % 3]) for n in range(12)))
    assert sum(granted) == 6


async def test_a_reservation_that_lapsed_leaves_no_gap(bench: Bench) -> None:
    assert await bench.granted("r1")
    # Less than a second is none to the counters.
    assert await bench.grant("r2", seconds=0.5) == Lapsed()
    # Another process waits for no number that nobody will bring.
    before = asyncio.get_running_loop().time()
    assert await bench.granted("r3", ledger=bench.another())
    assert asyncio.get_running_loop().time() - before < 0.9
    assert len(bench.sent.slots_used) == 2


async def test_what_lapsed_while_it_waited_takes_no_number(bench: Bench) -> None:
    assert await bench.granted("r1")
    before = await numbers(bench)
    assert await bench.grant("r2", seconds=-1) == Lapsed()
    assert await numbers(bench) == before


async def test_who_seemed_gone_too_soon_is_waited_for_longer(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "SHORTEST", 0.2)
    assert await bench.granted("r1")
    waits = bench.ledger._turns._patience  # noqa: SLF001 - what the next one waits
    for place in range(2):
        before = asyncio.get_running_loop().time()
        # Another process has a number in hand and sends nothing.
        await bench.db.write(lambda tx: rows.take(tx, BUCKET, bench.counting.clock.now()))
        assert await bench.granted(f"s{place}")
        assert asyncio.get_running_loop().time() - before > 0.2 + 0.1 * place
    assert waits.of(BUCKET) > 0.4
    for place in range(3):
        await bench.granted(f"t{place}", 9)
    assert waits.of(BUCKET) < 0.6


async def test_an_outage_of_the_counters_needs_no_rebuild(bench: Bench) -> None:
    """Whoever asked knows that what it heard nothing of was never used."""

    class Flaky:
        broken = False

        def __getattr__(self, name: str) -> object:
            real = getattr(bench.counting.opened, name)

            async def call(*args: object) -> object:
                answer = await real(*args)
                if self.broken:
                    raise CountersUnavailable
                return answer

            return call

    flaky = Flaky()
    ledger = bench.another(flaky)  # type: ignore[arg-type]
    assert await bench.granted("r1", ledger=ledger)
    flaky.broken = True
    for name in ("r2", "r3"):
        with pytest.raises(CountersUnavailable) as caught:
            await bench.grant(name, ledger=ledger)
        assert not isinstance(caught.value, BucketClosed)
    flaky.broken = False
    rebuilt = await bench.db.read(lambda tx: rows.still_counts(tx, BUCKET, 5))
    assert await bench.granted("r4", ledger=ledger)
    assert rebuilt
    assert await bench.db.read(lambda tx: rows.still_counts(tx, BUCKET, 5))


async def test_what_was_used_is_counted_once_a_bucket_is_lost(bench: Bench) -> None:
    for name in ("r1", "r2"):
        assert await bench.granted(name, 3)
    flush(bench.url)
    assert await bench.granted("r3", 3)
    assert not await bench.granted("r4", 3)
    flush(bench.url)
    assert not await bench.granted("r5", 3)


async def test_whoever_was_rebuilt_over_is_told_and_rebuilds_nothing(bench: Bench) -> None:
    assert await bench.granted("r1")
    place = await bench.db.write(lambda tx: rows.take(tx, BUCKET, bench.counting.clock.now()))
    assert isinstance(place, rows.Place)
    flush(bench.url)
    assert await bench.granted("r2", ledger=bench.another())
    assert not await bench.db.read(lambda tx: rows.still_counts(tx, BUCKET, place.number))
    before = await numbers(bench)
    late = bench.another()
    asked = bench.counting.ask("r3", (ANA,), bench.counting.day("daily", 5))
    with pytest.raises(BucketClosed):
        await late._turns.rebuild(place, 6, "ahead", None)  # noqa: SLF001 - too late
    assert await numbers(bench) == before
    assert isinstance(await late.grant(asked), Granted)


async def test_a_bucket_that_somebody_holds_is_waited_for_and_then_put_off(bench: Bench) -> None:
    now = bench.counting.clock.now()
    assert await bench.granted("r1")

    def begin(tx: Tx) -> None:
        place = rows.take(tx, BUCKET, now)
        assert isinstance(place, rows.Place)
        assert rows.begin_rebuild(tx, place, 0, now, now + timedelta(seconds=9)) is not None
        # Nobody else begins one meanwhile, nor takes a number.
        newer = rows.Place(BUCKET, place.ledger, place.number, place.number + 99)
        assert rows.begin_rebuild(tx, newer, 0, now, now + timedelta(seconds=9)) is None
        assert rows.take(tx, BUCKET, now) is None

    await bench.db.write(begin)
    assert await bench.db.read(rows.closed_buckets) == (1, now)
    with pytest.raises(CountersUnavailable):
        await bench.grant("r2")
    bench.counting.clock.advance(seconds=10)
    assert await bench.granted("r3")
    assert await bench.db.read(rows.closed_buckets) == (0, None)
