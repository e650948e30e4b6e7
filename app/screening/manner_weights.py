"""The learned weights of n-grams, and how like a text they make it to those in question."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from math import sqrt
from pathlib import Path
from typing import Final, Self

from app.domain.values import dataclass
from app.screening.matcher import BETWEEN, Matcher, Occurrence

FOLDER: Final = Path(__file__).resolve().parent / "tables" / "manner"
UNIT: Final = 1000
"""Weights and margins are counted in thousandths of the way from the border to a clear case."""
NEUTRAL: Final = ord("P")
STEP: Final = 25
"""A kind's weight for an n-gram is a letter: as many steps as it stands above `P` or below."""
SHORTEST: Final = 20
"""A text of fewer different letters is weighed as if it had so many."""
NOTE: Final = "## "

# A text farther from the border than this is near no kind either.
_FAR = -600
_BORDER, _STEEP, _MOST = 50, 25, 100


@dataclass(frozen=True, slots=True)
class Likeness:
    """How like a text is to those in question, in hundredths, and the kind that it is nearest to.

    Below 50 it is more like all others. There is no kind where it is far from every one.
    """

    weight: int
    kind: str | None


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learned for one judgement, by the numbers of all n-grams.

    `own` tells the texts in question from all others; `kinds` tell each kind of them from the
    rest, with a letter for each n-gram in `shares`.
    """

    bias: int
    own: tuple[int, ...]
    kinds: tuple[str, ...]
    biases: tuple[int, ...]
    shares: tuple[bytes, ...]

    def likeness(self, numbers: set[int], root: float) -> Likeness:
        """Weigh the n-grams of a text; `root` makes long and short texts comparable."""
        margin = self.bias + sum(map(self.own.__getitem__, numbers)) / root
        if margin < _FAR or not numbers:
            return Likeness(_hundredths(margin - UNIT), None)
        if len(self.kinds) == 1:
            # A judgement of one kind has nothing to tell apart.
            return Likeness(_hundredths(margin + self.biases[0]), self.kinds[0])
        columns = zip(*map(self.shares.__getitem__, numbers), strict=True)
        sums = ((sum(column) - NEUTRAL * len(numbers)) * STEP for column in columns)
        margins = [bias + total / root for bias, total in zip(self.biases, sums, strict=True)]
        nearest = max(margins)
        kind = self.kinds[margins.index(nearest)]
        return Likeness(_hundredths(margin + nearest), kind)

    def gain(self, kind: str) -> Callable[[int], int]:
        """Return what tells how much an n-gram, by its number, adds to the likeness to a kind."""
        at, own, shares = self.kinds.index(kind), self.own, self.shares
        return lambda number: own[number] + (shares[number][at] - NEUTRAL) * STEP


class Manners:
    """The weights of all judgements of manner; immutable.

    One automaton finds the n-grams of all of them, whatever their length.
    """

    def __init__(self, tables: dict[str, str]) -> None:
        """Read the texts of tables, by name; ValueError or IndexError on a broken one."""
        rows = {name: [line.split("\t") for line in _lines(text)] for name, text in tables.items()}
        numbers: dict[str, int] = {}
        for own in rows.values():
            for row in own[1:]:
                numbers.setdefault(row[0], len(numbers))
        self._matcher = Matcher(tuple(numbers))
        self.weights = {name: _weights(own, numbers) for name, own in rows.items()}

    @classmethod
    def load(cls) -> Self:
        """Read the shipped tables; takes about 0.1 s."""
        paths = sorted(FOLDER.glob("*.tsv"))
        return cls({path.stem: path.read_text("utf-8") for path in paths})

    def find(self, letters: Sequence[str]) -> list[Occurrence]:
        """Return where known n-grams stand in the fields' letters, joined, by number."""
        return self._matcher.find(BETWEEN.join(letters))


@cache
def manners() -> Manners:
    """Return the shipped weights, read once."""
    return Manners.load()


def root_of(letters: Sequence[str]) -> float:
    """Return what sums of weights are divided by: the root of the number of different letters.

    What is said twice, as in title and body, counts once.
    """
    return sqrt(max(SHORTEST, len(set().union(*letters))))


def _weights(rows: list[list[str]], numbers: dict[str, int]) -> Weights:
    (bias, *named), *grams = rows
    kinds = [kind.partition("=") for kind in named]
    own = [0] * len(numbers)
    shares = [bytes([NEUTRAL] * len(kinds))] * len(numbers)
    # Few values come up again and again: each stands once in memory, near the others.
    weight_of, share_of = cache(int), cache(str.encode)
    for gram, weight, share in grams:
        number = numbers[gram]
        own[number] = weight_of(weight)
        shares[number] = share_of(share)
    return Weights(
        bias=int(bias),
        own=tuple(own),
        kinds=tuple(kind for kind, _, _ in kinds),
        biases=tuple(int(value) for _, _, value in kinds),
        shares=tuple(shares),
    )


def _lines(text: str) -> Iterator[str]:
    return (line for line in text.removesuffix("\n").split("\n") if not line.startswith(NOTE))


def _hundredths(margin: float) -> int:
    return max(0, min(_MOST, round(_BORDER + margin * _STEEP / UNIT)))
