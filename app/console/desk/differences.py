"""Two texts side by side, the characters in which they differ marked."""

from dataclasses import dataclass
from difflib import SequenceMatcher

from app.console.desk.marks import Piece, pieces


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
    """Compare by code point; the runs of each side add up to its text."""
    matcher = SequenceMatcher(a=theirs, b=ours, autojunk=False)
    steps = matcher.get_opcodes()
    return Comparison(
        theirs=tuple(_run(theirs[a:b], tag) for tag, a, b, _, _ in steps if b > a),
        ours=tuple(_run(ours[a:b], tag) for tag, _, _, a, b in steps if b > a),
        likeness=int(matcher.ratio() * 100),
    )


def _run(text: str, tag: str) -> Run:
    return Run(text, pieces(text), tag != "equal")
