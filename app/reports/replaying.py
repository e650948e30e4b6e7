"""One replay of a policy on what was sent, from the database to the sums; in a process of its own.

    python -m app.reports.replaying

reads the job as JSON on standard input, and writes a line of JSON for each step: how far it is in
thousandths, in the end the result. It is CPU work for seconds, which must not hold up a popup.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson

from app.db.session import Database, Tx
from app.domain.cap_json import cap_from, cap_json
from app.domain.exemptions import Exemption
from app.domain.policy import Calendar, Cap, Over, QuietHours
from app.frequency.keys import BUCKETS
from app.frequency.release_replay import ReleaseReplay
from app.frequency.replay import Replay
from app.frequency.replayed import AT_ONCE, Asked, AtRelease, Zones
from app.frequency.windows import longest
from app.policy.exemption_repository import exemptions_between
from app.reports.past import Aside, pages
from app.reports.past_releases import past_pushes
from app.reports.past_zones import OwnZones
from app.reports.sums import Pushes, Sums

WHOLE: Final = 1000
READING: Final = 500
"""How many thousandths reading the rows is of the whole."""
_TELLS_EVERY: Final = 500
_NICE: Final = 10


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
    sums = Sums(job.since, job.until)
    db = Database(job.database)
    begins = job.since - longest(job.caps)
    inboxes = any(cap.over is Over.REPLACE for cap in job.caps)
    try:
        exemptions = await db.read(lambda tx: exemptions_between(tx, begins, job.until))
        rules = [one.as_rule() for one in exemptions]
        weighed = await _weighed(db, job, begins, rules, sums)
        with Aside(1 if _counts_together(job.caps) else BUCKETS, weighed) as aside:
            async for page in pages(db, begins, job.until, inboxes=inboxes):
                aside.keep(page)
                tell(_so_far(page.rows[-1][0].at, begins, job.until, READING))
            await _replay(aside, job, rules, OwnZones(db), sums, tell)
    finally:
        await db.close()
    return sums.result([cap.id for cap in job.caps])


async def _weighed(
    db: Database, job: Job, begins: datetime, exemptions: Sequence[Exemption], sums: Sums
) -> dict[str, AtRelease]:
    """Return what caps of pushes say, of those pushes that do not simply go."""
    if not any(cap.counts_pushes for cap in job.caps):
        return {}

    def read(tx: Tx) -> tuple[dict[str, AtRelease], Pushes]:
        replay = ReleaseReplay(job.caps, Zones(job.zones), exemptions)
        found: dict[str, AtRelease] = {}
        seen = Pushes(job.since)
        for push, said in replay.run(past_pushes(tx, begins, job.until), job.until):
            seen.add(push, said)
            if said is not AT_ONCE:
                found[push.id] = said
        return found, seen

    found, seen = await db.read(read)
    sums.weighed(seen)
    return found


async def _replay(
    aside: Aside,
    job: Job,
    exemptions: Sequence[Exemption],
    zones: OwnZones,
    sums: Sums,
    tell: Callable[[int], None],
) -> None:
    asks_zones = any(_asks_zones(cap) for cap in job.caps)
    if aside.parts == 1:
        own = await zones.of_all() if asks_zones else {}
        batches = _told(aside.part(0), job, tell)
        _run(Replay(job.caps, Zones(job.zones, own), exemptions), batches, job.until, sums)
        return
    for number in range(aside.parts):
        theirs = list(aside.part(number))
        own = await zones.of(theirs) if asks_zones else {}
        _run(Replay(job.caps, Zones(job.zones, own), exemptions), theirs, job.until, sums)
        tell(READING + (WHOLE - READING) * (number + 1) // aside.parts)


def _run(replay: Replay, batches: Iterable[Asked], until: datetime, sums: Sums) -> None:
    for met in replay.run(sums.counted(batches), until):
        sums.met(met)


def _told(batches: Iterable[Asked], job: Job, tell: Callable[[int], None]) -> Iterator[Asked]:
    """Yield batches, and tell now and then how far they are."""
    for number, batch in enumerate(batches):
        if not number % _TELLS_EVERY:
            tell(READING + _so_far(batch.at, job.since, job.until, WHOLE - READING))
        yield batch
    tell(WHOLE)


def _counts_together(caps: Iterable[Cap]) -> bool:
    """Tell whether a cap counts recipients of all buckets together."""
    return any(not (cap.is_each_recipients or cap.counts_pushes) for cap in caps)


def _asks_zones(cap: Cap) -> bool:
    is_own = isinstance(cap.window, Calendar) and cap.window.zone is None
    return is_own or isinstance(cap.window, QuietHours)


def _so_far(at: datetime, begins: datetime, until: datetime, whole: int) -> int:
    return max(int(whole * ((at - begins) / (until - begins))), 0)


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
