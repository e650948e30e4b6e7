"""How far people agree who ruled on the same push: share, and Cohen's kappa; pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.decision import RulingVerdict


@dataclass(frozen=True, slots=True)
class Compared:
    """Two rulings on one push by two persons, neither of whom saw the other's."""

    one: str
    one_verdict: RulingVerdict
    other: str
    other_verdict: RulingVerdict

    @property
    def agrees(self) -> bool:
        """Whether both let it go, or neither: how it is kept back is a matter of taste."""
        approve = RulingVerdict.APPROVE
        return (self.one_verdict is approve) is (self.other_verdict is approve)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many pushes were compared, on how many both said the same, and Cohen's kappa.

    `kappa` is in hundredths, 100 where they always agree, 0 where no more than by chance; None
    where chance alone would agree always, so that nothing can be said.
    """

    number: int
    same: int
    kappa: int | None

    @property
    def percent(self) -> int:
        """The share on which both said the same; 0 where nothing was compared."""
        return round(100 * self.same / self.number) if self.number else 0


def agreement(compared: Sequence[Compared]) -> Agreement:
    """Return how far the two sides agree on whether a push goes out."""
    number = len(compared)
    same = sum(one.agrees for one in compared)
    approve = RulingVerdict.APPROVE
    first = sum(one.one_verdict is approve for one in compared)
    second = sum(one.other_verdict is approve for one in compared)
    # In whole numbers: what agrees by chance, times the square of how many there are.
    chance = first * second + (number - first) * (number - second)
    room = number * number - chance
    return Agreement(number, same, round(100 * (same * number - chance) / room) if room else None)


def of_person(compared: Sequence[Compared], person: str) -> list[Compared]:
    """Return what concerns one person, who stands on the first side."""
    found = [one for one in compared if one.one == person]
    found += [
        Compared(one.other, one.other_verdict, one.one, one.one_verdict)
        for one in compared
        if one.other == person
    ]
    return found


def by_two(compared: Sequence[Compared]) -> list[tuple[tuple[str, str], Agreement]]:
    """Return how far each two persons agree, those with the most in common first."""
    met = Counter(frozenset((one.one, one.other)) for one in compared)
    found = []
    for two, _ in met.most_common():
        first, second = sorted(two)
        theirs = [one for one in of_person(compared, first) if one.other == second]
        found.append(((first, second), agreement(theirs)))
    return found
