"""The same text gives the same signals in the same order in every process, as a replay needs."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PROGRAM = """
import csv, pathlib
from app.screening.content import content_signals
from app.screening.manner import manner_signals
from app.screening.titles.judge import OriginalTexts, title_signals
folder = pathlib.Path("tests/corpora/learning")
with (folder / "titles" / "cases.tsv").open(encoding="utf-8", newline="") as file:
    for row in csv.DictReader(file, delimiter="\\t", quoting=csv.QUOTE_NONE):
        texts = OriginalTexts(row["original_title"], row["lead"] or "", None)
        print(title_signals(row["title"], "", texts))
with (folder / "content_cases.tsv").open(encoding="utf-8", newline="") as file:
    for row in csv.DictReader(file, delimiter="\\t", quoting=csv.QUOTE_NONE):
        fields = [("/title", row["title"]), ("/body", row["body"] or "")]
        print(content_signals(fields), manner_signals(fields, {"content": True}))
"""


def printed(seed: str) -> str:
    environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path.cwd())}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_signals_do_not_depend_on_the_order_of_sets() -> None:
    with ThreadPoolExecutor(2) as both:
        first, second = both.map(printed, ("1", "2"))
    assert len(first.splitlines()) > 500
    assert first == second
