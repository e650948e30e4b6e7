"""One text of a comparison, read in every way that the comparison needs, each at most once."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final, Generic, TypeVar

from app.domain.values import dataclass
from app.screening.titles.levelled import level
from app.screening.titles.lexicon import Found, Marks, marks
from app.screening.titles.names import Name, names
from app.screening.titles.quantities import Quantity, quantities
from app.screening.titles.times import Moment, moments, without_times
from app.screening.tokenizer import TaggedWord, tagged

_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
_BETWEEN: Final = re.compile(r"[;!?。…\s]+|[,:](?!\d)")
_NEAR = 8
_LEADS_KEPT = 256

Span = tuple[int, int]
Of = TypeVar("Of")
Part = TypeVar("Part")


class _Once(Generic[Of, Part]):
    """A part of a reading, found when it is first asked for; without a lock, unlike functools'."""

    def __init__(self, find: Callable[[Of], Part]) -> None:
        self._find = find
        self._name = find.__name__
        self.__doc__ = find.__doc__

    def __get__(self, of: Of, _owner: type[Of]) -> Part:
        part = of.__dict__[self._name] = self._find(of)
        return part


class Reading:
    """A text in plain letters of the same length, and what was found in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.plain = level(text)

    @_Once
    def letters(self) -> frozenset[str]:
        """Return all that stands in it, each once."""
        return frozenset(self.plain)

    @_Once
    def marks(self) -> Marks:
        """Return the words that negate, doubt, plan, exaggerate, but no letters of names."""
        people = [(one.start, one.start + len(one.text)) for one in self.names if one.is_person]
        found = marks(self.plain)
        if not people:
            return Marks(found)
        return Marks(
            mark
            for mark in found
            if len(mark.word) > 1 or not any(at <= mark.start < end for at, end in people)
        )

    @_Once
    def moments(self) -> tuple[Moment, ...]:
        """Return its dates and times."""
        return tuple(moments(self.plain))

    @_Once
    def timeless(self) -> str:
        """Return the text with its dates and times blanked out, place for place."""
        return without_times(self.plain, self.moments)

    @_Once
    def quantities(self) -> tuple[Quantity, ...]:
        """Return its numbers with their units."""
        return tuple(quantities(self.timeless, lambda: self.words))

    @_Once
    def telling(self) -> tuple[Quantity, ...]:
        """Return its numbers that say something by themselves."""
        return tuple(one for one in self.quantities if not one.is_weak)

    @_Once
    def words(self) -> list[TaggedWord]:
        """Return its words with their parts of speech."""
        return tagged(self.plain)

    @_Once
    def names(self) -> tuple[Name, ...]:
        """Return its people, places, bodies and names in Latin letters."""
        return tuple(names(self.plain, self.words))

    @_Once
    def facts(self) -> tuple[Span, ...]:
        """Return where its numbers, times and names stand, which are compared as such."""
        counted = [one.span for one in self.quantities] + [one.span for one in self.moments]
        return (*counted, *((one.start, one.end) for one in self.names))

    @_Once
    def clauses(self) -> tuple[Span, ...]:
        """Return from where to where each of its clauses reaches."""
        breaks = [one.span() for one in _BETWEEN.finditer(self.plain)]
        starts = (0, *(end for _, end in breaks))
        return tuple(zip(starts, (*(at for at, _ in breaks), len(self.plain)), strict=True))

    def clause_at(self, place: int) -> Span:
        """Return from where to where the clause reaches that a place lies in."""
        for clause in self.clauses:
            if place < clause[1]:
                return clause
        return place, place

    def shares(self, other: str, start: int, end: int | None = None) -> bool:
        """Say whether two neighbouring Han letters from a place on stand in the other text too."""
        near = other[start : start + _NEAR if end is None else end]
        pairs = (near[at : at + 2] for at in range(len(near) - 1))
        return any(
            pair in self.plain for pair in pairs if _HAN.match(pair[0]) and _HAN.match(pair[1])
        )


@lru_cache(maxsize=_LEADS_KEPT)
def lead_of(text: str) -> Reading:
    """Return the reading of a lead; it is kept, since a story goes to many surfaces."""
    return Reading(text)


class Joined(Reading):
    """A lead after a title, with a line break between, both of which were read by themselves."""

    def __init__(self, title: Reading, lead: Reading) -> None:
        self.text = f"{title.text}\n{lead.text}"
        self.plain = f"{title.plain}\n{lead.plain}"
        self._title = title
        self._lead = lead
        self._start = len(title.text) + 1

    @_Once
    def marks(self) -> Marks:
        """Return the words that do something in both texts."""
        by = self._start
        moved = [Found(word, names, at + by) for word, names, at in self._lead.marks.all]
        return Marks((*self._title.marks.all, *moved))

    @_Once
    def moments(self) -> tuple[Moment, ...]:
        """Return the dates and times of both texts."""
        moved = [one._replace(span=self._moved(one.span)) for one in self._lead.moments]
        return (*self._title.moments, *moved)

    @_Once
    def timeless(self) -> str:
        """Return both texts with their dates and times blanked out, place for place."""
        return f"{self._title.timeless}\n{self._lead.timeless}"

    @_Once
    def quantities(self) -> tuple[Quantity, ...]:
        """Return the numbers of both texts."""
        moved = [one._replace(span=self._moved(one.span)) for one in self._lead.quantities]
        return (*self._title.quantities, *moved)

    @_Once
    def names(self) -> tuple[Name, ...]:
        """Return the names of both texts."""
        by = self._start
        moved = [Name(kind, text, at + by) for kind, text, at in self._lead.names]
        return (*self._title.names, *moved)

    @_Once
    def clauses(self) -> tuple[Span, ...]:
        """Return from where to where each clause of both texts reaches."""
        return (*self._title.clauses, *map(self._moved, self._lead.clauses))

    def _moved(self, span: Span) -> Span:
        return span[0] + self._start, span[1] + self._start


@dataclass(frozen=True, slots=True)
class Original:
    """What the popup is compared with: the title, and all that is known of the original."""

    title: Reading
    whole: Reading
    published: dict[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that the popup's text changed; `span` is in its own text, empty where it lacks.

    `weight` is how much it says by itself, `ground` what made it be noticed, where a kind has
    several grounds that are not equally good.
    """

    kind: str
    span: Span
    weight: int
    old: str = ""
    new: str = ""
    ground: str = ""
