"""How long a policy takes to be replayed on past sends, as a ratio to reading their rows alone.

    python -m benchmarks.whatif.run [--sends 1000000] [--recipients 30000]

A database of a month of pushes is made, nine tenths of the sends in campaigns to a tenth of all
recipients each, the others to one recipient each. Then, each in a process of its own as in the
gateway: reading and decoding every row, the replay under eight caps, and the replay of a tenth as
many sends, whose memory shows whether it grows. The two take turns, and the faster run counts.
"""

import argparse
import asyncio
import os
import platform
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import orjson
from sqlalchemy import create_engine

from app.db.metadata import metadata
from app.db.session import Database
from app.domain.policy import Calendar, CalendarUnit, Cap, Gap, Per, Rolling
from app.frequency.keys import batches, qualified
from app.ids import new_id
from app.policy.default import DEFAULT_CAPS
from app.reports.past import pages
from app.reports.replaying import Job, replay_past

UNTIL: Final = datetime(2026, 11, 30, 16, tzinfo=UTC)
DAYS: Final = 30
LEAD: Final = 33
SURFACE: Final = "srf_bench"
CAPS: Final = (
    *DEFAULT_CAPS,
    Cap("three-hours", 2, Rolling(3 * 3600)),
    Cap("topic", 2, Calendar(CalendarUnit.DAY, "Asia/Shanghai"), per=(Per.RECIPIENT, Per.TOPIC)),
    Cap("gap", 1, Gap(600)),
)
KINDS: Final = ("news", "general", "advertisement")
ROUNDS: Final = 3
GOAL_SECONDS: Final = 60.0
GOAL_MIB: Final = 256

_Rows = list[dict[str, object]]


def main() -> int:
    """Print times, ratio and memory; return 1 where a million take a minute or memory grows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sends", type=int, default=1_000_000)
    parser.add_argument("--recipients", type=int, default=30_000)
    parser.add_argument("--part", choices=("reading", "replay"))
    parser.add_argument("--database")
    args = parser.parse_args()
    if args.part:
        return asyncio.run(_part(args.part, args.database))
    print(f"python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder:
        large = made(Path(folder) / "large.db", args.sends, args.recipients)
        small = made(Path(folder) / "small.db", args.sends // 10, args.recipients // 10)
        runs = [(part_of("reading", large), part_of("replay", large)) for _ in range(ROUNDS)]
        _, grown_from = part_of("replay", small)
    reading = min(took for (took, _), _ in runs)
    took, peak = min(one for _, one in runs)
    print(f"reading the rows alone: {reading:.1f} s")
    print(f"replay under {len(CAPS)} caps: {took:.1f} s, {args.sends / took:,.0f} sends a second")
    print(f"ratio to reading alone: {took / reading:.2f}")
    print(f"peak memory: {peak} MiB; for a tenth as many: {grown_from} MiB")
    is_good = took < GOAL_SECONDS and peak < GOAL_MIB
    print(f"goal: below {GOAL_SECONDS:.0f} s and {GOAL_MIB} MiB: {'met' if is_good else 'missed'}")
    return 0 if is_good else 1


def part_of(part: str, database: str) -> tuple[float, int]:
    """Run a part in a process of its own; return its seconds and its peak of memory in MiB."""
    command = [sys.executable, "-m", "benchmarks.whatif.run"]
    asked = [*command, "--part", part, "--database", database]
    done = subprocess.run(asked, check=True, capture_output=True, text=True)
    print(done.stdout, end="")
    _, seconds, _, mib, *_ = done.stdout.split()
    return float(seconds), int(mib)


async def _part(part: str, database: str) -> int:
    start = time.perf_counter()
    if part == "reading":
        seen = await _read(database)
    else:
        since = UNTIL - timedelta(days=DAYS)
        result = await replay_past(
            Job(database, CAPS, since, UNTIL, {SURFACE: "Asia/Shanghai"}), lambda _: None
        )
        seen = f"{result['stopped']} of {result['sends']} stopped"
    took = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{part}: {took:.2f} s, {peak} MiB, {seen}")
    return 0


async def _read(database: str) -> str:
    db, sends = Database(database), 0
    async for page in pages(db, UNTIL - timedelta(days=DAYS + LEAD), UNTIL):
        sends += sum(len(orjson.loads(row.recipients)) for row, _ in page.rows)
    await db.close()
    return f"{sends} sends"


def made(path: Path, sends: int, recipients: int) -> str:
    """Make a database with so many sends; return its address."""
    url = f"sqlite:///{path}"
    metadata.create_all(create_engine(url))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        for push, rows in _pushes(sends, recipients):
            connection.execute(_insert("pushes", push), push)
            connection.executemany(_insert("outbox", rows[0]), rows)
        connection.commit()
    return url


def _insert(table: str, row: dict[str, object]) -> str:
    names = ", ".join(row)
    return f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{one}' for one in row)})"  # noqa: S608 - ours


def _pushes(sends: int, recipients: int) -> Iterator[tuple[dict[str, object], _Rows]]:
    chance = random.Random(20261121)  # noqa: S311 - the same sends every time
    whole = max(recipients // 10, 1)
    campaigns = max(sends * 9 // 10 // whole, 1)
    singles = sends - campaigns * whole
    sizes = [whole] * campaigns + [1] * singles
    chance.shuffle(sizes)
    for number, size in enumerate(sizes):
        at = UNTIL - timedelta(days=DAYS) + timedelta(days=DAYS) * number / len(sizes)
        tokens = [f"r_{one:016}" for one in chance.sample(range(recipients), size)]
        yield _push(number, at, tokens, chance)


def _push(
    number: int, at: datetime, tokens: list[str], chance: random.Random
) -> tuple[dict[str, object], _Rows]:
    push_id, kind = new_id("psh"), chance.choice(KINDS)
    when, ends = _text(at), _text(at + timedelta(hours=6))
    push: dict[str, object] = {
        "id": push_id, "provider_id": "prv", "sender_id": f"snd_{number % 7}", "submitter": "x",
        "surface_id": SURFACE, "kind": kind, "title": "t", "digest": "d",
        "canonical": b'{"provider":"prv","push":{"content_class":null}}', "state": "released",
        "verdict": "allow", "urgency": "normal", "submitted_at": when, "state_at": when,
        "expires_at": ends,
    }  # fmt: skip
    topic = chance.choice((None, "weather", "traffic"))
    prefix = len(qualified(SURFACE, ""))
    rows: _Rows = []
    for bucket, names in batches(qualified(SURFACE, token) for token in tokens):
        who = orjson.dumps([name[prefix:] for name in names]).decode()
        outcomes = "".join(chance.choices("ac", (9, 1), k=len(names)))
        rows.append(
            {
                "id": new_id("obx"), "release_id": "rel", "push_id": push_id, "digest": "d",
                "ruling_id": "rul", "ruling_verdict": "approve", "ruling_reviewer": "x",
                "ruling_standing": 1, "provider_id": "prv", "surface_id": SURFACE, "kind": kind,
                "topic": topic, "minors": "excluded", "personalised": 0, "channel": "inbox",
                "bucket": bucket, "recipients": who,
                "outcomes": outcomes, "caps": "[]", "versions": "{}", "state": "done",
                "created_at": when, "expires_at": ends, "next_at": when, "attempts": 1,
            }
        )  # fmt: skip
    return push, rows


def _text(at: datetime) -> str:
    return at.isoformat(" ", "microseconds").removesuffix("+00:00")


if __name__ == "__main__":
    sys.exit(main())
