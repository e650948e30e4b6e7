"""Whether groups differ in how much each of their members got: one test, corrected for several."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

from app.domain.values import dataclass

FEWEST: Final = 5.0
"""How many cases a group should have if all were alike; with fewer the test says nothing."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What a test says: nothing (`p` is None: too few cases), or how likely chance alone is."""

    p: float | None


Tally = Mapping[int, int]
"""How many members of a group got 0, 1, 2, ... of something."""


def mean_score_test(groups: Sequence[Tally]) -> Compared:
    """Return how likely it is that chance alone made the groups' averages differ as they do.

    Mantel's test of mean scores (N. Mantel, J. Am. Stat. Assoc. 58, 1963, 690-700; J. R. Landis,
    E. R. Heyman and G. G. Koch, Int. Stat. Rev. 46, 1978, 237-254, "row mean scores"): groups are
    shuffled in thought, so nothing is assumed of how the counts are distributed. For many members
    (N - 1) times the sum of squares between groups over the total one follows chi-squared.
    """
    sizes = [sum(tally.values()) for tally in groups]
    totals = [sum(value * number for value, number in tally.items()) for tally in groups]
    everybody, everything = sum(sizes), sum(totals)
    if len(groups) < 2 or any(everything * size < FEWEST * everybody for size in sizes):  # noqa: PLR2004 - a pair
        return Compared(None)
    mean = everything / everybody
    squares = sum(
        number * (value - mean) ** 2 for tally in groups for value, number in tally.items()
    )
    if squares == 0:
        return Compared(1.0)
    between = sum(
        size * (total / size - mean) ** 2 for size, total in zip(sizes, totals, strict=True)
    )
    return Compared(chi_squared_tail((everybody - 1) * between / squares, len(groups) - 1))


def chi_squared_tail(x: float, freedom: int) -> float:
    """Return the probability of more than `x` >= 0 under chi-squared with `freedom` >= 1 degrees.

    Exact for whole degrees: M. Abramowitz and I. A. Stegun, Handbook of Mathematical Functions,
    26.4.4 and 26.4.5.
    """
    half = x / 2
    if freedom % 2 == 0:
        term = total = math.exp(-half)
        for i in range(1, freedom // 2):
            term *= half / i
            total += term
        return min(total, 1.0)
    total = math.erfc(math.sqrt(half))
    term = math.exp(-half) * math.sqrt(half) / math.gamma(1.5)
    for i in range(1, (freedom + 1) // 2):
        total += term
        term *= half / (i + 0.5)
    return min(total, 1.0)


def corrected(found: Sequence[Compared]) -> tuple[Compared, ...]:
    """Return tests made side by side with each p raised so that all together err as one does.

    S. Holm, Scand. J. Stat. 6, 1979, 65-70.
    """
    tested = sorted((one.p, at) for at, one in enumerate(found) if one.p is not None)
    raised: dict[int, float] = {}
    least = 0.0
    for rank, (p, at) in enumerate(tested):
        least = max(least, min(1.0, p * (len(tested) - rank)))
        raised[at] = least
    return tuple(Compared(raised.get(at)) for at in range(len(found)))
