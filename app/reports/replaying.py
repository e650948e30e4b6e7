"""One replay of a policy on what was sent, from the database to the sums; in a process of its own.

    python -m app.reports.replaying

reads the job as JSON on standard input, and writes a line of JSON for each step: how far it is in
thousandths, in the end the result. It is CPU work for seconds, which must not hold up a popup.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from app.db.session import Database
from app.domain.cap_json import cap_from, cap_json
from app.domain.policy import Calendar, CalendarUnit, Cap, Gap, QuietHours, Rolling
from app.frequency.keys import BUCKETS
from app.frequency.replay import Replay, Zones, replayable
from app.reports.past import Aside, OwnZones, Page, pages
from app.reports.sums import Sums

WHOLE: Final = 1000
_READING: Final = 500
"""How many thousandths reading the rows is of the whole."""
_NICE: Final = 10
_UNITS: Final = {
    CalendarUnit.DAY: timedelta(days=2),
    CalendarUnit.WEEK: timedelta(days=8),
    CalendarUnit.MONTH: timedelta(days=32),
}


@dataclass(frozen=True, slots=True)
class Job:
    """What is replayed: caps on what was sent in a time; `zones` are those of the surfaces."""

    database: str
    caps: tuple[Cap, ...]
    since: datetime
    until: datetime
    zones: Mapping[str, str]

    def to_json(self) -> bytes:
        """Return what `job_from` reads."""
        return orjson.dumps(
            {
                "database": self.database,
                "caps": [cap_json(cap) for cap in self.caps],
                "since": self.since.isoformat(),
                "until": self.until.isoformat(),
                "zones": dict(self.zones),
            }
        )


def job_from(text: bytes) -> Job:
    """Read a job."""
    value: dict[str, Any] = orjson.loads(text)
    return Job(
        value["database"],
        tuple(map(cap_from, value["caps"])),
        datetime.fromisoformat(value["since"]),
        datetime.fromisoformat(value["until"]),
        value["zones"],
    )


async def replay_past(job: Job, tell: Callable[[int], None]) -> dict[str, object]:
    """Return what caps would have stopped of what was sent; `tell` gets thousandths.

    Sends from before that still count when the time begins are replayed as well.
    """
    caps = [cap for cap in job.caps if replayable(cap)]
    sums = Sums(job.since, job.until)
    db = Database(job.database)
    try:
        with Aside() as aside:
            begins = job.since - longest(caps)
            async for page in pages(db, begins, job.until):
                aside.keep(page)
                tell(_read_so_far(page, begins, job.until))
            await _replay(aside, caps, job, OwnZones(db), sums, tell)
    finally:
        await db.close()
    missing = [cap.id for cap in job.caps if not replayable(cap)]
    return sums.result([cap.id for cap in caps], missing)


async def _replay(
    aside: Aside,
    caps: list[Cap],
    job: Job,
    zones: OwnZones,
    sums: Sums,
    tell: Callable[[int], None],
) -> None:
    asks_zones = any(_asks_zones(cap) for cap in caps)
    for bucket in range(BUCKETS):
        batches = list(aside.bucket(bucket))
        own = await zones.of(batches) if asks_zones else {}
        for batch in batches:
            sums.asked(batch)
        for met in Replay(caps, Zones(job.zones, own)).run(batches, job.until):
            sums.met(met)
        tell(_READING + (WHOLE - _READING) * (bucket + 1) // BUCKETS)


def longest(caps: Iterable[Cap]) -> timedelta:
    """Return for how long a send can count under any of these caps."""
    return max(map(_lasts, caps), default=timedelta(0))


def _lasts(cap: Cap) -> timedelta:
    match cap.window:
        case Calendar(unit, _):
            return _UNITS[unit]
        case Rolling(seconds) | Gap(seconds):
            return timedelta(seconds=seconds) * 33 / 32
        case _:
            return timedelta(0)


def _asks_zones(cap: Cap) -> bool:
    is_own = isinstance(cap.window, Calendar) and cap.window.zone is None
    return is_own or isinstance(cap.window, QuietHours)


def _read_so_far(page: Page, begins: datetime, until: datetime) -> int:
    last = page.rows[-1][0].at
    return int(_READING * ((last - begins) / (until - begins)))


def main() -> None:  # pragma: no cover - in a process of its own; tests/integration/reports
    """Run the job on standard input."""
    os.nice(_NICE)
    out = sys.stdout.buffer

    def tell(value: object) -> None:
        out.write(orjson.dumps(value) + b"\n")
        out.flush()

    result = asyncio.run(replay_past(job_from(sys.stdin.buffer.read()), tell))
    tell(result)


if __name__ == "__main__":  # pragma: no cover - see above
    main()
