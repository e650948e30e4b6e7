"""One text of a comparison, read in every way that the comparison needs, each at most once."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from app.screening.titles.levelled import level
from app.screening.titles.lexicon import Marks, marks
from app.screening.titles.names import Name, names
from app.screening.titles.quantities import Quantity, quantities
from app.screening.titles.times import Moment, moments, without_times
from app.screening.tokenizer import TaggedWord, tagged

_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
_NEAR = 8


class Reading:
    """A text in plain letters of the same length, and what was found in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.plain = level(text)

    @cached_property
    def marks(self) -> Marks:
        """The words that negate, doubt, plan, exaggerate and so on."""
        return marks(self.plain)

    @cached_property
    def moments(self) -> tuple[Moment, ...]:
        """Its dates and times."""
        return tuple(moments(self.plain))

    @cached_property
    def quantities(self) -> tuple[Quantity, ...]:
        """Its numbers with their units."""
        return tuple(quantities(without_times(self.plain, self.moments)))

    @cached_property
    def words(self) -> list[TaggedWord]:
        """Its words with their parts of speech."""
        return tagged(self.plain)

    @cached_property
    def names(self) -> tuple[Name, ...]:
        """Its people, places, bodies and names in Latin letters."""
        return tuple(names(self.plain, self.words))

    def shares(self, other: str, start: int, end: int | None = None) -> bool:
        """Say whether two neighbouring Han letters from a place on stand in the other text too."""
        near = other[start : start + _NEAR if end is None else end]
        pairs = (near[at : at + 2] for at in range(len(near) - 1))
        return any(
            pair in self.plain for pair in pairs if _HAN.match(pair[0]) and _HAN.match(pair[1])
        )


@dataclass(frozen=True, slots=True)
class Original:
    """What the popup is compared with: the title, and all that is known of the original."""

    title: Reading
    whole: Reading
    published: dict[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that the popup's text changed; `span` is in its own text, empty where it lacks."""

    kind: str
    span: tuple[int, int]
    weight: int
    old: str = ""
    new: str = ""
