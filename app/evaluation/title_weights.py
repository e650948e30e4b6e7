"""Learns what each kind of change in a title weighs, from pairs judged by hand."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from app.evaluation.cases import read_rows
from app.evaluation.fitting import START, Example, Prior, as_rows
from app.evaluation.measures import is_for_tuning
from app.screening.titles.judge import OriginalTexts, title_signs
from app.screening.titles.weighing import LETTER, WORD

_COLUMNS: Final = ("expect", "title", "original_title", "lead")
_CLEAR: Final = 0.5
"""What a change that was found in clear words weighs before anything is learned."""
_BESIDE: Final = ("add-", "lose-", "lead-", "unsaid", "verb", "guess")
_CHANGES: Final = ("_changed", "_added", "_dropped", "_missing", "_exchanged", "reversed")
_RIDGES: Final = ((START, 0.01), (LETTER, 4.0), (WORD, 2.0), ("", 1.0))
"""How much a sign has to say before it weighs: one that is seldom seen has to say more."""
_CASES: Final = "cases"
_FAITHFUL: Final = 1.25
"""How much more a faithful title counts: a false hold costs an editor a ruling."""
_TUNED_ON: Final = 0.5
"""What a pair counts that what is noticed was made with: it says too much for that."""


def title_examples(folder: Path) -> Iterator[Example]:
    """Read the pairs to learn from: those of `learning/titles`, of the corpus the tuning half."""
    for path in sorted((folder / "learning" / "titles").glob("*.tsv")):
        counts = _TUNED_ON if path.stem == _CASES else 1.0
        yield from (_example(row, counts) for row in read_rows(path, _COLUMNS))
    corpus = folder / "title_distortion.tsv"
    for row in read_rows(corpus, _COLUMNS) if corpus.is_file() else ():
        if is_for_tuning("\t".join(row[name] for name in _COLUMNS[1:])):
            yield _example(row, 1.0)


def _example(row: Mapping[str, str], counts: float) -> Example:
    original = OriginalTexts(row["original_title"], row["lead"], None)
    is_hit = row["expect"] == "hit"
    counts *= 1.0 if is_hit else _FAITHFUL
    return Example(title_signs(row["title"], original), is_hit, counts)


def _before(name: str) -> float:
    kind, _, ground = name.partition("/")
    return _CLEAR if kind.endswith(_CHANGES) and not ground.startswith(_BESIDE) else 0.0


def _ridge(name: str) -> float:
    return next(ridge for start, ridge in _RIDGES if name.startswith(start))


TITLES: Final = Prior(_before, _ridge)


def title_table(weights: Mapping[str, int]) -> Iterable[str]:
    """Yield the lines of the table of weights, the heaviest first."""
    yield "## What each kind of change in a title weighs, in hundredths of the rule's limit of 60."
    yield "## Written by `popgate learn --titles`; nobody edits it by hand."
    yield from as_rows(weights)
