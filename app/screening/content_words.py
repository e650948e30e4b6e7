"""The words of the context model: what each topic is about, and how people offer or report it."""

import tomllib
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from app.domain.signals import Family
from app.domain.values import dataclass
from app.screening.matcher import Matcher, Occurrence
from app.screening.normalize import Folder

_FOLDER = Path(__file__).resolve().parent / "tables" / "content"
_SHARED = "shared"
# One letter is in every text.
_SHORTEST = 2
# Any digit reads as 0, so that 0元 is every price.
_PLAIN_KEPT = 64
_DIGITS = str.maketrans("123456789", "0" * 9)


class Part(StrEnum):
    """The part that a word plays in an offer, a rendering, or a report of either.

    A topic's own: `alone` says it all, `hard` is jargon, `noun` the thing, `thing` one
    that is ordinary too, `act` what is done with
    it or whom it is about, `lure` what is promised or how it is shown. Shared: `offer` words of
    trade, `channel` where to turn to, `deal` price and delivery, `voice` how one speaks to a buyer
    or a crowd. Who speaks about it instead: `report` says it alone, an `agent` (police, a medium)
    only with a `deed`, `advice` only in numbers; none of them beside a `way` for the reader to
    deal. `cover` is a longer phrase inside which no word counts.
    """

    ALONE = "alone"
    HARD = "hard"
    NOUN = "noun"
    THING = "thing"
    ACT = "act"
    LURE = "lure"
    OFFER = "offer"
    CHANNEL = "channel"
    DEAL = "deal"
    VOICE = "voice"
    REPORT = "report"
    AGENT = "agent"
    DEED = "deed"
    ADVICE = "advice"
    WAY = "way"
    COVER = "cover"


HEADS = (Part.ALONE, Part.HARD, Part.NOUN, Part.THING)


@dataclass(frozen=True, slots=True)
class Topic:
    """What one file is about: the kind of its signals, and how much a report takes away at most.

    `deals` says whether the shared words of trade speak for it, `window` how many letters apart
    from its head a word may stand, `needs` the part without which a place does not count.
    """

    kind: str
    family: Family
    excused: int
    window: int
    deals: bool
    needs: Part | None


@dataclass(frozen=True, slots=True)
class Place:
    """A word among the joined letters of a push, half open, and the part it plays there."""

    start: int
    end: int
    part: Part


Use = tuple[Topic | None, Part]
"""What a word is used for; a word that all topics share has none of its own."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All words, folded and numbered; `covers` says which ones let no word count inside them.

    The heads have a search of their own, since most texts hold none.
    """

    folder: Folder
    words: tuple[str, ...]
    uses: tuple[tuple[Use, ...], ...]
    covers: tuple[bool, ...]
    _heads: Matcher
    _all: Matcher

    @classmethod
    def load(cls) -> Self:
        """Read the tables and build both searches; takes about 0.1 s.

        ValueError or KeyError on a broken table.
        """
        folder = Folder.load()
        uses: dict[str, dict[Use, None]] = {}
        covers: set[str] = set()
        for path in sorted(_FOLDER.glob("*.toml")):
            table = tomllib.loads(path.read_text("utf-8"))
            topic = None if path.stem == _SHARED else _topic(path.stem, table)
            for part in Part:
                for word in map(plain, map(folder.fold, table.get(part, "").split())):
                    if len(word) < _SHORTEST and part is not Part.VOICE:
                        raise ValueError(path.name, part, word)
                    if part is Part.COVER:
                        covers.add(word)
                        uses.setdefault(word, {})
                    else:
                        uses.setdefault(word, {})[topic, part] = None
        heads = [word for word, of in uses.items() if any(part in HEADS for _, part in of)]
        return cls(
            folder,
            tuple(uses),
            tuple(map(tuple, uses.values())),
            tuple(word in covers for word in uses),
            Matcher(heads),
            Matcher(tuple(uses)),
        )

    def has_head(self, letters: str) -> bool:
        """Say whether some topic may be meant at all; takes a few microseconds."""
        return bool(self._heads.find(letters))

    def find(self, letters: str) -> list[Occurrence]:
        """Return all words, by number; a Latin word counts only where it stands alone."""
        return [one for one in self._all.find(letters) if not _inside_latin(letters, one)]


@lru_cache(_PLAIN_KEPT)
def plain(letters: str) -> str:
    """Return folded letters with every digit as 0; the latest answers are kept."""
    return letters.translate(_DIGITS)


def _topic(kind: str, table: dict[str, Any]) -> Topic:
    return Topic(
        kind=kind,
        family=Family(table["family"]),
        excused=table["excused"],
        window=table["window"],
        deals=table["deals"],
        needs=Part(table["needs"]) if "needs" in table else None,
    )


def _inside_latin(letters: str, one: Occurrence) -> bool:
    _, start, end = one
    before = start > 0 and _is_latin(letters[start - 1]) and _is_latin(letters[start])
    after = end < len(letters) and _is_latin(letters[end - 1]) and _is_latin(letters[end])
    return before or after


def _is_latin(letter: str) -> bool:
    return "a" <= letter <= "z"
