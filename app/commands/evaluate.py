"""`popgate evaluate`: recall and false hits of every judgement, on cases kept aside."""

import argparse
import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from app.commands.progress import Progress
from app.commands.refusals import unusable
from app.evaluation.bench import Bench, bench, prepared_folder
from app.evaluation.measures import Measured
from app.evaluation.report import details, lines, page
from app.evaluation.run import (
    EVASION,
    check_corpora,
    check_headlines,
    corpora_in,
    measure,
    measure_headlines,
    ordinary,
)


def run(args: argparse.Namespace) -> int:
    """Print what was measured; 1 when a goal is missed on the half kept aside.

    With `--show` also the misses of the tuning half: the other half is judged and never shown.
    An absent file of headlines is skipped, since the headlines are not part of Popgate. Raises
    Invalid where neither corpora nor headlines are named, or a line does not fit.
    """
    if args.headlines is None and args.corpora is None:
        raise unusable("--corpora", "请给出 --headlines 或 --corpora", "Give one, or --headlines")
    if args.corpora is not None:
        check_corpora(args.corpora, args.only)
    if args.headlines is not None and args.headlines.is_file():
        check_headlines(args.headlines)
    with prepared_folder() as folder:
        measured, versions = asyncio.run(_measured(args, folder))
    for one in measured:
        print("\n".join(lines(one)))
        if args.show:
            print("\n".join(details(one)))
    if args.headlines is not None and not args.headlines.is_file():
        print(f"已跳过：没有文件 {args.headlines}。 Skipped: there is no file {args.headlines}.")
    missed = [one.name for one in measured if not one.is_met]
    print(f"未达标 missed: {', '.join(missed) or '-'}")
    if args.write is not None:
        args.write.write_text(page(measured, versions), "utf-8")
    return 1 if missed else 0


async def _measured(args: argparse.Namespace, folder: Path) -> tuple[list[Measured], list[str]]:
    async with bench(folder) as one:
        measured = [result async for result in _corpora(args, one)]
        disguised = [result for result in measured if result.name.startswith(f"{EVASION}/")]
        if len(disguised) > 1:
            measured.append(ordinary(disguised))
        if args.headlines is not None and args.headlines.is_file():
            with Progress("标题 headlines") as progress:
                measured += await measure_headlines(one, args.headlines, progress.reached)
        return measured, list(_versions(one))


async def _corpora(args: argparse.Namespace, one: Bench) -> AsyncIterator[Measured]:
    if args.corpora is None:
        return
    for name, path in corpora_in(args.corpora, args.only):
        with Progress(name) as progress:
            yield await measure(one, name, path, progress.reached)


def _versions(one: Bench) -> Iterator[str]:
    screener = one.services.screener
    yield f"engine {screener.engine_version}"
    yield f"word lists {screener.word_list_digest}, {len(screener.lexicon.terms)} terms"
