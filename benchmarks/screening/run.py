"""Measures the screening against jieba, rjieba and bare matching, and checks its goals."""

import argparse
import gc
import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import jieba
from ahocorasick_rs import AhoCorasick, MatchKind
from rjieba import Jieba

from app.collector import settle
from app.screening.lexicon import Lexicon
from app.screening.screener import Screener
from benchmarks.screening.adversarial import adversarial_texts, slowest
from benchmarks.screening.padding import padded_files
from benchmarks.screening.texts import ORDINARY, PUSHES, WITH_FINDINGS, Push

TODAY = date(2026, 11, 21)
# Of the CPU time that jieba's own segmentation of the same texts takes.
MOST_OF_JIEBA = 1.0
MOST_LOADING_SECONDS = 2.0
MOST_MIB = 300
MOST_ADVERSARIAL_MS = 20.0


@dataclass(frozen=True, slots=True)
class Goal:
    """One thing measured and the most that it may be."""

    name: str
    measured: float
    most: float
    unit: str

    @property
    def is_met(self) -> bool:
        """Whether it is not more than that."""
        return self.measured <= self.most

    def __str__(self) -> str:
        """Return the line that says so."""
        met = "met   " if self.is_met else "MISSED"
        return f"  {met} {self.name}: {self.measured:.2f} of at most {self.most:g} {self.unit}"


def main() -> int:
    """Print microseconds a push of each engine, and what loading costs; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pad", type=int, default=60_000, help="terms in all, beyond ours made up")
    parser.add_argument("--headlines", type=Path, help="TSV of class and title, besides ours")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    files = padded_files(args.pad)
    print(f"python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores")
    start = time.process_time()
    screener = Screener.load(Lexicon.parse(files))
    loading = time.process_time() - start
    # As `serve` does once its tables are read.
    settle()
    print(f"engine {screener.engine_version}")
    print(f"terms {len(screener.lexicon.terms)}, read and loaded in {loading:.2f} s of CPU")
    goals = [
        Goal("start-up", loading, MOST_LOADING_SECONDS, "s of CPU"),
        Goal("memory of the whole process", peak_mib(), MOST_MIB, "MiB"),
    ]
    worst = slowest(adversarial_texts(), lambda text: seconds(screener, text))
    print("\nadversarial: 10 KB, ms of CPU, the least of several")
    for name, taken in worst:
        print(f"  {name:<34} {taken * 1e3:6.1f}")
    goals.append(Goal(f"10 KB, {worst[0][0]}", worst[0][1] * 1e3, MOST_ADVERSARIAL_MS, "ms"))
    goals += [
        Goal(f"{name}, of jieba", report(name, pushes, screener, args.rounds), MOST_OF_JIEBA, "")
        for name, pushes in samples(args.headlines)
    ]
    print("\ngoals")
    print("\n".join(map(str, goals)))
    return 0 if all(goal.is_met for goal in goals) else 1


def samples(headlines: Path | None) -> list[tuple[str, Sequence[Push]]]:
    """Return the named samples; an absent file is said to be skipped."""
    ours: list[tuple[str, Sequence[Push]]] = [
        ("all", PUSHES),
        ("ordinary", ORDINARY),
        ("with findings", WITH_FINDINGS),
    ]
    if headlines is None:
        return ours
    if not headlines.is_file():
        print(f"skipped: there is no file {headlines}")
        return ours
    lines = headlines.read_text("utf-8").splitlines()
    return [*ours, ("headlines", [(line.partition("\t")[2], "") for line in lines])]


def seconds(screener: Screener, text: str, times: int = 5) -> float:
    """Return the least CPU time of some screenings of one text, in seconds."""
    best = float("inf")
    for _ in range(times):
        start = time.process_time()
        screener.screen([("/body", text)], on=TODAY)
        best = min(best, time.process_time() - start)
    return best


def report(name: str, pushes: Sequence[Push], screener: Screener, rounds: int) -> float:
    """Print the CPU time a push of every engine over one sample; return our share of jieba's."""
    size = statistics.mean(len(title) + len(body) for title, body in pushes)
    print(f"\n{name}: {len(pushes)} pushes of {size:.0f} characters on average")
    reference = jieba.Tokenizer()
    reference.FREQ, reference.total = reference.gen_pfdict(reference.get_dict_file())
    reference.initialized = True
    fast = Jieba()
    terms = sorted({term.text for term in screener.lexicon.terms})
    bare = AhoCorasick(terms, matchkind=MatchKind.Standard)
    engines: list[tuple[str, Callable[[Push], object]]] = [
        (
            "full screen",
            lambda push: screener.screen([("/title", push[0]), ("/body", push[1])], on=TODAY),
        ),
        (
            "bare Aho-Corasick",
            lambda push: bare.find_matches_as_indexes(push[0] + push[1], overlapping=True),
        ),
        ("rjieba", lambda push: fast.cut(push[0] + push[1])),
        ("jieba", lambda push: list(reference.cut(push[0] + push[1]))),
    ]
    times = micros_of(engines, pushes, rounds)
    for label, micros in times.items():
        ratio = times["full screen"] / micros
        print(f"  {label:<18} {micros:9.1f} us a push   full screen takes {ratio:8.3f} of it")
    return times["full screen"] / times["jieba"]


def micros_of(
    engines: Sequence[tuple[str, Callable[[Push], object]]], pushes: Sequence[Push], rounds: int
) -> dict[str, float]:
    """Return the least CPU time of a push for each engine, in us.

    Rounds of all engines alternate and CPU time is taken, since other work on the machine would
    otherwise fall on one engine and not on the next. The first round warms up.
    """
    repeats = max(1, 1_000 // len(pushes))
    best = {label: float("inf") for label, _ in engines}
    gc.disable()
    for number in range(rounds + 1):
        for label, engine in engines:
            start = time.process_time()
            for _ in range(repeats):
                for push in pushes:
                    engine(push)
            taken = (time.process_time() - start) / (repeats * len(pushes)) * 1e6
            if number:
                best[label] = min(best[label], taken)
    gc.enable()
    return best


def peak_mib() -> float:
    """Return the highest memory use of this process so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
