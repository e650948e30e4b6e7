"""Learn what each kind of change in a title weighs, from pairs that people judged."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp, fsum
from pathlib import Path
from typing import Final

from app.evaluation.cases import read_rows
from app.evaluation.measures import is_for_tuning
from app.screening.titles.judge import OriginalTexts, title_signs
from app.screening.titles.weighing import START

_COLUMNS: Final = ("expect", "title", "original_title", "lead")
_LIMIT: Final = 60
"""What the rule holds at; the logit 0."""
_UNIT: Final = 20
"""So many hundredths are one logit."""
_BY_HAND: Final = "by_hand"
_PRIOR: Final = {_BY_HAND: 2.0, START: -1.5}
_RIDGE: Final = {_BY_HAND: 10.0, START: 0.001}
_RIDGE_ELSE: Final = 1.0
_CASES: Final = "cases"
_TUNED_ON: Final = 0.5
"""What a pair counts on which what is noticed was tuned: it says too much for the prior."""
_LEAST_SEEN: Final = 2
_STEPS: Final = 12

Signs = Mapping[str, int]


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
            yield _example(row, _TUNED_ON)


def _example(row: Mapping[str, str], counts: float) -> Example:
    original = OriginalTexts(row["original_title"], row["lead"], None)
    return Example(title_signs(row["title"], original), row["expect"] == "hit", counts)


def learned(known: Sequence[Example]) -> dict[str, int]:
    """Return the weights in hundredths of the rule's limit, by logistic regression.

    They are drawn to a prior: changes weigh what they were given by hand, all else nothing.
    Deterministic; takes a few seconds for a thousand pairs.
    """
    seen = Counter(name for one in known for name, share in one.signs.items() if share)
    names = [START, *sorted(name for name, count in seen.items() if count >= _LEAST_SEEN)]
    places = {name: place for place, name in enumerate(names)}
    rows = [(_row(one.signs, places), float(one.distorts), one.counts) for one in known]
    prior = [_PRIOR.get(name, 0.0) for name in names]
    ridge = [_RIDGE.get(name, _RIDGE_ELSE) for name in names]
    weights = list(prior)
    for _ in range(_STEPS):
        slope = [ridge[at] * (weights[at] - prior[at]) for at in range(len(names))]
        curve = [[0.0] * len(names) for _ in names]
        for at, value in enumerate(ridge):
            curve[at][at] = value
        for row, answer, counts in rows:
            chance = 1 / (1 + exp(-fsum(weights[at] * value for at, value in row)))
            spread = counts * chance * (1 - chance)
            for at, value in row:
                slope[at] += counts * value * (chance - answer)
                line = curve[at]
                for other, second in row:
                    line[other] += spread * value * second
        step = _solved(curve, slope)
        weights = [weight - change for weight, change in zip(weights, step, strict=True)]
    points = {name: round(_UNIT * weight) for name, weight in zip(names, weights, strict=True)}
    points[START] += _LIMIT
    return {name: weight for name, weight in points.items() if weight}


def _row(signs: Signs, places: Mapping[str, int]) -> list[tuple[int, float]]:
    told = [(places[name], share / 100) for name, share in signs.items() if name in places]
    return [(0, 1.0), *((at, value) for at, value in told if value)]


def _solved(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Solve a positive definite system by elimination."""
    size = len(right)
    lines = [[*line, value] for line, value in zip(matrix, right, strict=True)]
    for at in range(size):
        pivot = lines[at]
        for below in range(at + 1, size):
            factor = lines[below][at] / pivot[at]
            if factor:
                line = lines[below]
                for column in range(at, size + 1):
                    line[column] -= factor * pivot[column]
    answer = [0.0] * size
    for at in reversed(range(size)):
        line = lines[at]
        known = fsum(line[column] * answer[column] for column in range(at + 1, size))
        answer[at] = (line[size] - known) / line[at]
    return answer


def as_table(weights: Mapping[str, int]) -> Iterable[str]:
    """Yield the lines of the table of weights, the heaviest first."""
    yield "## What each kind of change in a title weighs, in hundredths of the rule's limit of 60."
    yield "## Written by `popgate learn --titles`; nobody edits it by hand."
    yield f"{START} {weights[START]}"
    rest = sorted((-weight, name) for name, weight in weights.items() if name != START)
    yield from (f"{name} {-weight}" for weight, name in rest)
