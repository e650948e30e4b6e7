"""Two texts side by side, the words in which they differ marked."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from app.console.desk.marks import Piece, pieces
from app.screening.tokenizer import tagged

_NUMBER: Final = re.compile(r"(\d+(?:[.,:]\d+)*)")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of one of the two texts; `differs` if the other does not have it there."""

    text: str
    pieces: tuple[Piece, ...]
    differs: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both texts in runs; `likeness` is a whole percentage, 100 for equal texts."""

    theirs: tuple[Run, ...]
    ours: tuple[Run, ...]
    likeness: int

    @property
    def is_equal(self) -> bool:
        """Whether there is no difference at all."""
        return not any(run.differs for run in (*self.theirs, *self.ours))


def compare(theirs: str, ours: str) -> Comparison:
    """Compare word by word; the runs of each side add up to its text.

    A number is a word of its own, so that 12 人 and 21 人 differ in nothing else. `likeness` is
    that of the letters.
    """
    old, new = _words(theirs), _words(ours)
    steps = SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes()
    letters = SequenceMatcher(a=theirs, b=ours, autojunk=False)
    return Comparison(
        theirs=tuple(_run("".join(old[a:b]), tag) for tag, a, b, _, _ in steps if b > a),
        ours=tuple(_run("".join(new[a:b]), tag) for tag, _, _, a, b in steps if b > a),
        likeness=int(letters.ratio() * 100),
    )


def _words(text: str) -> list[str]:
    """Return the words of a text, numbers whole; joined they are the text."""
    found: list[str] = []
    for part in _NUMBER.split(text):
        if _NUMBER.fullmatch(part):
            found.append(part)
        else:
            found += [word for word, _, _ in tagged(part)]
    return found


def _run(text: str, tag: str) -> Run:
    return Run(text, pieces(text), tag != "equal")
