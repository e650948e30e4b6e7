"""Measures the screening of pushes against jieba, rjieba, bare matching and `re`, in one run."""

import argparse
import gc
import os
import platform
import random
import re
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import jieba
from ahocorasick_rs import AhoCorasick, MatchKind
from rjieba import Jieba

from app.screening.lexicon import Lexicon
from app.screening.screener import Screener
from app.shipped import shipped_folder
from benchmarks.screening.texts import ORDINARY, PUSHES, WITH_FINDINGS, Push

TODAY = date(2026, 11, 21)
SEED = 20261121
PAD_LIST = "zz-padding"
PAD_HEADER = (
    "# category: gambling\n# title_zh: 填充\n# title_en: Padding\n# version: 1\n# clause: -\n"
    "# entries: ours\nterm\tmark\toff\texcept\treason\n"
)


def main() -> None:
    """Print microseconds a push of each engine, and what loading costs in time and memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pad", type=int, default=0, help="terms in all, made up beyond ours")
    parser.add_argument("--headlines", type=Path, help="TSV of class and title, instead of ours")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    lexicon = padded_lexicon(args.pad)
    before = peak_mib()
    start = time.process_time()
    screener = Screener.load(lexicon)
    loading = time.process_time() - start
    print(f"python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores")
    print(f"engine {screener.engine_version}")
    print(
        f"terms {len(lexicon.terms)}, load {loading:.2f} s of CPU, "
        f"{peak_mib() - before:.0f} MiB more"
    )
    for name, pushes in samples(args.headlines):
        report(name, pushes, screener, args.rounds)


def samples(headlines: Path | None) -> list[tuple[str, Sequence[Push]]]:
    """Return the named samples; an absent file is said to be skipped."""
    if headlines is None:
        return [("all", PUSHES), ("ordinary", ORDINARY), ("with findings", WITH_FINDINGS)]
    if not headlines.is_file():
        print(f"skipped: there is no file {headlines}")
        return []
    lines = headlines.read_text("utf-8").splitlines()
    return [("headlines", [(line.partition("\t")[2], "") for line in lines])]


def padded_lexicon(wanted: int) -> Lexicon:
    """Return the shipped lexicon with made-up terms of three to five characters added."""
    files = {path.stem: path.read_bytes() for path in shipped_folder("wordlists").glob("*.tsv")}
    ours = {term.text for term in Lexicon.parse(files).terms}
    chance = random.Random(SEED)  # noqa: S311 - made-up terms need no secrecy
    made: set[str] = set()
    while len(ours) + len(made) < wanted:
        size = chance.randint(3, 5)
        made.add("".join(chr(chance.randint(0x4E00, 0x9FA5)) for _ in range(size)))
    if made:
        rows = "".join(f"{term}\thold\t\t\t-\n" for term in sorted(made - ours))
        files[PAD_LIST] = (PAD_HEADER + rows).encode()
    return Lexicon.parse(files)


def report(name: str, pushes: Sequence[Push], screener: Screener, rounds: int) -> None:
    """Print the CPU time a push of every engine over one sample."""
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
    if len(terms) <= 5_000:
        union = re.compile("|".join(map(re.escape, terms)))
        engines.append(("re union", lambda push: union.findall(push[0] + push[1])))
    times = micros_of(engines, pushes, rounds)
    for label, micros in times.items():
        ratio = times["full screen"] / micros
        print(f"  {label:<18} {micros:9.1f} us a push   full screen takes {ratio:8.3f} of it")


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
    main()
