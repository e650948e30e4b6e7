"""A whole campaign from a file: reservation, start, database rows and commit, batch by batch.

For each batch the outbox row is written, its numbers are handed out, slots are reserved and
started, the attempt is committed as started with the windows it counts in, its end is written,
and the slots are made final: everything of a dispatch but looking up who may be reached, the
signature, and the channel.
"""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Table
from sqlalchemy.schema import CreateIndex, CreateTable

from app.clock import SystemClock
from app.db.metadata import metadata
from app.db.session import Database, Tx
from app.delivery import dispatch_repository as rows
from app.delivery.dispatch_repository import Attempt
from app.delivery.models import outbox, releases
from app.delivery.outcomes import Outcome
from app.delivery.recount import OutboxSlots, windows_of
from app.domain.cap_json import cap_json
from app.frequency import keys
from app.frequency.ledger import CapLedger, Granted
from app.frequency.store import Group, Reservation
from app.ids import new_id
from benchmarks.frequency.loads import CAPS, SURFACE, Batch, at_once, streamed, windows
from benchmarks.frequency.servers import Servers

TABLES: Final = ("counter_buckets", "releases", "outbox", "attempts")
OWNER: Final = "bench"
PREFIX: Final = len(keys.qualified(SURFACE, ""))
PAGES_AT: Final = 20


@dataclass(frozen=True, slots=True)
class Moment:
    """How far a campaign was after so many seconds, and this process's memory then."""

    recipients: int
    seconds: float
    rss_mib: float


@dataclass(frozen=True, slots=True)
class Campaign:
    """What became of a campaign."""

    database: str
    moments: tuple[Moment, ...]
    slow_ms: tuple[float, ...]
    sync_ms: int

    @property
    def per_second(self) -> float:
        """Recipients per second from the first to the last."""
        return self.moments[-1].recipients / self.moments[-1].seconds

    @property
    def growth_mib(self) -> float:
        """How much memory has grown from the first tenth to the end."""
        settled = self.moments[max(len(self.moments) // 10, 1) - 1]
        return max(one.rss_mib for one in self.moments) - settled.rss_mib


def written(path: Path, recipients: int) -> Path:
    """Write a file of tokens, one a line."""
    with path.open("w") as file:
        file.writelines(f"r_{number:08}\n" for number in range(recipients))
    return path


async def run_campaign(at: Servers, url: str, file: Path, recipients: int) -> Campaign:
    """Carry a campaign of a file's recipients from the first line to the last."""
    at.flush()
    async with _database(url) as db:
        clock, store = SystemClock(), at.store()
        sender = _Sender(db, clock, CapLedger(db, clock, store, OutboxSlots(db)), store)
        moments: list[Moment] = []
        done, began = 0, time.perf_counter()

        async def carry(name: str, batch: Batch) -> None:
            nonlocal done
            await sender.carry(name, batch)
            done += len(batch[1])
            if done >= recipients * (len(moments) + 1) // PAGES_AT:
                moments.append(Moment(done, time.perf_counter() - began, _rss_mib()))

        try:
            await at_once(streamed(_lines(file)), carry, 32)
        finally:
            await store.aclose()
        return Campaign(db.dialect, tuple(moments), tuple(at.slow_ms()), at.longest_sync_ms())


class _Sender:
    def __init__(
        self,
        db: Database,
        clock: SystemClock,
        ledger: CapLedger,
        store: Any,  # noqa: ANN401
    ) -> None:
        self._db, self._clock, self._ledger, self._store = db, clock, ledger, store
        self._caps = [cap_json(cap) for cap in CAPS]

    async def carry(self, name: str, batch: Batch) -> None:
        bucket, members = batch
        now = self._clock.now()
        tokens = [member[PREFIX:] for member in members]
        await self._db.write(partial(self._insert, name, bucket, tokens, now))
        groups = (Group(members, windows(now)),)
        asked = Reservation(new_id("rsv"), bucket, groups, now + timedelta(minutes=10))
        granted = await self._ledger.grant(asked)
        if not isinstance(granted, Granted) or granted.granted != members:
            raise RuntimeError("the benchmark's recipients should all have room")
        counted = windows_of(groups, dict(zip(members, tokens, strict=True)))
        attempt = Attempt(new_id("att"), granted.reservation_id, now, *counted)
        await self._db.write(partial(self._start, name, attempt))
        await self._db.write(partial(self._end, name, attempt))
        await self._store.commit(granted.reservation_id, members)

    def _insert(self, name: str, bucket: int, tokens: list[str], now: datetime, tx: Tx) -> None:
        ends = now + timedelta(hours=6)
        tx.execute(
            outbox.insert().values(
                id=name, release_id="rel", push_id="psh", digest="d", ruling_id="rul",
                ruling_verdict="approve", ruling_reviewer="x", ruling_standing=True,
                provider_id="prv_bench", surface_id=SURFACE, kind="news", topic="weather",
                minors="excluded", personalised=False, channel="inbox", bucket=bucket,
                recipients=tokens, outcomes=Outcome.WAITING.value * len(tokens), caps=self._caps,
                versions={}, state="sending", created_at=now, expires_at=ends, next_at=now,
                lease_owner=OWNER, lease_until=ends, attempts=0,
            )
        )  # fmt: skip

    @staticmethod
    def _start(name: str, attempt: Attempt, tx: Tx) -> None:
        row = rows.row_by_id(tx, name)
        if row is None:
            raise RuntimeError("a row that was written is gone")
        rows.start_attempt(tx, row, attempt, Outcome.STARTED.value * len(row.recipients))

    def _end(self, name: str, attempt: Attempt, tx: Tx) -> None:
        row = rows.attempted_row(tx, name, OWNER, 1)
        if row is None:
            raise RuntimeError("a row that was started is somebody else's")
        rows.end_attempt(tx, attempt.id, self._clock.now(), "accepted", "")
        rows.finish_row(tx, row, Outcome.ACCEPTED.value * len(row.recipients), "done", None)


def _lines(file: Path) -> Iterator[str]:
    with file.open() as lines:
        for line in lines:
            yield keys.qualified(SURFACE, line.rstrip("\n"))


@asynccontextmanager
async def _database(url: str) -> AsyncIterator[Database]:
    """Make the gateway's own tables, but for what ties them to pushes and rulings."""
    db = Database(url)

    def make(tx: Tx) -> None:
        for table in TABLES:
            _make(tx, metadata.tables[table])
        tx.execute(
            releases.insert().values(
                id="rel", push_id="psh", digest="d", surface_id=SURFACE, provider_id="prv_bench",
                kind="news", topic="weather", personalised=False, envelope=b"{}",
                released_at=SystemClock().now(),
            )
        )  # fmt: skip

    def drop(tx: Tx) -> None:
        for table in TABLES:
            tx.exec_driver_sql(f"DROP TABLE {table}")

    await db.write(make)
    try:
        yield db
    finally:
        await db.write(drop)
        await db.close()


def _make(tx: Tx, table: Table) -> None:
    tx.execute(CreateTable(table, include_foreign_key_constraints=[]))
    for index in table.indexes:
        tx.execute(CreateIndex(index))


def _rss_mib() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0
