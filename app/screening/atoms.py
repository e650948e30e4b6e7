"""The literals without which a pattern cannot match: what to look for before trying it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

Atoms = frozenset[str]

# A class of more characters than this says too little.
_LARGEST_CLASS: Final = 24
# The characters met most often in news and notices.
_COMMON: Final = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于下自之年过发后作里用"
    "行所家事成方多经学如同现没动面起看定天分还进好小部其主理心她本前开但因只从想日月者无与长机十民第公工"
    "全三关点业外将两高间由最重手应头文体美相见被利二等产新制身加西回特代内表化老位次度门海通教原东立比员"
    "水名真入几平气活更别打女变神总电数安少报受太量场件管期市直金区保队社便空科司五书非白界达光放完色路"
    "品元万价车房首购买选送享月周亿股"
)
_MOST: Final = 2
_ESCAPED_CLASSES: Final = "dDsSwWbB"


def atoms_of(pattern: str) -> tuple[Atoms, ...]:
    """Return up to two sets of literals, of each of which every match holds one, the best first.

    The pattern is of literals, classes, groups without capture, alternatives and quantifiers.
    """
    return _Reader(pattern).alternatives()


@dataclass(slots=True)
class _Sequence:
    """What is read of one alternative: the literal in progress, and the sets found so far."""

    run: str = ""
    sets: list[Atoms] = field(default_factory=list)

    def literal(self, character: str) -> None:
        self.run += character

    def part(self, atoms: Atoms | None) -> None:
        """End the literal in progress at a part that is no literal, with the part's own atoms."""
        if self.run:
            self.sets.append(frozenset({self.run}))
        self.run = ""
        if atoms is not None:
            self.sets.append(atoms)

    def best(self) -> tuple[Atoms, ...]:
        """Return the two sets whose most common literal is rarest, of few literals before many."""
        self.part(None)
        return tuple(sorted(self.sets, key=_worth, reverse=True)[:_MOST])


def _worth(atoms: Atoms) -> tuple[int, int]:
    return min(map(_rarity, atoms)), -len(atoms)


def _rarity(atom: str) -> int:
    """Say how rare a literal is: 0 for marks and digits alone, more for rarer and longer ones."""
    if atom.isascii():
        return len(atom) // 2
    return sum(1 if character in _COMMON else 2 for character in atom)


class _Reader:
    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0

    def alternatives(self) -> tuple[Atoms, ...]:
        """Read alternatives up to the end or a closing bracket; empty where one has no atoms."""
        found = [self._sequence()]
        while self._next("|"):
            found.append(self._sequence())
        if len(found) == 1:
            return found[0]
        return (frozenset[str]().union(*(sets[0] for sets in found)),) if all(found) else ()

    def _sequence(self) -> tuple[Atoms, ...]:
        sequence = _Sequence()
        while self._at < len(self._pattern) and self._pattern[self._at] not in "|)":
            self._part(sequence)
        return sequence.best()

    def _part(self, sequence: _Sequence) -> None:
        character = self._take()
        if character == "(":
            self._at += len("?:")
            atoms = next(iter(self.alternatives()), None)
            self._take()
        elif character == "[":
            atoms = self._class()
        elif character in ".^$":
            atoms = None
        else:
            self._literal(character, sequence)
            return
        sequence.part(None if self._is_optional() else atoms)

    def _literal(self, character: str, sequence: _Sequence) -> None:
        atoms: Atoms | None = None
        if character == "\\":
            character = self._take()
            if character in _ESCAPED_CLASSES:
                self._is_optional()
                sequence.part(None)
                return
        if self._at < len(self._pattern) and self._pattern[self._at] in "?*+{":
            atoms = None if self._is_optional() else frozenset({character})
            sequence.part(atoms)
        else:
            sequence.literal(character)

    def _class(self) -> Atoms | None:
        body = "".join(self._until("]"))
        if body.startswith("^") or "-" in body[1:-1] or "\\" in body:
            return None
        return frozenset(body) if len(body) <= _LARGEST_CLASS else None

    def _is_optional(self) -> bool:
        """Read a quantifier, if there is one, and say whether it allows for nothing."""
        if self._next("?") or self._next("*"):
            return True
        if self._next("{"):
            lowest, _, _ = "".join(self._until("}")).partition(",")
            return lowest in ("", "0")
        self._next("+")
        return False

    def _until(self, end: str) -> Iterator[str]:
        while (character := self._take()) != end:
            yield character + self._take() if character == "\\" else character

    def _next(self, character: str) -> bool:
        found = self._pattern.startswith(character, self._at)
        self._at += found
        return found

    def _take(self) -> str:
        self._at += 1
        return self._pattern[self._at - 1]
