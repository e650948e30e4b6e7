"""Which pushes two persons rule on, each blind to the other, and what their rulings come to."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain.decision import RulingVerdict
from app.domain.push import MinorsAudience

TWO = 2


class PairReason(StrEnum):
    """Why a push needs two persons."""

    EMERGENCY = "emergency"
    AUDIENCE = "audience"
    MINORS = "minors"
    TOPIC = "topic"
    RULE = "rule"
    CREDIT = "credit"


class Awaited(StrEnum):
    """Whom a push that needs two waits for."""

    SECOND = "second"
    ARBITER = "arbiter"


@dataclass(frozen=True, slots=True)
class PairClasses:
    """Which pushes need two persons.

    `audience_over` is the largest audience that one may rule on; `topics` as pushes write them;
    `rules` those whose hold one alone may not clear; `most_refused` in `refused_days` is how many
    refused or withdrawn pushes a sender may have. None is no such class. Of what one person has
    ruled on, `recheck_percent` is judged again by another afterwards.
    """

    audience_over: int | None = None
    emergency: bool = False
    minors: bool = False
    topics: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    most_refused: int | None = None
    refused_days: int = 30
    recheck_percent: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether no push needs two."""
        return self == PairClasses(
            refused_days=self.refused_days, recheck_percent=self.recheck_percent
        )


@dataclass(frozen=True, slots=True)
class PairSubject:
    """What of a push decides whether it needs two.

    `audience` is None where nobody knows how many it reaches; `refused` counts the sender's
    pushes that were refused or withdrawn in the days that the classes name.
    """

    audience: int | None
    is_emergency: bool
    minors: str
    topic: str | None
    holds: tuple[str, ...]
    refused: int


def reasons_for(classes: PairClasses, subject: PairSubject) -> tuple[PairReason, ...]:
    """Return why a push needs two persons, nothing if one is enough.

    An audience that nobody can count is over every size.
    """
    over = classes.audience_over
    met = {
        PairReason.EMERGENCY: classes.emergency and subject.is_emergency,
        PairReason.AUDIENCE: over is not None
        and (subject.audience is None or subject.audience > over),
        PairReason.MINORS: classes.minors and subject.minors != MinorsAudience.EXCLUDED,
        PairReason.TOPIC: subject.topic is not None and subject.topic in classes.topics,
        PairReason.RULE: not set(classes.rules).isdisjoint(subject.holds),
        PairReason.CREDIT: classes.most_refused is not None
        and subject.refused > classes.most_refused,
    }
    return tuple(reason for reason, applies in met.items() if applies)


def outcome(verdicts: Sequence[RulingVerdict]) -> RulingVerdict | Awaited:
    """Return what the rulings on a push that needs two come to, in the order they were given.

    Two that do not approve agree that it must not go out, and the stricter one says how; where
    only one of two approves, a third person has the last word.
    """
    if len(verdicts) < TWO:
        return Awaited.SECOND
    approvals = sum(verdict is RulingVerdict.APPROVE for verdict in verdicts)
    if len(verdicts) > TWO:
        last = verdicts[-1]
        is_enough = last is not RulingVerdict.APPROVE or approvals >= TWO
        return last if is_enough else Awaited.ARBITER
    if approvals == 1:
        return Awaited.ARBITER
    strict = RulingVerdict.REFUSE if RulingVerdict.REFUSE in verdicts else RulingVerdict.RETURN
    return RulingVerdict.APPROVE if approvals else strict
