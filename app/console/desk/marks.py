"""A text cut into pieces: findings marked to the code point, hidden characters made visible."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.domain.decision import Verdict
from app.domain.screening import HiddenCharacter
from app.screening.hidden import find_hidden


@dataclass(frozen=True, slots=True)
class Mark:
    """A finding's place in a text: its number on the page and a half-open span of code points."""

    number: int
    start: int
    end: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that the same findings cover.

    `hidden` names a character that nobody sees; `text` is then what stands in its place.
    `numbers` are those of the findings, `opens` those of them that begin here.
    """

    text: str
    numbers: tuple[int, ...] = ()
    opens: tuple[int, ...] = ()
    verdict: str = ""
    hidden: str = ""


def pieces(text: str, marks: Sequence[Mark] = ()) -> tuple[Piece, ...]:
    """Return the text in pieces whose texts, but for hidden characters, add up to it.

    A mark that reaches beyond the text is cut off at its end.
    """
    hidden = tuple(find_hidden("", text))
    cuts = sorted({0, len(text), *_borders(text, marks, hidden)})
    return tuple(_piece(text, start, end, marks, hidden) for start, end in pairwise(cuts))


def _borders(text: str, marks: Iterable[Mark], hidden: Iterable[HiddenCharacter]) -> Iterable[int]:
    spans = [(mark.start, mark.end) for mark in marks] + [one.span for one in hidden]
    return (min(max(place, 0), len(text)) for span in spans for place in span)


def _piece(
    text: str,
    start: int,
    end: int,
    marks: Sequence[Mark],
    hidden: Sequence[HiddenCharacter],
) -> Piece:
    here = [mark for mark in marks if mark.start <= start and end <= mark.end]
    unseen = next((one for one in hidden if one.span[0] <= start and end <= one.span[1]), None)
    worst = max((mark.verdict for mark in here), key=lambda one: one.rank, default=None)
    return Piece(
        text=text[start:end] if unseen is None else _stand_in(unseen, end - start),
        numbers=tuple(mark.number for mark in here),
        opens=tuple(mark.number for mark in here if mark.start == start),
        verdict="" if worst is None else worst.value,
        hidden="" if unseen is None else unseen.name,
    )


def _stand_in(unseen: HiddenCharacter, count: int) -> str:
    code = f"U+{unseen.code_point:04X}"
    return code if count == 1 else f"{code} ×{count}"
