"""Reading a file of token and group, which is kept nowhere, and what is wrong with it by line."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import field
from typing import Final

from app.domain.values import dataclass

SMALLEST_GROUP: Final = 30
"""Nobody is singled out: a group of fewer is not reported on."""
MOST_GROUPS: Final = 8
MOST_TOKENS: Final = 1_000_000
LONGEST_GROUP: Final = 40
_LONGEST_TOKEN: Final = 64
_SEPARATOR: Final = re.compile(r"\t|,")
_COLUMNS: Final = 2


@dataclass(frozen=True, slots=True)
class RollFault:
    """What is wrong: the line (0: the file as a whole), a code, what its words need."""

    line: int
    code: str
    params: dict[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Roll:
    """Who is in which group, by token; `groups` in the order in which they first stand there."""

    groups: tuple[str, ...]
    members: dict[str, int]

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many each group has."""
        counts = Counter(self.members.values())
        return tuple(counts[at] for at in range(len(self.groups)))


def read_roll(lines: Iterable[bytes]) -> tuple[Roll, tuple[RollFault, ...]]:
    """Return the roll in the lines of a file, `token,group` or with a tab, and all its faults.

    Blank lines are skipped, and a first line `token,group` too. With faults nothing may be
    compared: a missing row would make a group look as if it got less.
    """
    places: dict[str, int] = {}
    members: dict[str, int] = {}
    seen: dict[str, int] = {}
    faults: list[RollFault] = []
    for number, raw in enumerate(lines, 1):
        row = _row(raw, number)
        if isinstance(row, RollFault):
            faults.append(row)
        elif row is not None:
            token, group = row
            if token in members:
                faults.append(RollFault(number, "repeated", {"first": seen[token]}))
                continue
            seen[token] = number
            members[token] = places.setdefault(group, len(places))
            if len(members) > MOST_TOKENS:
                faults.append(RollFault(number, "too_many", {"most": MOST_TOKENS}))
                break
    roll = Roll(tuple(places), members)
    return roll, tuple(faults or _as_a_whole(roll))


def _row(raw: bytes, number: int) -> tuple[str, str] | RollFault | None:
    try:
        text = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip("\r\n")
    except UnicodeDecodeError:
        return RollFault(number, "not_utf8")
    parts = [part.strip() for part in _SEPARATOR.split(text)]
    if parts == [""] or (number == 1 and parts == ["token", "group"]):
        return None
    if len(parts) != _COLUMNS:
        return RollFault(number, "columns")
    token, group = parts
    if not _is_name(token, _LONGEST_TOKEN):
        return RollFault(number, "bad_token", {"longest": _LONGEST_TOKEN})
    if not _is_name(group, LONGEST_GROUP):
        return RollFault(number, "bad_group", {"longest": LONGEST_GROUP})
    return token, group


def _is_name(text: str, longest: int) -> bool:
    return 0 < len(text) <= longest and text.isprintable()


def _as_a_whole(roll: Roll) -> list[RollFault]:
    if not _COLUMNS <= len(roll.groups) <= MOST_GROUPS:
        return [RollFault(0, "groups", {"most": MOST_GROUPS, "found": len(roll.groups)})]
    return [
        RollFault(0, "small_group", {"group": group, "size": size, "least": SMALLEST_GROUP})
        for group, size in zip(roll.groups, roll.sizes, strict=True)
        if size < SMALLEST_GROUP
    ]
