"""Judge the manner of a text: what its wording as a whole resembles, by weights that were learned.

Words that stand together are known words; who words it otherwise is met here. The weights tell
how like a text is to others, not what it says: they hold a push for a person and never block one.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from app.domain.signals import ORDINARY, Family, Signal, Span
from app.screening.content import reported_signals, vocabulary
from app.screening.content_words import plain
from app.screening.manner_weights import Weights, manners, root_of
from app.screening.matcher import Occurrence

CONTENT: Final = "content"
CLAIM: Final = "claim"
PRETENCE: Final = "pretence"
"""Whether what is no declared advertisement claims what none may."""
ADVERTISING: Final = "advertising"
# Below this a text is ordinary; the limits that rules read lie apart from it on either side.
_LEAST = 35
_MOST = 100
_MOST_WORDS = 5
_SHORTEST_WORD = 2
_MAY_BE_TOLD: Final = frozenset({CONTENT, PRETENCE})
# What words that report or advise weigh is taken off by this part: they quote what they tell of.
_TOLD = 5
# Gains are shared out among the letters of n-grams of up to four, in whole numbers.
_PARTS = 12

Field = tuple[str, str]
Gains = dict[Occurrence, int]


def manner_signals(fields: Sequence[Field], judgements: Mapping[str, bool]) -> tuple[Signal, ...]:
    """Return what judgements, by name, think of the manner of (pointer, text) fields.

    One signal of the kind that they resemble, with the stretch and the words that weighed most.
    Where nothing does, and single words made somebody ask that judgement (its value is true), one
    of the kind `ORDINARY` that weighs how little it does and names it in `of`. Linear in the length
    of the texts; some 40 microseconds for 70 letters and two judgements.
    """
    if not fields:
        return ()
    text = _Text(fields)
    signals = (text.judged(name, asked=asked) for name, asked in judgements.items())
    return tuple(signal for signal in signals if signal is not None)


class _Text:
    """The fields of one push with the n-grams that are known in them."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self._fields = fields
        self._letters = [plain(vocabulary().folder.fold(text)) for _, text in fields]
        self._found = manners().find(self._letters)
        self._numbers = {one[0] for one in self._found}
        self._root = root_of(self._letters)

    def judged(self, name: str, *, asked: bool) -> Signal | None:
        """Return what one judgement has to say, None for nothing."""
        weights = manners().weights[name]
        likeness = weights.likeness(self._numbers, self._root)
        weight, kind = likeness.weight, likeness.kind
        if kind is not None and weight >= _LEAST and name in _MAY_BE_TOLD:
            told = reported_signals(self._fields)
            weight -= max((one.weight for one in told), default=0) // _TOLD
        if kind is None or weight < _LEAST:
            if not asked:
                return None
            place = (self._fields[0][0], (0, 0))
            return Signal(Family.MANNER, ORDINARY, *place, _MOST - weight, {"of": name})
        gains = _gains(weights, kind, self._found)
        pointer, span, words = _explained(self._fields, self._letters, gains)
        return Signal(Family.MANNER, kind, pointer, span, weight, {"words": "、".join(words)})


def _gains(weights: Weights, kind: str, found: list[Occurrence]) -> Gains:
    """Return what each n-gram adds, where it first stands: said again it adds nothing."""
    first: dict[int, Occurrence] = {}
    for one in found:
        first.setdefault(one[0], one)
    gain = weights.gain(kind)
    return {one: gain(number) for number, one in first.items()}


def _explained(
    fields: Sequence[Field], letters: Sequence[str], gains: Gains
) -> tuple[str, Span, list[str]]:
    """Return the field and the stretch of it that add most, and the strongest words there are."""
    ends = [0]
    for part in letters:
        ends.append(ends[-1] + len(part) + 1)
    shared = [0] * ends[-1]
    for (_, start, end), gain in gains.items():
        for place in range(start, end):
            shared[place] += gain * _PARTS // (end - start)
    usual = sum(shared) // len(shared)
    stretches = [
        (*_stretch(shared[low : low + len(part)], usual), number)
        for number, (low, part) in enumerate(zip(ends, letters, strict=False))
        if part
    ]
    _, start, end, number = max(stretches)
    pointer, text = fields[number]
    span = vocabulary().folder.read(text).span(start, end)
    return pointer, span, list(_words(fields, ends, gains))


def _stretch(shared: Sequence[int], usual: int) -> tuple[int, int, int]:
    """Return what the best run of letters gains beyond the usual, and its place; all if none."""
    best, low, high = 0, 0, len(shared)
    total, start = 0, 0
    for place, gain in enumerate(shared):
        total += gain - usual
        if total <= 0:
            total, start = 0, place + 1
        elif total > best:
            best, low, high = total, start, place + 1
    return best, low, high


def _words(fields: Sequence[Field], ends: Sequence[int], gains: Gains) -> Iterator[str]:
    """Yield the n-grams that add most, of two letters at least and apart, as the text has them."""
    taken: list[tuple[int, int]] = []
    strong = [(gain, one) for one, gain in gains.items() if gain > 0]
    for _, (_, start, end) in sorted(strong, reverse=True):
        is_word = len(taken) < _MOST_WORDS and end - start >= _SHORTEST_WORD
        if is_word and not any(low < end and start < high for low, high in taken):
            taken.append((start, end))
    for start, end in sorted(taken):
        number = max(n for n, first in enumerate(ends[:-1]) if first <= start)
        text = fields[number][1]
        low, high = vocabulary().folder.read(text).span(start - ends[number], end - ends[number])
        yield text[low:high]
