"""Durable submits a second with all rules, as a ratio to a bare app in the same run.

    python -m benchmarks.submit.run [--seconds 10] [--rounds 3] [--postgres URL]

Gateway and baseline take turns on fresh databases; the medians of the rounds are compared.
Without --postgres only SQLite is measured.
"""

import argparse
import asyncio
import json
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from benchmarks.memory import peak_mib

CONNECTIONS = 32
FLOOR = 0.3


@dataclass(frozen=True, slots=True)
class Round:
    """One server under load once."""

    server: str
    figures: dict[str, Any]
    peak_mib: float


def measure(server: str, database: str, seconds: float) -> Round:
    """Start one server on its own folder, load it, and return what was measured."""
    folder = Path(tempfile.mkdtemp(prefix="popgate-bench-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "GATEWAY_DATA_DIR": str(folder),
        "GATEWAY_PORT": str(port),
        "GATEWAY_RATE_PER_MINUTE": "1000000000",
    }
    if database != "sqlite":
        environment["GATEWAY_DATABASE_URL"] = database
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.submit.server", server],
        env=environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None  # noqa: S101 - made by PIPE above
        enrolled = json.loads(process.stdout.readline())
        before = _cpu_seconds(process.pid)
        load = subprocess.run(
            [
                sys.executable, "-m", "benchmarks.submit.load", str(port), enrolled["key"],
                enrolled["surface"], str(CONNECTIONS), str(seconds), server,
            ],
            check=True, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        figures = json.loads(load.stdout)
        spent = _cpu_seconds(process.pid) - before
        figures["cpu_us_each"] = round(spent / figures.pop("all_answers") * 1e6)
        return Round(server, figures, peak_mib(process.pid))
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def compare(name: str, database: str, seconds: float, rounds: int) -> dict[str, Any]:
    """Let both take turns and compare the medians."""
    taken: dict[str, list[Round]] = {"bare": [], "gateway": []}
    for number in range(rounds):
        for server in ("bare", "gateway") if number % 2 == 0 else ("gateway", "bare"):
            if database != "sqlite":
                _fresh(database)
            done = measure(server, database, seconds)
            if done.figures["failures"]:
                raise SystemExit(f"{server} failed: {done.figures}")
            taken[server].append(done)
            print(f"  {name:10} {server:8} {json.dumps(done.figures)} peak {done.peak_mib} MiB")
    medians = {
        server: statistics.median(one.figures["per_second"] for one in measured)
        for server, measured in taken.items()
    }
    pairs = [
        round(ours.figures["per_second"] / theirs.figures["per_second"], 3)
        for ours, theirs in zip(taken["gateway"], taken["bare"], strict=True)
    ]
    summary = {
        "database": name,
        "bare_per_second": medians["bare"],
        "gateway_per_second": medians["gateway"],
        "ratio": round(medians["gateway"] / medians["bare"], 3),
        "ratio_by_round": pairs,
        "cpu_ratio": round(
            statistics.median(r.figures["cpu_us_each"] for r in taken["bare"])
            / statistics.median(r.figures["cpu_us_each"] for r in taken["gateway"]),
            3,
        ),
        "gateway_p50_ms": statistics.median(r.figures["p50_ms"] for r in taken["gateway"]),
        "gateway_p99_ms": statistics.median(r.figures["p99_ms"] for r in taken["gateway"]),
        "gateway_peak_mib": max(r.peak_mib for r in taken["gateway"]),
        "bare_peak_mib": max(r.peak_mib for r in taken["bare"]),
    }
    print(json.dumps(summary))
    return summary


def _fresh(url: str) -> None:
    """Empty a PostgreSQL database."""

    async def work() -> None:
        engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"))
        async with engine.begin() as connection:
            await connection.execute(text("DROP SCHEMA public CASCADE"))
            await connection.execute(text("CREATE SCHEMA public"))
        await engine.dispose()

    asyncio.run(work())


def main() -> int:
    """Run and return 1 if a ratio is below the floor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--postgres", help="URL of a database that may be emptied")
    args = parser.parse_args()
    print(f"python {platform.python_version()}, {os.cpu_count()} cores, {CONNECTIONS} connections")
    summaries = [compare("sqlite", "sqlite", args.seconds, args.rounds)]
    if args.postgres:
        summaries.append(compare("postgresql", args.postgres, args.seconds, args.rounds))
    return 0 if all(one["ratio"] >= FLOOR for one in summaries) else 1


if __name__ == "__main__":
    sys.exit(main())
