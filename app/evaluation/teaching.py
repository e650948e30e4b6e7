"""Teaches the judgements of manner: which lessons each learns from, and the table it becomes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.evaluation.learning import Learner, Model
from app.evaluation.lessons import HEADLINES, Lesson
from app.screening.manner import ADVERTISING, CLAIM, CONTENT, PRETENCE
from app.screening.manner_weights import NEUTRAL, NOTE, STEP, UNIT

# Smaller weights say nothing.
_LEAST: Final = 12
_FIRST, _LAST = ord("!"), ord("~")
# Beside its own part a judgement's kinds learn from every third other lesson.
_EVERY: Final = 3


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is learned: the part whose hits are in question, and those parts beside it that pass.

    Hits of the parts in `not_hits` are left out: nobody has said what they are here. Where `kind`
    is given hits are all of that kind, else of the groups of their corpus. `offset` moves the
    border, so that the same weights are about as rare among ordinary texts in all judgements.
    """

    part: str
    beside: frozenset[str]
    not_hits: frozenset[str] = frozenset()
    kind: str = ""
    offset: int = 0

    def learns_from(self, lesson: Lesson) -> bool:
        """Say whether a lesson tells something."""
        if lesson.part in self.not_hits and lesson.kind:
            return False
        return lesson.part == self.part or lesson.part in self.beside

    def is_hit(self, lesson: Lesson) -> bool:
        """Say whether a lesson is an example of what is in question."""
        return lesson.part == self.part and bool(lesson.kind)


JUDGEMENTS: Final[Mapping[str, Judgement]] = {
    ADVERTISING: Judgement(
        "advertising",
        frozenset({"content", "news", HEADLINES}),
        frozenset({"content"}),
        kind="undeclared",
        offset=-200,
    ),
    CLAIM: Judgement("claims", frozenset(), kind="claim", offset=-600),
    PRETENCE: Judgement(
        "claims",
        frozenset({"content", "advertising", "news", HEADLINES}),
        frozenset({"content", "advertising"}),
        kind="pretence",
        offset=-320,
    ),
    CONTENT: Judgement(
        "content", frozenset({"claims", "advertising", "news", HEADLINES}), frozenset({"claims"})
    ),
}

Told = Callable[[int], None]


def table(learner: Learner, judgement: Judgement, taught: Sequence[int], told: Told) -> str:
    """Learn one judgement from the lessons of these numbers, and return its table.

    `told` hears how many kinds are learned. The same lessons give the same table.
    """
    lessons = learner.lessons
    taught = [number for number in taught if judgement.learns_from(lessons[number])]
    own = learner.learn(taught, judgement.is_hit)
    hits = [lessons[number] for number in taught if judgement.is_hit(lessons[number])]
    kinds = {judgement.kind: Model(judgement.offset / UNIT, {})}
    if not judgement.kind:
        kinds = dict(_kinds(learner, judgement, taught, told))
    ordinary = sum(lessons[number].part == HEADLINES for number in taught)
    notes = (
        "Written by `popgate learn`; nobody edits it by hand.",
        f"Learned from {len(hits)} hits and {len(taught) - len(hits)} others.",
        f"{ordinary} of these are headlines, which are not part of Popgate.",
        "bias and those of kinds; then: n-gram, weight, a letter a kind",
    )
    return "".join(f"{line}\n" for line in _written(notes, own, kinds))


def _kinds(
    learner: Learner, judgement: Judgement, taught: Sequence[int], told: Told
) -> Iterator[tuple[str, Model]]:
    """Learn to tell each kind of hits from the rest."""
    lessons = learner.lessons
    some = [
        number
        for place, number in enumerate(taught)
        if lessons[number].part == judgement.part or place % _EVERY == 0
    ]
    kinds = sorted({lessons[number].kind for number in taught if judgement.is_hit(lessons[number])})
    for number, kind in enumerate(kinds, 1):
        yield kind, learner.learn(some, _is_kind(judgement, kind))
        told(number)


def _is_kind(judgement: Judgement, kind: str) -> Callable[[Lesson], bool]:
    return lambda lesson: judgement.is_hit(lesson) and lesson.kind == kind


def _written(notes: Sequence[str], own: Model, kinds: Mapping[str, Model]) -> Iterator[str]:
    yield from (f"{NOTE}{note}" for note in notes)
    biases = [f"{kind}={round(model.bias * UNIT)}" for kind, model in kinds.items()]
    yield "\t".join([str(round(own.bias * UNIT)), *biases])
    for gram in sorted(own.weights):
        weight = round(own.weights[gram] * UNIT)
        if abs(weight) >= _LEAST:
            letters = (_letter(model.weights.get(gram, 0.0)) for model in kinds.values())
            yield f"{gram}\t{weight}\t{''.join(letters)}"


def _letter(weight: float) -> str:
    return chr(max(_FIRST, min(_LAST, NEUTRAL + round(weight * UNIT / STEP))))
