"""Until when the filing of an algorithm, its change and its end have to be reported (art. 24)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from app.domain.registers import AlgorithmFiling
from app.rules.limits import ALGORITHM_CHANGE_DAYS, ALGORITHM_END_DAYS, ALGORITHM_FILING_DAYS
from app.rules.working_days import Due, due_after


class Step(StrEnum):
    """What has to be reported."""

    FILING = "filing"
    CHANGE = "change"
    END = "end"


LIMITS: Final[Mapping[Step, str]] = {
    Step.FILING: ALGORITHM_FILING_DAYS,
    Step.CHANGE: ALGORITHM_CHANGE_DAYS,
    Step.END: ALGORITHM_END_DAYS,
}
"""The number of the rule pack that says within how many working days."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A step that became due on `since`; `done_on` is None while it was not taken."""

    step: Step
    since: date
    due: Due
    done_on: date | None

    def is_overdue(self, today: date) -> bool:
        """Tell whether it was not taken and its last day is over."""
        return self.done_on is None and today > self.due.day

    @property
    def was_late(self) -> bool:
        """Whether it was taken after its last day."""
        return self.done_on is not None and self.done_on > self.due.day


def deadlines(filing: AlgorithmFiling, days: Mapping[Step, int]) -> tuple[Deadline, ...]:
    """Return the deadlines of a filing whose beginnings are registered; `days` are working days.

    A change counts as reported from the first report on or after its day. The end counts as
    reported once the paper is revoked, so that a filing that stands has not reported it.
    """
    reported = filing.changed_on
    if reported is not None and filing.altered_on is not None and reported < filing.altered_on:
        reported = None
    begun = (
        (Step.FILING, filing.started_on, filing.filed_on),
        (Step.CHANGE, filing.altered_on, reported),
        (Step.END, filing.ended_on, None),
    )
    return tuple(
        Deadline(step, since, due_after(since, days[step]), done)
        for step, since, done in begun
        if since is not None
    )
