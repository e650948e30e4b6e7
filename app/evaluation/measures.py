"""Recall and false hits of two halves, each with its interval, and the goals they have to meet."""

from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from math import sqrt
from typing import Final

_Z95: Final = 1.959964


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


@dataclass(slots=True)
class Half:
    """One half of a corpus: cases that ought to be found and those found, the rest and those hit.

    `missed` and `hit_wrongly` name the cases; `groups` counts what ought to be found by the
    corpus's own grouping, `found_in` what was.
    """

    wanted: int = 0
    found: int = 0
    ordinary: int = 0
    hit: int = 0
    missed: list[str] = field(default_factory=list)
    hit_wrongly: list[str] = field(default_factory=list)
    groups: Counter[str] = field(default_factory=Counter)
    found_in: Counter[str] = field(default_factory=Counter)

    def add(self, name: str, group: str, *, wanted: bool, found: bool) -> None:
        """Count one case."""
        if wanted:
            self.wanted += 1
            self.found += found
            self.groups[group] += 1
            self.found_in[group] += found
            if not found:
                self.missed.append(name)
        else:
            self.ordinary += 1
            self.hit += found
            if found:
                self.hit_wrongly.append(name)

    @property
    def recall(self) -> float:
        """The share found of what ought to be found; 0 where there is nothing to find."""
        return self.found / self.wanted if self.wanted else 0.0

    @property
    def false_hits(self) -> float:
        """The share hit of what ought to pass; 1 where there is nothing that ought to."""
        return self.hit / self.ordinary if self.ordinary else 1.0


@dataclass(frozen=True, slots=True)
class Goal:
    """What the kept-aside half has to reach; None asks for nothing of that kind."""

    recall: float | None
    false_hits: float | None

    def is_met_by(self, half: Half) -> bool:
        """Tell whether a half reaches it."""
        enough = self.recall is None or half.recall >= self.recall
        return enough and (self.false_hits is None or half.false_hits <= self.false_hits)


@dataclass(slots=True)
class Measured:
    """A corpus with its two halves; the kept-aside one alone is judged."""

    name: str
    goal: Goal
    tuning: Half = field(default_factory=Half)
    kept: Half = field(default_factory=Half)

    @property
    def is_met(self) -> bool:
        """Whether the kept-aside half reaches the goal."""
        return self.goal.is_met_by(self.kept)

    def half(self, key: str) -> Half:
        """Return the half that a case belongs to, by the texts it consists of."""
        return self.tuning if is_for_tuning(key) else self.kept
