"""Measures the pure decision, all rules, against reading the same facts from their stored form."""

import asyncio
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from app.demo.pushes import PUSHES
from app.evaluation.bench import bench, prepared_folder
from app.pushes import repository
from app.pushes.stored import facts_from
from app.rules.catalogue import CATALOGUE
from app.rules.engine import decide

GOAL_US = 1000.0
ROUNDS = 200


def main() -> int:
    """Print microseconds a decision; 1 when the median misses the goal."""
    with prepared_folder() as folder:
        stored = asyncio.run(decided(folder))
    facts = [facts_from(one) for one in stored]
    print(f"python {platform.python_version()}, {platform.machine()}, {len(CATALOGUE)} rules")
    reading = timed(facts_from, stored)
    deciding = timed(decide, facts)
    for name, taken in (("read stored facts", reading), ("decide", deciding)):
        quantiles = statistics.quantiles(taken, n=100)
        print(f"{name:<18} median {quantiles[49]:7.1f} us  p99 {quantiles[98]:7.1f} us")
    median = statistics.median(deciding)
    print(f"decide takes {median / statistics.median(reading):.2f} of reading its facts")
    met = median < GOAL_US
    print(f"goal: under {GOAL_US:.0f} us at the median: {'met' if met else 'missed'}")
    return 0 if met else 1


async def decided(folder: Path) -> list[bytes]:
    """Submit the demo's pushes and return the facts that were stored with their decisions."""
    async with bench(folder) as one:
        for push in PUSHES:
            await one.submit(push.body, push.name)
        rows = await one.services.db.read(
            lambda tx: repository.decisions_after(tx, last=("", 0), limit=len(PUSHES))
        )
    return [row.facts for row in rows]


def timed(work: Callable[[Any], object], items: Sequence[object]) -> list[float]:
    """Return the microseconds of each call, over many rounds of all items."""
    taken = []
    for _ in range(ROUNDS):
        for item in items:
            start = time.perf_counter_ns()
            work(item)
            taken.append((time.perf_counter_ns() - start) / 1000)
    return taken


if __name__ == "__main__":
    sys.exit(main())
