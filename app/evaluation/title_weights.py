"""Learn what each kind of change in a title weighs, from pairs that people judged."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp
from pathlib import Path
from typing import Final

from app.evaluation.cases import read_rows
from app.evaluation.measures import is_for_tuning
from app.screening.titles.judge import OriginalTexts, title_signs
from app.screening.titles.weighing import LETTER, START, WORD

_COLUMNS: Final = ("expect", "title", "original_title", "lead")
_LIMIT: Final = 60
"""What the rule holds at; the logit 0."""
_UNIT: Final = 20
"""So many hundredths are one logit."""
_PRIOR: Final = 0.5
"""What a change that was found in clear words weighs before anything is learned."""
_BESIDE: Final = ("add-", "lose-", "lead-", "unsaid", "verb", "guess")
_CHANGES: Final = ("_changed", "_added", "_dropped", "_missing", "_exchanged", "reversed")
_RIDGES: Final = ((START, 0.01), (LETTER, 4.0), (WORD, 2.0), ("", 1.0))
"""How much a sign has to say before it weighs: one that is seldom seen has to say more."""
_CASES: Final = "cases"
_TUNED_ON: Final = 0.5
"""What a pair counts that what is noticed was made with: it says too much for that."""
_LEAST_SEEN: Final = 2
_ROUNDS: Final = 60
_SMALL: Final = 1e-4
_FARTHEST: Final = 2.0

Signs = Mapping[str, int]
Column = list[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Example:
    """One judged pair: what was noticed, whether it distorts, and how much it counts."""

    signs: Signs
    distorts: bool
    counts: float = 1.0


def examples(folder: Path) -> Iterator[Example]:
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
    return Example(title_signs(row["title"], original), row["expect"] == "hit", counts)


def learned(known: Sequence[Example]) -> dict[str, int]:
    """Return the weights in hundredths of the rule's limit, by logistic regression.

    They are drawn to a prior. Deterministic; takes some seconds for two thousand pairs.
    """
    weights = _fitted(known)
    points = {name: round(_UNIT * weight) for name, weight in weights.items()}
    points[START] += _LIMIT
    return {name: weight for name, weight in points.items() if weight or name == START}


def _fitted(known: Sequence[Example]) -> dict[str, float]:
    """Return the logits of signs that were seen twice, one after the other until none moves."""
    columns = _columns(known)
    weights = {name: _prior(name) for name in columns}
    margins = [0.0] * len(known)
    for name, column in columns.items():
        _move(margins, column, weights[name])
    for _ in range(_ROUNDS):
        moved = 0.0
        for name, column in columns.items():
            step = _step(name, weights[name], column, known, margins)
            weights[name] += step
            moved = max(moved, abs(step))
            _move(margins, column, step)
        if moved < _SMALL:
            break
    return weights


def _columns(known: Sequence[Example]) -> dict[str, Column]:
    """Return for each sign that was seen twice in which examples it is, and how much of it."""
    seen = Counter(name for one in known for name, share in one.signs.items() if share)
    columns: dict[str, Column] = {START: [(number, 1.0) for number in range(len(known))]}
    columns |= {name: [] for name in sorted(seen) if seen[name] >= _LEAST_SEEN}
    for number, one in enumerate(known):
        for name, share in one.signs.items():
            if share and name in columns:
                columns[name].append((number, share / 100))
    return columns


def _move(margins: list[float], column: Column, step: float) -> None:
    for number, value in column:
        margins[number] += step * value


def _step(
    name: str,
    weight: float,
    column: Column,
    known: Sequence[Example],
    margins: Sequence[float],
) -> float:
    """Return by how much a weight moves towards the best, all others being as they are."""
    curve = next(ridge for start, ridge in _RIDGES if name.startswith(start))
    slope = curve * (weight - _prior(name))
    for number, value in column:
        one = known[number]
        chance = 1 / (1 + exp(-margins[number]))
        slope += one.counts * value * (chance - one.distorts)
        curve += one.counts * value * value * chance * (1 - chance)
    return max(-_FARTHEST, min(_FARTHEST, -slope / curve))


def _prior(name: str) -> float:
    kind, _, ground = name.partition("/")
    return _PRIOR if kind.endswith(_CHANGES) and not ground.startswith(_BESIDE) else 0.0


def as_table(weights: Mapping[str, int]) -> Iterable[str]:
    """Yield the lines of the table of weights, the heaviest first."""
    yield "## What each kind of change in a title weighs, in hundredths of the rule's limit of 60."
    yield "## Written by `popgate learn --titles`; nobody edits it by hand."
    yield f"{START} {weights[START]}"
    rest = sorted((-weight, name) for name, weight in weights.items() if name != START)
    yield from (f"{name} {-weight}" for weight, name in rest)
