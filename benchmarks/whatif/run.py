"""How long a policy takes to be replayed on past sends, as a ratio to reading their rows alone.

    python -m benchmarks.whatif.run [--sends 1000000] [--recipients 30000]

A database of a month of pushes is made, nine tenths of the sends in campaigns to a tenth of all
recipients each, the others to one recipient each. Then, each in a process of its own as in the
gateway: reading and decoding every row, the replay under caps on each recipient, the replay under
these and caps on all together, a share, one that replaces and an exemption, and both of a tenth as
many sends, whose memory shows whether it grows. They take turns, and the fastest run counts.
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
from app.domain.policy import (
    Calendar,
    CalendarUnit,
    Cap,
    Counts,
    Covers,
    Gap,
    Over,
    Per,
    Rolling,
)
from app.domain.push import ContentKind
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
WHOLE: Final = (
    *CAPS,
    Cap("surface", 40_000, Calendar(CalendarUnit.DAY), per=(Per.SURFACE,)),
    Cap("all", 6_000, Rolling(3600), per=(Per.PROVIDER,), over=Over.DEFER),
    Cap("newest", 3, Calendar(CalendarUnit.DAY), over=Over.REPLACE),
    Cap(
        "share",
        20,
        Calendar(CalendarUnit.DAY),
        Covers(kinds=(ContentKind.ADVERTISEMENT,)),
        (Per.SURFACE,),
        counts=Counts.PUSHES,
        percent=30,
    ),
)
KINDS: Final = ("news", "general", "advertisement")
CANONICAL: Final = b'{"provider":"prv","push":{"content_class":null,"minors":"excluded"}}'
ROUNDS: Final = 2
PARTS: Final = ("reading", "replay", "whole")
GOAL_SECONDS: Final = 60.0
GOAL_MIB: Final = 256

_Rows = list[dict[str, object]]


def main() -> int:
    """Print times, ratio and memory; return 1 where a million take a minute or memory grows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sends", type=int, default=1_000_000)
    parser.add_argument("--recipients", type=int, default=30_000)
    parser.add_argument("--part", choices=("reading", "replay", "whole"))
    parser.add_argument("--database")
    args = parser.parse_args()
    if args.part:
        return asyncio.run(_part(args.part, args.database))
    print(f"python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder:
        large = made(Path(folder) / "large.db", args.sends, args.recipients)
        small = made(Path(folder) / "small.db", args.sends // 10, args.recipients // 10)
        runs = [{part: part_of(part, large) for part in PARTS} for _ in range(ROUNDS)]
        grown = {part: part_of(part, small)[1] for part in PARTS[1:]}
    reading = min(run["reading"][0] for run in runs)
    print(f"reading the rows alone: {reading:.1f} s")
    good = [
        told(part, caps, args.sends, min(run[part] for run in runs), (reading, grown[part]))
        for part, caps in (("replay", CAPS), ("whole", WHOLE))
    ]
    return 0 if all(good) else 1


def told(
    part: str, caps: tuple[Cap, ...], sends: int, best: tuple[float, int], than: tuple[float, int]
) -> bool:
    """Print what a part took, beside reading alone and the memory of a tenth; False if too much."""
    (took, peak), (reading, grown_from) = best, than
    print(f"{part} under {len(caps)} caps: {took:.1f} s, {sends / took:,.0f} sends a second")
    print(f"ratio to reading alone: {took / reading:.2f}")
    print(f"peak memory: {peak} MiB; for a tenth as many: {grown_from} MiB")
    is_good = took < GOAL_SECONDS and peak < GOAL_MIB
    print(f"goal: below {GOAL_SECONDS:.0f} s and {GOAL_MIB} MiB: {'met' if is_good else 'missed'}")
    return is_good


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
        caps = CAPS if part == "replay" else WHOLE
        since = UNTIL - timedelta(days=DAYS)
        job = Job(database, caps, since, UNTIL, {SURFACE: "Asia/Shanghai"})
        result = await replay_past(job, lambda _: None)
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
        exemption = _exemption()
        connection.execute(_insert("cap_exemptions", exemption), exemption)
        for push, rows in _pushes(sends, recipients):
            release, items = _release(push, rows[0]), list(_items(rows))
            connection.execute(_insert("pushes", push), push)
            connection.execute(_insert("releases", release), release)
            connection.executemany(_insert("outbox", rows[0]), rows)
            connection.executemany(_insert("inbox_items", items[0]), items)
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
        "canonical": CANONICAL, "state": "released",
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


def _release(push: dict[str, object], row: dict[str, object]) -> dict[str, object]:
    same = ("surface_id", "provider_id", "kind", "topic", "personalised", "digest")
    return {
        **{name: row[name] for name in same},
        "id": f"rel_{push['id']}",
        "push_id": push["id"],
        "envelope": b"",
        "released_at": push["submitted_at"],
        "to_settle": 0,
    }


def _items(rows: _Rows) -> Iterator[dict[str, object]]:
    """Yield what was put into inboxes: every second popup is fetched after a quarter of an hour."""
    for row in rows:
        at = datetime.fromisoformat(f"{row['created_at']}+00:00")
        for number, token in enumerate(orjson.loads(str(row["recipients"]))):
            yield {
                "id": new_id("inb"),
                "surface_id": SURFACE,
                "token": token,
                "push_id": row["push_id"],
                "release_id": "rel",
                "created_at": row["created_at"],
                "expires_at": row["expires_at"],
                "handed_at": _text(at + timedelta(minutes=15)) if number % 2 else None,
            }


def _exemption() -> dict[str, object]:
    starts = UNTIL - timedelta(days=9)
    return {
        "id": "exm_bench", "name": "n", "caps": '["surface"]', "reason": "r", "basis": "b",
        "pushes": '{"surfaces": ["srf_bench"], "providers": [], "topics": []}',
        "starts_at": _text(starts), "ends_at": _text(starts + timedelta(days=4)),
        "state": "active", "proposed_by": "x", "proposed_at": _text(starts),
        "approved_by": "y", "approved_at": _text(starts),
    }  # fmt: skip


def _text(at: datetime) -> str:
    return at.isoformat(" ", "microseconds").removesuffix("+00:00")


if __name__ == "__main__":
    sys.exit(main())
