"""`popgate prove screening`: measures false hits on headlines and the recall of disguised terms."""

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from app.clock import SystemClock, beijing_day
from app.commands.corpora import is_for_tuning, prove_disguises, wilson
from app.domain.screening import ScreeningReport
from app.errors import FieldProblem, Invalid, Words
from app.screening.lexicon import Lexicon
from app.screening.screener import Screener
from app.shipped import shipped_folder

_GOAL = 0.005


@dataclass(slots=True)
class _Tally:
    """What was found in one half: headlines, those hit, hits by category, places let go."""

    headlines: int = 0
    hit: int = 0
    by_category: Counter[str] = field(default_factory=Counter)
    excused: Counter[str] = field(default_factory=Counter)
    hidden: int = 0

    def add(self, report: ScreeningReport) -> None:
        """Count one headline."""
        self.headlines += 1
        self.hit += bool(report.hits)
        self.by_category.update({hit.category.value for hit in report.hits})
        self.excused.update(one.excuse.value for one in report.excused)
        self.hidden += bool(report.hidden)


def run(args: argparse.Namespace) -> int:
    """Screen a TSV of `class, title`, or corpora of disguises; return 1 when a goal is missed.

    Lists are tuned on one half only, chosen by a hash of the text; the other half judges them.
    An absent file of headlines is skipped, since the headlines are not part of Popgate.
    """
    if args.headlines is None and args.corpora is None:
        words = Words("请给出 --headlines 或 --corpora", "give --headlines or --corpora")
        raise Invalid(words, problems=(FieldProblem("/headlines", "missing", words),))
    screener = Screener.load(Lexicon.load([shipped_folder("wordlists")]))
    today = beijing_day(SystemClock().now())
    print(f"engine {screener.engine_version}\nlists  {screener.word_list_digest}")
    print(f"terms  {len(screener.lexicon.terms)}")
    corpora = 0 if args.corpora is None else prove_disguises(args.corpora, screener, today)
    headlines = 0 if args.headlines is None else _headlines(args, screener, today)
    return max(corpora, headlines)


def _headlines(args: argparse.Namespace, screener: Screener, today: date) -> int:
    path: Path = args.headlines
    if not path.is_file():
        print(f"已跳过：没有文件 {path}。 Skipped: there is no file {path}.")
        return 0
    tuning, kept = _Tally(), _Tally()
    for title in _titles(path):
        report = screener.screen([("/title", title)], on=today)
        half = tuning if is_for_tuning(title) else kept
        half.add(report)
        if args.show and half is tuning:
            _show(title, report)
    _print("调优部分 · tuning half", tuning)
    _print("留出部分 · kept-aside half", kept)
    rate = kept.hit / kept.headlines if kept.headlines else 1.0
    verdict = "达标 met" if rate <= _GOAL else "未达标 missed"
    print(f"目标 goal: ≤ {_GOAL:.1%} — {verdict}")
    return 0 if rate <= _GOAL else 1


def _titles(path: Path) -> Iterator[str]:
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        _, tab, title = line.partition("\t")
        if not tab or not title.strip():
            words = Words(
                f"第 {number} 行不是 类别<TAB>标题", f"line {number} is not class<TAB>title"
            )
            problem = FieldProblem("/headlines", "malformed", words)
            raise Invalid(words, problems=(problem,))
        yield title


def _show(title: str, report: ScreeningReport) -> None:
    for hit in report.hits:
        techniques = ",".join(hit.techniques) or "plain"
        print(f"{hit.category}/{hit.term} [{hit.severity}, {techniques}] {title}")
    for excused in report.excused:
        print(f"  {excused.excuse}: {excused.term} ← {excused.by} {title}")


def _print(name: str, tally: _Tally) -> None:
    low, high = wilson(tally.hit, tally.headlines)
    rate = tally.hit / tally.headlines if tally.headlines else 0.0
    print(f"{name}: {tally.hit} / {tally.headlines} = {rate:.2%} (95 %: {low:.2%} - {high:.2%})")
    print(f"  hits      {_counts(tally.by_category.items())}")
    print(f"  let go    {_counts(tally.excused.items())}")
    print(f"  unseen characters in {tally.hidden}")


def _counts(items: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(items)) or "-"
