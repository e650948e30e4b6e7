"""The tables of disguises, as shipped beside this file: readings, shapes, parts and others."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_FOLDER = Path(__file__).resolve().parent / "tables"
_COMMENT = "##"

Initials = tuple[str, str, tuple[str, ...]]
"""A topic, a word of it, and the initials that it is written with."""


@dataclass(frozen=True, slots=True)
class Tables:
    """What a character may be disguised as.

    `readings` are pinyin without tones, the first the one that texts are read with; `shapes` maps
    a look-alike to the character it is taken for; `splits` are the parts written side by side;
    `lookalikes` maps a letter of another script to the one it looks like; `pictures` maps an
    emoji to the word it is written for; `initials` are those of the trade.
    """

    readings: dict[str, tuple[str, ...]]
    shapes: dict[str, str]
    splits: dict[str, tuple[str, ...]]
    lookalikes: dict[str, str]
    pictures: dict[str, str]
    initials: tuple[Initials, ...]

    @classmethod
    def load(cls) -> Self:
        """Read the six files; takes a few milliseconds."""
        readings: dict[str, tuple[str, ...]] = {}
        for syllable, characters in _rows("readings"):
            for character in characters:
                readings[character] = (*readings.get(character, ()), syllable)
        splits = {first: tuple(rest.split()) for first, rest in _rows("splits")}
        return cls(
            readings,
            _reverse("shapes"),
            splits,
            lookalikes(),
            _reverse("emoji"),
            tuple(_initials()),
        )


def lookalikes() -> dict[str, str]:
    """Return the letters of other scripts and the letters that they look like."""
    return _reverse("lookalikes")


def variants() -> dict[str, str]:
    """Return traditional and variant forms that OpenCC leaves alone, and what they are ours for."""
    return _reverse("variants")


def _reverse(name: str) -> dict[str, str]:
    return {
        character: first
        for first, characters in _rows(name)
        for character in characters
        if character != " "
    }


def _rows(name: str) -> Iterator[tuple[str, str]]:
    for line in (_FOLDER / f"{name}.txt").read_text("utf-8").splitlines():
        if not line.startswith(_COMMENT):
            first, _, rest = line.partition(" ")
            yield first, rest


def _initials() -> Iterator[Initials]:
    for topic, rest in _rows("initials"):
        word, *spelled = rest.split()
        yield topic, word, tuple(spelled)


def title_words() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what words do in a news title, and words that do so; a class may come several times.

    Of a line `set` one member shuts out the others; a member may have several names (火灾/起火).
    All are in one class, `set7`, and each member with its names in one of its own, `set7.2`.
    """
    for number, (name, words) in enumerate(_rows("titles")):
        if name != "set":
            yield name, tuple(words.split())
            continue
        members = [tuple(member.split("/")) for member in words.split()]
        yield f"set{number}", tuple(word for member in members for word in member)
        yield from ((f"set{number}.{place}", member) for place, member in enumerate(members))


def alias_groups() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield groups of names of the same place or body, each with its kind."""
    for kind, group in _rows("names"):
        yield kind, tuple(group.split())


def synonym_groups() -> Iterator[tuple[str, ...]]:
    """Yield groups of words that news uses for the same."""
    for first, rest in _rows("synonyms"):
        yield (first, *rest.split())


def title_weights() -> Iterator[tuple[str, int]]:
    """Yield kinds of changes in a title, each with its learned weight in hundredths."""
    for name, weight in _rows("title_weights"):
        yield name, int(weight)


def story_weights() -> Iterator[tuple[str, int]]:
    """Yield the signs of a story told again, each with its learned weight in hundredths."""
    for name, weight in _rows("story_weights"):
        yield name, int(weight)


def title_builds() -> Iterator[tuple[str, int, str]]:
    """Yield builds of a title that bait: what they do, their weight, a pattern."""
    for kind, rest in _rows("baits"):
        weight, _, pattern = rest.partition(" ")
        yield kind, int(weight), pattern
