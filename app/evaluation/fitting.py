"""Logistic regression over named signs, drawn to a prior: the same weights every time."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp
from typing import Final

START: Final = "start"
"""What is weighed where there is no sign at all."""
_LIMIT: Final = 60
"""What the rules hold at; the logit 0."""
_UNIT: Final = 20
"""So many hundredths are one logit."""
_LEAST_SEEN: Final = 2
_ROUNDS: Final = 60
_SMALL: Final = 1e-4
_FARTHEST: Final = 2.0

Column = list[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Example:
    """One judged pair: its signs in hundredths, whether it is one to hold, how much it counts."""

    signs: Mapping[str, int]
    is_hit: bool
    counts: float = 1.0


@dataclass(frozen=True, slots=True)
class Prior:
    """What a sign weighs in logits before anything is learned, and how firmly it stays there."""

    weight: Callable[[str], float]
    ridge: Callable[[str], float]


def learned(known: Sequence[Example], prior: Prior) -> dict[str, int]:
    """Return the weights in hundredths of the rule's limit of 60.

    Deterministic; takes some seconds for two thousand pairs.
    """
    points = {name: round(_UNIT * weight) for name, weight in _fitted(known, prior).items()}
    points[START] += _LIMIT
    return {name: weight for name, weight in points.items() if weight or name == START}


def as_rows(weights: Mapping[str, int]) -> Iterable[str]:
    """Yield the rows of a table of weights, the heaviest first."""
    yield f"{START} {weights[START]}"
    rest = sorted((-weight, name) for name, weight in weights.items() if name != START)
    yield from (f"{name} {-weight}" for weight, name in rest)


def _fitted(known: Sequence[Example], prior: Prior) -> dict[str, float]:
    """Return the logits of signs that were seen twice, one after the other until none moves."""
    columns = _columns(known)
    weights = {name: prior.weight(name) for name in columns}
    margins = [0.0] * len(known)
    for name, column in columns.items():
        _move(margins, column, weights[name])
    for _ in range(_ROUNDS):
        moved = 0.0
        for name, column in columns.items():
            firm = prior.ridge(name)
            drawn = firm * (weights[name] - prior.weight(name))
            step = _step(drawn, firm, column, known, margins)
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
    slope: float,
    curve: float,
    column: Column,
    known: Sequence[Example],
    margins: Sequence[float],
) -> float:
    """Return by how much a weight moves towards the best, all others being as they are."""
    for number, value in column:
        one = known[number]
        chance = 1 / (1 + exp(-margins[number]))
        slope += one.counts * value * (chance - one.is_hit)
        curve += one.counts * value * value * chance * (1 - chance)
    return max(-_FARTHEST, min(_FARTHEST, -slope / curve))
