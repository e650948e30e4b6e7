"""Version numbers in the database that every worker polls, and values that follow them."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar

from sqlalchemy import BigInteger, Column, String, Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from app.clock import Clock
from app.db.base import Instant, metadata
from app.db.session import Database, Tx
from app.errors import CannotJudge, GatewayError, Words

T = TypeVar("T")

POLL_SECONDS = 0.25
# Promise 8: a worker whose last reading is older decides and sends nothing.
STALE_SECONDS = 1.0

versions = Table(
    "versions",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("changed_at", Instant, nullable=False),
)


class VersionsStale(CannotJudge):
    """This worker has not been able to read the versions for more than a second."""

    code = "versions_stale"
    title = Words("版本信息过期，暂停判定与下发", "Versions are stale; nothing is decided or sent")

    def __init__(self) -> None:
        """Ask the caller to wait a moment."""
        super().__init__(retry_after=1)


def bump(tx: Tx, name: str, clock: Clock) -> int:
    """Raise the version called `name` by one, in the caller's transaction; return it.

    Call it in the same `write` that changes what the version stands for.
    """
    number = _locked(tx, name)
    if number is None:
        # Whoever comes second waits here for the first, and then finds its row.
        insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
        first = insert(versions).values(name=name, number=0, changed_at=clock.now())
        tx.execute(first.on_conflict_do_nothing())
        number = _locked(tx, name) or 0
    tx.execute(
        versions.update()
        .where(versions.c.name == name)
        .values(number=number + 1, changed_at=clock.now())
    )
    return number + 1


def _locked(tx: Tx, name: str) -> int | None:
    query = select(versions.c.number).where(versions.c.name == name).with_for_update()
    return tx.execute(query).scalar_one_or_none()


def are_current(tx: Tx, seen: Mapping[str, int]) -> bool:
    """Tell whether the versions named in `seen` still have these numbers in the database."""
    numbers = read_all(tx)
    return all(numbers.get(name, 0) == number for name, number in seen.items())


def read_all(tx: Tx) -> dict[str, int]:
    """Return every version number by name; a name that never changed is absent and means 0."""
    return {row.name: row.number for row in tx.execute(select(versions.c.name, versions.c.number))}


class VersionWatch:
    """Polls the versions every 250 ms and knows how old its reading is."""

    def __init__(self, db: Database, clock: Clock) -> None:
        """Read nothing yet; `refresh` or `run` does."""
        self._db = db
        self._clock = clock
        self._numbers: Mapping[str, int] = {}
        self._read_at: float | None = None

    async def refresh(self) -> None:
        """Read the versions now."""
        began = self._clock.monotonic()
        self._numbers = await self._db.read(read_all)
        # The age counts from before the question was asked, which errs towards stale.
        self._read_at = began

    def number(self, name: str) -> int:
        """Return the version called `name`; VersionsStale if the reading is too old."""
        if self.is_stale:
            raise VersionsStale
        return self._numbers.get(name, 0)

    def numbers(self, names: Iterable[str]) -> dict[str, int]:
        """Return several versions by name; VersionsStale if the reading is too old."""
        return {name: self.number(name) for name in names}

    @property
    def is_stale(self) -> bool:
        """Whether the last reading is more than a second old, or there is none."""
        return self._read_at is None or self._clock.monotonic() - self._read_at > STALE_SECONDS

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until `stop` is set; an outage only lets the reading grow old."""
        while not stop.is_set():
            with contextlib.suppress(GatewayError, SQLAlchemyError, OSError):
                await self.refresh()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), POLL_SECONDS)


class Followed(Generic[T]):
    """A value loaded from the database that is loaded again when its version changes."""

    def __init__(
        self, db: Database, watch: VersionWatch, name: str, load: Callable[[Tx], T]
    ) -> None:
        """`load` reads the whole value; it is called once per version."""
        self._db = db
        self._watch = watch
        self._name = name
        self._load = load
        self._held: tuple[int, T] | None = None
        self._lock = asyncio.Lock()

    @property
    def last(self) -> T | None:
        """The value last read, however old; for what must not fail and decides nothing."""
        return None if self._held is None else self._held[1]

    async def get(self) -> T:
        """Return the value at the version last read; VersionsStale if that is too old."""
        with contextlib.suppress(VersionsStale):
            # Asked once: between two questions the reading may grow too old.
            number, held = self._watch.number(self._name), self._held
            if held is not None and held[0] == number:
                return held[1]
        async with self._lock:
            if self._watch.is_stale:
                await self._watch.refresh()
            number = self._watch.number(self._name)
            if self._held is None or self._held[0] != number:
                # A change between the two reads is newer than `number` and is read again soon.
                self._held = (number, await self._db.read(self._load))
            return self._held[1]
