"""A bucket that lacks a cap grants nothing before it has counted it, on every kind of server."""

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from app.db.session import Database, Tx
from app.db.versions import bump
from app.domain.counting import InForce, counted_caps
from app.domain.policy import A_DAY, Cap, Per
from app.frequency import keys
from app.frequency.blocks import Block
from app.frequency.cap_window import CapWindow
from app.frequency.caps_in_force import CapsInForce
from app.frequency.handed_over import Slot
from app.frequency.ledger import CapLedger, Granted, GrantedBlock
from app.frequency.store import Counted, Lapsed
from app.frequency.windows import Scope, open_window
from tests.fixtures.frequency import Counting, members

(ANA,) = members(7, 1)
OLD, NEW = Cap("old", 9, A_DAY), Cap("new", 3, A_DAY)
SCOPE = Scope("prv_a", "news", None, "srf_a")
ZONE = "Asia/Shanghai"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass
class Past:
    """Popups of before, which any cap would have counted; how often somebody asked for them."""

    sent: int = 2
    asked: list[int] = field(default_factory=list)

    def settle(self, tx: Tx, bucket: int) -> None:
        """Nobody is starting anything."""

    async def slots(
        self, bucket: int, since: datetime, counting: CapsInForce | None = None
    ) -> AsyncIterator[Iterable[Slot]]:
        assert counting is not None
        assert since < counting.at
        self.asked.append(bucket)
        yield self._slots(bucket, counting)

    def _slots(self, bucket: int, counting: CapsInForce) -> Iterator[Slot]:
        for one in counting.lacking(bucket):
            cap = window(one.cap, counting.at)
            yield Slot(cap.subject or ANA, cap.cap_id, cap.window, cap.noted_end, self.sent)


def window(cap: Cap, at: datetime) -> CapWindow:
    found = open_window(cap, at, ZONE, SCOPE)
    assert found is not None
    return found


@dataclass
class Bench:
    """A ledger over a database and counters, and what it is asked for."""

    counting: Counting
    db: Database
    past: Past = field(default_factory=Past)

    def __post_init__(self) -> None:
        self.ledger = CapLedger(self.db, self.counting.clock, self.counting.opened, self.past)

    def under(self, *caps: Cap, seen: int = 0) -> CapLedger:
        now = self.counting.clock.now()
        versions = [InForce(len(caps), now, caps), InForce(1, LONG_AGO, (OLD,))]
        return self.ledger.under(
            CapsInForce(counted_caps(versions), now, {"policy": seen}, lambda _: ZONE)
        )

    async def grant(self, name: str, *caps: Cap, seen: int = 0) -> Granted | Lapsed:
        now = self.counting.clock.now()
        windows = [window(cap, now) for cap in caps]
        return await self.under(*caps, seen=seen).grant(self.counting.ask(name, (ANA,), *windows))

    async def granted(self, name: str, *caps: Cap) -> bool:
        given = await self.grant(name, *caps)
        assert isinstance(given, Granted)
        return given.granted == (ANA,)


@pytest.fixture
async def bench(counting: Counting, sqlite_url: str) -> AsyncIterator[Bench]:
    db = Database(sqlite_url)
    yield Bench(counting, db)
    await db.close()


async def test_a_bucket_is_counted_once_for_a_cap_that_it_lacks(bench: Bench) -> None:
    assert await bench.granted("r1", OLD)
    before = len(bench.past.asked)
    assert [await bench.granted(f"r2{n}", OLD, NEW) for n in range(2)] == [True, False]
    assert await bench.granted("r3", OLD, replace(NEW, limit=4))
    assert len(bench.past.asked) == before + 1


async def test_one_that_goes_by_an_older_policy_lapses_and_has_nothing_counted(
    bench: Bench,
) -> None:
    assert await bench.granted("r1", OLD, NEW)
    await bench.db.write(lambda tx: bump(tx, "policy", bench.counting.clock))
    before = list(bench.past.asked)
    for caps in ((OLD,), (OLD, replace(NEW, per=(Per.RECIPIENT, Per.KIND)))):
        assert isinstance(await bench.grant(f"r{len(caps)}", *caps), Lapsed)
    assert bench.past.asked == before
    assert isinstance(await bench.grant("r9", OLD, seen=1), Granted)


async def test_a_block_is_granted_once_its_cap_has_counted_everybody(bench: Bench) -> None:
    together = replace(NEW, per=(Per.SURFACE,))
    cap = window(together, bench.counting.clock.now())
    expires = bench.counting.clock.now() + timedelta(minutes=1)
    bucket, _ = keys.block_place(cap.cap_id, cap.subject or "")
    block = Block("blk_1", bucket, (cap,), 5, expires)
    given = await bench.under(OLD, together).grant_block(block)
    assert isinstance(given, GrantedBlock)
    assert given.taken.granted == 1
    assert bench.past.asked == [bucket]


async def test_what_is_gone_makes_room_for_what_is_counted_again(counting: Counting) -> None:
    ends = counting.day("x", 9).ends_at
    gone = [Counted(f"gone-{n}", "day:x", ends, 1) for n in range(200)]
    kept = [Counted(f"kept-{n}", "day:x", ends, 2) for n in range(55)]
    await counting.store.open(7, **{ANA: [*gone, *kept]})
    await counting.store.open(7, **{ANA: [replace(kept[0], used=1), gone[0]]})
    names = ("gone-0", "gone-199", "kept-0")
    caps = [CapWindow(name, "day:x", 9, ends) for name in names]
    assert await counting.used(ANA, *caps) == (1, 1, 2)
    fresh = [Counted(f"fresh-{n}", "day:x", ends, 3) for n in range(55)]
    await counting.store.open(7, **{ANA: [*fresh, kept[0]]})
    caps.append(CapWindow("fresh-54", "day:x", 9, ends))
    assert await counting.used(ANA, *caps) == (0, 0, 2, 3)
