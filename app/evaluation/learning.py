"""Learns weights of n-grams by dual coordinate descent: squared hinge loss, L2, no chance in it.

Texts are the n-grams that stand in them, and how many words of each class that the screening
knows. What a class weighs is given to each of its words, so that words that no lesson says count.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from app.evaluation.lessons import Lesson
from app.screening.atoms import atoms_of
from app.screening.content import vocabulary
from app.screening.content_words import plain
from app.screening.cues import CueBook
from app.screening.manner_weights import root_of

Wanted = Callable[[Lesson], bool]

_SIZES: Final = (1, 2, 3)
_SHORTEST_WORD: Final = 2
_LONGEST_WORD: Final = 4
_BOOKS: Final = ("absolute", "claims", "advertising", "contexts")
# An n-gram of one lesson says nothing of the next.
_LEAST_TEXTS: Final = 2
_CLASS_SHARE: Final = 0.3
_LOSS: Final = 1.0
_ROUNDS: Final = 60
# In all other rounds only those lessons are looked at that pulled before.
_EVERY: Final = 5
_SEED: Final = 20261130
_STILL: Final = 1e-3


@dataclass(frozen=True, slots=True)
class Sample:
    """A lesson as numbers: its n-grams, its classes with their counts, and its scale."""

    grams: list[int]
    classes: list[tuple[int, int]]
    scale: float


@dataclass(frozen=True, slots=True)
class Model:
    """What was learned: the bias, and a weight for each n-gram that has any."""

    bias: float
    weights: dict[str, float]


class Learner:
    """Lessons made ready to be learned from, for one judgement after the other."""

    def __init__(self, lessons: Sequence[Lesson]) -> None:
        """Give the n-grams and classes of all lessons numbers; takes some seconds."""
        self.lessons = lessons
        self._classes = _classes()
        texts = [_grams(lesson.letters) for lesson in lessons]
        counts = Counter(gram for text in texts for gram in text)
        kept = sorted(
            gram for gram, count in counts.items() if count >= _LEAST_TEXTS and len(gram) in _SIZES
        )
        self._numbers = {gram: number for number, gram in enumerate(kept)}
        self._kinds = sorted({one for own in self._classes.values() for one in own})
        self._samples = [
            self._sample(lesson, text) for lesson, text in zip(lessons, texts, strict=True)
        ]

    def learn(self, taught: Iterable[int], wanted: Wanted) -> Model:
        """Learn from the lessons of these numbers to tell those that are wanted from the rest."""
        rows = [
            (self._samples[number], 1.0 if wanted(self.lessons[number]) else -1.0)
            for number in taught
        ]
        grams, classes = [0.0] * len(self._numbers), [0.0] * len(self._kinds)
        bias = _descend(rows, grams, classes)
        return Model(bias, self._baked(grams, classes))

    def _sample(self, lesson: Lesson, text: set[str]) -> Sample:
        grams = sorted(self._numbers[gram] for gram in text if gram in self._numbers)
        at = {one: number for number, one in enumerate(self._kinds)}
        counted = Counter(at[one] for gram in text for one in self._classes.get(gram, ()))
        return Sample(grams, sorted(counted.items()), 1 / root_of(lesson.letters))

    def _baked(self, grams: Sequence[float], classes: Sequence[float]) -> dict[str, float]:
        weights = {gram: grams[number] for gram, number in self._numbers.items()}
        at = {one: number for number, one in enumerate(self._kinds)}
        for word, own in self._classes.items():
            share = _CLASS_SHARE * sum(classes[at[one]] for one in own)
            weights[word] = weights.get(word, 0.0) + share
        return weights


def _descend(
    rows: Sequence[tuple[Sample, float]], grams: list[float], classes: list[float]
) -> float:
    """Fill in the weights and return the bias that separate the rows with the least loss."""
    bias = 0.0
    pulls = [0.0] * len(rows)
    order = list(range(len(rows)))
    chance = random.Random(_SEED)  # noqa: S311 - an order that is the same every time
    squares = [_square(sample) for sample, _ in rows]
    for turn in range(_ROUNDS):
        chance.shuffle(order)
        every = turn % _EVERY == 0
        moved = 0.0
        for number in order:
            if not every and not pulls[number]:
                continue
            sample, side = rows[number]
            value = bias + _value(sample, grams, classes)
            slope = side * value - 1 + pulls[number] / (2 * _LOSS)
            pull = max(0.0, pulls[number] - slope / (squares[number] + 1 / (2 * _LOSS)))
            step = (pull - pulls[number]) * side
            if step:
                pulls[number] = pull
                bias += step
                _move(sample, step, grams, classes)
                moved = max(moved, abs(step))
        if every and moved < _STILL:
            break
    return bias


def _value(sample: Sample, grams: Sequence[float], classes: Sequence[float]) -> float:
    own = sum([grams[number] for number in sample.grams])
    known = sum([classes[number] * count for number, count in sample.classes])
    return sample.scale * (own + _CLASS_SHARE * known)


def _move(sample: Sample, step: float, grams: list[float], classes: list[float]) -> None:
    step *= sample.scale
    for number in sample.grams:
        grams[number] += step
    step *= _CLASS_SHARE
    for number, count in sample.classes:
        classes[number] += step * count


def _square(sample: Sample) -> float:
    known = sum(count * count for _, count in sample.classes)
    return 1 + sample.scale**2 * (len(sample.grams) + _CLASS_SHARE**2 * known)


def _grams(letters: Sequence[str]) -> set[str]:
    return {
        part[place : place + size]
        for part in letters
        for size in (*_SIZES, _LONGEST_WORD)
        for place in range(len(part) - size + 1)
    }


def _classes() -> dict[str, list[str]]:
    """Return the classes of each word that the screening knows.

    The part of a topic that it plays, that part in any topic, and the kind of a cue that it begins.
    """
    words = vocabulary()
    classes: dict[str, set[str]] = {}
    for word, uses in zip(words.words, words.uses, strict=True):
        for topic, part in uses:
            own = (part.value,) if topic is None else (f"*{part}", f"{topic.kind} {part}")
            classes.setdefault(word, set()).update(own)
    for book in _BOOKS:
        for cue in CueBook.load(book).cues:
            for atom in atoms_of(cue.source)[0]:
                word = plain(words.folder.fold(atom))
                classes.setdefault(word, set()).add(f"{book} {cue.kind}")
    return {
        word: sorted(own)
        for word, own in classes.items()
        if _SHORTEST_WORD <= len(word) <= _LONGEST_WORD
    }
