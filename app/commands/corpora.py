"""Measures recall and false hits of each evasion technique on corpora of our own writing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from math import sqrt
from pathlib import Path

from app.domain.screening import Technique
from app.errors import FieldProblem, Invalid, Words
from app.screening.screener import Screener

_COLUMNS = "expect\ttext"
_EXPECTED = ("hit", "pass")
_RECALL = 0.90
_FALSE_HITS = 0.03
_Z95 = 1.959964


@dataclass(slots=True)
class _Half:
    """Texts that disguise a term, those found, found and named by technique; and ordinary ones."""

    disguised: int = 0
    found: int = 0
    named: int = 0
    ordinary: int = 0
    hit: int = 0

    def add(self, expect: str, techniques: set[Technique], name: str) -> None:
        """Count one text by the techniques of the disguised terms found in it."""
        if expect == "hit":
            self.disguised += 1
            self.found += bool(techniques)
            self.named += name in techniques
        else:
            self.ordinary += 1
            self.hit += bool(techniques)


def prove_disguises(folder: Path, screener: Screener, today: date) -> int:
    """Print recall and false hits of each file `<technique>.tsv`; return 1 when a goal is missed.

    Columns are `expect` (hit or pass) and `text`. Only a hit that names an evasion technique
    counts. The goals hold for the half kept aside; the other one is for tuning. Raises Invalid
    for a folder without files or a line that is neither.
    """
    paths = sorted(folder.glob("*.tsv"))
    if not paths:
        raise _invalid(f"目录 {folder} 没有语料", f"there are no corpora in {folder}")
    missed = [path.stem for path in paths if not _prove(path, screener, today)]
    print(f"目标 goal: 召回 recall ≥ {_RECALL:.0%}, 误命中 false hits ≤ {_FALSE_HITS:.0%}")
    print(f"未达标 missed: {', '.join(missed) or '-'}")
    return 1 if missed else 0


def is_for_tuning(text: str) -> bool:
    """Say whether a text is in the half that lists and code may be tuned on."""
    return sha256(text.encode()).digest()[0] % 2 == 0


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Return the 95 % interval of a share after Wilson, which also holds for very small ones."""
    if of == 0:
        return 0.0, 1.0
    share, z2 = hits / of, _Z95**2
    centre = (share + z2 / (2 * of)) / (1 + z2 / of)
    spread = _Z95 * sqrt(share * (1 - share) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    return max(0.0, centre - spread), min(1.0, centre + spread)


def _prove(path: Path, screener: Screener, today: date) -> bool:
    tuning, kept = _Half(), _Half()
    for expect, text in _rows(path):
        report = screener.screen([("/text", text)], on=today)
        disguised = (hit for hit in report.hits if hit.is_evasion)
        techniques = {one for hit in disguised for one in hit.techniques}
        (tuning if is_for_tuning(text) else kept).add(expect, techniques, path.stem)
    for half, words in ((tuning, "调优 tuning"), (kept, "留出 kept aside")):
        print(f"{path.stem:<11} {words}: {_line(half)}")
    recall = kept.found / kept.disguised if kept.disguised else 0.0
    false_hits = kept.hit / kept.ordinary if kept.ordinary else 1.0
    return recall >= _RECALL and false_hits <= _FALSE_HITS


def _line(half: _Half) -> str:
    low, high = wilson(half.found, half.disguised)
    low_false, high_false = wilson(half.hit, half.ordinary)
    return (
        f"召回 recall {half.found}/{half.disguised} ({low:.0%} - {high:.0%}), "
        f"指明 named {half.named}, "
        f"误命中 false hits {half.hit}/{half.ordinary} ({low_false:.0%} - {high_false:.0%})"
    )


def _rows(path: Path) -> Iterator[tuple[str, str]]:
    lines = path.read_text("utf-8").removesuffix("\n").split("\n")
    if lines[0] != _COLUMNS:
        raise _invalid(f"{path.name} 的列名须为 expect、text", f"{path.name} needs expect, text")
    for number, line in enumerate(lines[1:], 2):
        expect, tab, text = line.partition("\t")
        if expect not in _EXPECTED or not tab or not text:
            raise _invalid(
                f"{path.name} 第 {number} 行不是 hit 或 pass 加文本",
                f"{path.name} line {number} is not hit or pass and a text",
            )
        yield expect, text


def _invalid(zh: str, en: str) -> Invalid:
    words = Words(zh, en)
    return Invalid(words, problems=(FieldProblem("/corpora", "malformed", words),))
