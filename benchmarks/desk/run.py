"""Server time from a decision to the next item, with a long queue and many reviewers at work.

    python -m benchmarks.desk.run [--tickets 100000] [--reviewers 200] [--seconds 60]

Every reviewer decides every ten seconds, whatever the server does; claims are kept alive and the
queue is watched as the open pages do it. Compared with a bare page of the same application, opened
in the same run. On SQLite, in one process, as `serve` is started.
"""

import argparse
import contextlib
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from app.settings import Settings
from benchmarks.memory import peak_mib

PACE_SECONDS: Final = 10
GOAL_MS: Final = 150.0
GOAL_RATIO: Final = 5.0
# What the page of a ticket does by itself (templates/desk/lease.html).
_BEATS_A_CLAIM: Final = 4


def measure(tickets: int, reviewers: int, seconds: float) -> dict[str, Any]:
    """Fill a queue, serve it, load it; return what was measured."""
    folder = Path(tempfile.mkdtemp(prefix="popgate-bench-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    environment = os.environ | {"GATEWAY_DATA_DIR": str(folder), "GATEWAY_PORT": port}
    try:
        print(f"filling a queue of {tickets:,}", file=sys.stderr)
        seeded = _told(environment, "server", "seed", str(tickets), str(reviewers))
        sessions = folder / "sessions.json"
        sessions.write_text(json.dumps(seeded["sessions"]))
        with _serving(environment) as process:
            beat = Settings().claim_seconds / _BEATS_A_CLAIM
            words = (port, str(seconds), str(PACE_SECONDS), str(beat), str(sessions))
            figures = _told(environment, "load", *words)
            peak = peak_mib(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {"waiting": seeded["waiting"], "peak_mib": peak, **figures}


def _told(environment: dict[str, str], part: str, *words: str) -> dict[str, Any]:
    command = [sys.executable, "-m", f"benchmarks.desk.{part}", *words]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@contextlib.contextmanager
def _serving(environment: dict[str, str]) -> Iterator[int]:
    """Serve, once it listens, and yield the process's number."""
    command = [sys.executable, "-m", "benchmarks.desk.server", "serve"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None  # noqa: S101 - made by PIPE above
        process.stdout.readline()
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


def main() -> int:
    """Print the figures and return 1 if one of them misses its goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--reviewers", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    args = parser.parse_args()
    print(f"python {platform.python_version()}, {os.cpu_count()} cores")
    figures = measure(args.tickets, args.reviewers, args.seconds)
    p95 = figures["decision"]["p95"]
    ratio = round(p95 / figures["bare"]["p95"], 2)
    print(json.dumps(figures | {"decision_p95_ms": p95, "ratio_to_bare_p95": ratio}))
    missed = p95 > GOAL_MS or ratio > GOAL_RATIO
    said = "missed" if missed else "met"
    print(f"goal of {GOAL_MS:.0f} ms and {GOAL_RATIO:.0f} times a bare page: {said}")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
