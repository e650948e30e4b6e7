"""Judges lessons by weights that were learned without them: in five parts, and file by file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from app.evaluation.learning import Learner
from app.evaluation.lessons import HEADLINES, Lesson
from app.evaluation.teaching import Judgement, table
from app.screening.manner_weights import Manners, root_of

_PARTS: Final = 5
# Neighbouring lessons share their subjects, so they are judged together.
_BLOCK: Final = 30
_CUTS: Final = (35, 40, 45, 50, 55, 60)
_FALSE_HITS: Final = 0.025


@dataclass(frozen=True, slots=True)
class Cut:
    """What is found from a weight on: shares of hits, of passes like them, and of headlines."""

    weight: int
    recall: float
    false_hits: float
    headlines: float


@dataclass(frozen=True, slots=True)
class Checked:
    """What a judgement would find among the learning texts, each judged without its neighbours.

    `strangers` has for each file the recall at 2.5 % false hits when all of it was left out.
    """

    hits: int
    passes: int
    cuts: tuple[Cut, ...]
    strangers: dict[str, float]


def checked(
    learner: Learner, name: str, judgement: Judgement, told: Callable[[int], None]
) -> Checked:
    """Learn five times and once a file more; takes minutes."""
    known = [one for one in range(len(learner.lessons)) if judgement.learns_from(_at(learner, one))]
    weights: dict[int, int] = {}
    for part in range(_PARTS):
        own = [one for one in known if _at(learner, one).line // _BLOCK % _PARTS == part]
        weights |= _judged(learner, name, judgement, known, own)
        told(part)
    asked = [one for one in known if _at(learner, one).part == judgement.part]
    hits = [weights[one] for one in asked if judgement.is_hit(_at(learner, one))]
    passes = [weights[one] for one in asked if not judgement.is_hit(_at(learner, one))]
    headlines = [weights[one] for one in known if _at(learner, one).part == HEADLINES]
    cuts = [
        Cut(cut, _share(hits, cut), _share(passes, cut), _share(headlines, cut)) for cut in _CUTS
    ]
    strangers: dict[str, float] = {}
    for file in sorted({_at(learner, one).file for one in asked}):
        own = [one for one in asked if _at(learner, one).file == file]
        found = _judged(learner, name, judgement, known, own)
        strangers[file] = _recall(learner, judgement, found)
        told(_PARTS + len(strangers))
    return Checked(len(hits), len(passes), tuple(cuts), strangers)


def _judged(
    learner: Learner, name: str, judgement: Judgement, known: Sequence[int], own: Sequence[int]
) -> dict[int, int]:
    """Return the weights of some lessons by what all others teach."""
    left_out = frozenset(own)
    taught = [one for one in known if one not in left_out]
    manners = Manners({name: table(learner, judgement, taught, _nobody)})
    found: dict[int, int] = {}
    for one in own:
        letters = _at(learner, one).letters
        numbers = {occurrence[0] for occurrence in manners.find(letters)}
        found[one] = manners.weights[name].likeness(numbers, root_of(letters)).weight
    return found


def _recall(learner: Learner, judgement: Judgement, found: dict[int, int]) -> float:
    """Return the share of hits above the weight that few enough passes reach."""
    hits = [weight for one, weight in found.items() if judgement.is_hit(_at(learner, one))]
    passes = sorted(found[one] for one in found if not judgement.is_hit(_at(learner, one)))
    allowed = int(len(passes) * _FALSE_HITS)
    return _share(hits, passes[-1 - allowed] + 1 if passes else 0)


def _share(weights: Sequence[int], least: int) -> float:
    return sum(weight >= least for weight in weights) / len(weights) if weights else 0.0


def _at(learner: Learner, number: int) -> Lesson:
    return learner.lessons[number]


def _nobody(_: int) -> None:
    """Hear nothing: the parts are told."""
