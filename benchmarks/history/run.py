"""Times looking up what was pushed before among 150,000 stories, and measures their memory."""

import argparse
import gc
import os
import platform
import random
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.domain.push import PushRequest
from app.pushes.history_repository import RELEASED, PastPush
from app.pushes.past import Asked, Past
from app.screening.likeness import Story
from benchmarks.history.stories import invented, request_of

SEED = 20261121
NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)
ASKED = 500
GOAL_MS = 5.0
DAYS = 30


def main() -> int:
    """Print microseconds and mebibytes; return 1 where a lookup takes more than 5 ms."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=150_000)
    parser.add_argument("--headlines", type=Path, help="TSV of class and title, instead of ours")
    args = parser.parse_args()
    chance = random.Random(SEED)  # noqa: S311 - the same stories every time
    stories = invented(chance, args.entries, args.headlines)
    print(f"python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores")
    before = peak_mib()
    past = Past()
    start = time.process_time()
    for number, (title, body) in enumerate(stories):
        past.take(_past(number, title, body, args.entries))
    taken = time.process_time() - start
    print(
        f"entries {len(past)}: {1e6 * taken / len(past):.0f} us of CPU to take one in, "
        f"{peak_mib() - before:.0f} MiB more"
    )
    new = invented(random.Random(SEED + 1), ASKED, args.headlines)  # noqa: S311 - as above
    old = [stories[chance.randrange(len(stories))] for _ in range(ASKED)]
    slowest = max(
        timed("a new story", [request_of(*one) for one in new], past),
        timed("a story told before", [request_of(*one) for one in old], past),
    )
    print(f"goal: median below {GOAL_MS} ms: {'met' if slowest < GOAL_MS else 'missed'}")
    return 0 if slowest < GOAL_MS else 1


def timed(name: str, requests: list[PushRequest], past: Past) -> float:
    """Print median and 99th percentile in milliseconds, and how many were known; the median."""
    gc.collect()
    times, known = [], 0
    for request in requests:
        asked = Asked("", replace(request, topic=None), "Asia/Shanghai", NOW, DAYS, 60, 45)
        took, found = _took(lambda asked=asked: bool(past.before(asked).retold))
        times.append(took)
        known += found
    median = statistics.median(times)
    late = statistics.quantiles(times, n=100)[98]
    print(f"{name}: median {median:.2f} ms, p99 {late:.2f} ms, known {known}/{len(requests)}")
    return median


def _took(call: Callable[[], bool]) -> tuple[float, bool]:
    start = time.perf_counter()
    found = call()
    return 1e3 * (time.perf_counter() - start), found


def _past(number: int, title: str, body: str, of: int) -> PastPush:
    story = Story.told_by(title, body)
    at = NOW - timedelta(days=DAYS) * (of - number) / of
    push_id = f"psh_{number:026d}"
    return PastPush(
        push_id, push_id, "one-surface", "news", None, story.title, story.text, at, RELEASED, at
    )


def peak_mib() -> float:
    """Return the most memory that this process has had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    raise SystemExit(main())
