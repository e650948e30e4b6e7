"""`popgate words check`: reads a file of terms and tries its examples, without a database."""

import argparse
from pathlib import Path

from app.bootstrap import load_screener
from app.clock import SystemClock, beijing_day
from app.commands.refusals import unusable
from app.errors import Invalid
from app.packs.content import PackContent, TermEntry
from app.packs.term_csv import parse_terms
from app.packs.trying import Fault, example_faults, problems_of
from app.screening.lexicon import Lexicon
from app.screening.rows import WordListError
from app.screening.screener import Screener
from app.settings import Settings


def run(args: argparse.Namespace) -> int:
    """Print what the file holds; 1 when an example fails."""
    lexicon = load_screener(Settings()).lexicon
    entries = read_terms(args.file, args.list, lexicon)
    faults = tried(entries, lexicon)
    print("\n".join(report(entries, faults)))
    return 1 if faults else 0


def read_terms(file: Path, list_id: str, lexicon: Lexicon) -> tuple[TermEntry, ...]:
    """Read a file of terms of any length; Invalid names the bad lines."""
    try:
        data = file.read_bytes()
    except OSError as error:
        words = f"the file cannot be read: {error.strerror}"
        raise unusable(str(file), "无法读取文件", words) from error
    return parse_terms(data, list_id, lexicon, most=None)


def tried(entries: tuple[TermEntry, ...], lexicon: Lexicon) -> tuple[Fault, ...]:
    """Return the examples that fail among the shipped lists; Invalid for terms never met."""
    try:
        screener = Screener.load(PackContent(terms=entries).lexicon(lexicon))
    except WordListError as error:
        raise Invalid(problems=problems_of(error)) from error
    return example_faults(screener, entries, beijing_day(SystemClock().now()))


def report(entries: tuple[TermEntry, ...], faults: tuple[Fault, ...]) -> list[str]:
    """Return how many terms and examples there are, and which of these fail."""
    examples = sum(len(one.must_hit) + len(one.must_pass) for one in entries)
    lines = [f"{len(entries)} 个词条 terms, {examples} 条样例 examples"]
    for fault in faults:
        said = fault.problem.message
        lines += [f"  {said.zh}", f"  {said.en}"]
    lines.append("样例未全部通过 · examples fail" if faults else "全部通过 · all pass")
    return lines
